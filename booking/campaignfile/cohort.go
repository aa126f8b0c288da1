package campaignfile

import (
	"slices"
	"time"

	"jari/booking"
)

// cohortAt is a cohort with the place it stands at, for the checks that look at two of them.
type cohortAt struct {
	booking.Cohort
	f     fields
	whole bool // its dates and times could be read
}

const (
	maxCohorts = 500
	maxNotice  = 90 * 24 * time.Hour
	// firstRoundAfter is how long after the opening slots are given first, unless the file says otherwise: long enough for
	// people with bad connections to be heard.
	firstRoundAfter = 15 * time.Minute
	defaultNotice   = 24 * time.Hour
	defaultDeclines = 3
	maxExpected     = 100_000_000
)

func (l *loader) cohortList(f fields) {
	n, ok := f.node("cohorts", "the groups that may apply, each with code, names, birth dates and opening")
	if !ok {
		return
	}
	items := n.items()
	if len(items) > maxCohorts {
		n.problem("has %d cohorts: at most %d are possible", len(items), maxCohorts)
		return
	}
	seen := map[string]spot{}
	for _, item := range items {
		k := l.cohort(item)
		if k.Code != "" && !unique(seen, k.Code, k.f.at("code"), "cohort") {
			continue
		}
		l.cohorts = append(l.cohorts, k)
		l.c.Cohorts = append(l.c.Cohorts, k.Cohort)
		l.lines.Cohorts = append(l.lines.Cohorts, item.line)
	}
	for i, b := range l.cohorts {
		for _, a := range l.cohorts[:i] {
			checkPair(a, b)
		}
	}
}

func (l *loader) cohort(item node) cohortAt {
	f := item.fields("code", "names", "born_from", "born_to", "birth_digits", "opens", "closes", "first_round", "order", "window",
		"public_value", "verify", "queue", "pool", "notice", "declines", "lapse", "expected")
	k := cohortAt{f: f, whole: true}
	var ok bool
	if k.Code, ok = need(f, "code", "a short name such as born-1967", cell.code); !ok {
		k.whole = false
	}
	k.Names = l.names(f, "names", "the cohort's name in each language")
	l.bornAndTimes(&k)
	l.orderRule(&k)
	k.Verify, _ = opt(f, "verify", booking.BeforeOffer, oneOf(booking.BeforeOffer, booking.ByOffer))
	k.Queue, _ = opt(f, "queue", k.Code, cell.code)
	k.Notice, _ = opt(f, "notice", defaultNotice, span(0, maxNotice))
	k.Declines, _ = opt(f, "declines", defaultDeclines, integer(1, 100))
	k.Lapse, _ = opt(f, "lapse", 0, span(time.Hour, maxNotice))
	k.Expected, _ = opt(f, "expected", 0, integer(1, maxExpected))
	if k.Pool = l.onlyPool(); k.Pool == "" || f.has("pool") {
		if k.Pool, ok = need(f, "pool", "the pool that its people get slots from", cell.code); ok {
			l.checkPool(f.at("pool"), k.Pool)
		}
	}
	return k
}

// births reads the birth dates and digits that belong.
func births(f fields) (from, to booking.Date, digits []int, ok bool) {
	from, ok1 := need(f, "born_from", "the first birth date that belongs, such as 1967-01-01", cell.date)
	to, ok2 := need(f, "born_to", "the last birth date that belongs, such as 1968-12-31", cell.date)
	if ok1 && ok2 && to.Before(from) {
		f.at("born_to").problem("lies before born_from (%s): exchange the two", from)
		ok2 = false
	}
	digits, ok3 := birthDigits(f)
	return from, to, digits, ok1 && ok2 && ok3
}

// birthDigits reads the last digits of the day of birth, in order.
func birthDigits(f fields) (digits []int, ok bool) {
	digits, ok = distinct(f.list("birth_digits"), integer(0, 9))
	slices.Sort(digits)
	return digits, ok && (len(digits) > 0 || !f.has("birth_digits"))
}

// opening reads when something opens and closes.
func (l *loader) opening(f fields) (opens, closes time.Time, okOpens, okCloses bool) {
	when := instant(l.zone)
	opens, okOpens = need(f, "opens", "the opening, such as 2021-07-19 20:00", when)
	closes, okCloses = need(f, "closes", "the closing, such as 2021-07-24 18:00", when)
	if okOpens && okCloses && !opens.Before(closes) {
		f.at("closes").problem("is not after the opening (%s): write a later time", opens.Format(localLayouts[0]))
		okCloses = false
	}
	return opens, closes, okOpens, okCloses
}

// bornAndTimes reads the birth dates and the calendar of a cohort.
func (l *loader) bornAndTimes(k *cohortAt) {
	f := k.f
	var okBorn, okOpens, okCloses bool
	k.BornFrom, k.BornTo, k.BirthDigits, okBorn = births(f)
	k.Opens, k.Closes, okOpens, okCloses = l.opening(f)
	first, ok := opt(f, "first_round", k.Opens.Add(firstRoundAfter), instant(l.zone))
	if okOpens && ok && first.Before(k.Opens) {
		f.at("first_round").problem("lies before the opening (%s): slots are given only afterwards", k.Opens.Format(localLayouts[0]))
	}
	k.FirstRound = first
	k.whole = k.whole && okBorn && okOpens && okCloses
}

// orderRule reads what decides the order. Of a draw everything is written down beforehand: until when everybody is equal, and
// which public value the lots will hang on. Its first round has no default, because that value must be known by then.
func (l *loader) orderRule(k *cohortAt) {
	f := k.f
	var ok bool
	if k.Order, ok = opt(f, "order", booking.ByArrival, oneOf(booking.ByArrival, booking.ByDraw)); !ok {
		return
	}
	if k.Order != booking.ByDraw {
		for _, key := range []string{"window", "public_value"} {
			if f.has(key) {
				f.at(key).problem("only goes with order: draw; delete it or change the order")
			}
		}
		return
	}
	k.PublicValue, _ = need(f, "public_value", "the public value that will enter the draw, such as \"the winning numbers of lottery draw 972\"", cell.label)
	if !f.has("first_round") {
		f.at("first_round").problem("is missing: write a time after the window, when the public value will be known")
	}
	if k.Window, ok = need(f, "window", "until when all who apply are equal, such as 2021-07-19 22:00", instant(l.zone)); !ok || !k.whole {
		return
	}
	switch {
	case !k.Opens.Before(k.Window):
		f.at("window").problem("is not after the opening (%s): it is the end of the draw's window, write a later time", k.Opens.Format(localLayouts[0]))
	case k.Closes.Before(k.Window):
		f.at("window").problem("lies after the closing (%s): write a time until then", k.Closes.Format(localLayouts[0]))
	case f.has("first_round") && !k.FirstRound.IsZero() && !k.Window.Before(k.FirstRound):
		f.at("first_round").problem("is not after the window (%s): the lots are drawn between the two", k.Window.Format(localLayouts[0]))
	}
}

// checkPair looks at two cohorts, b standing after a. People who fit both while both are open could stand in one or the
// other queue by chance, unless it is the same queue.
func checkPair(a, b cohortAt) {
	if a.Queue == b.Queue && a.Queue != "" {
		checkQueue(a, b)
		return
	}
	if !a.whole || !b.whole || a.Queue == "" || b.Queue == "" {
		return
	}
	sameTime := a.Opens.Before(b.Closes) && b.Opens.Before(a.Closes)
	if born, both := takenByBoth(&a.Cohort, &b.Cohort); both && sameTime {
		b.f.at("born_from").problem("takes birth dates that the cohort %s takes too (line %d, %s for one) while both are open: separate the dates or the times, or give both one queue",
			a.Code, a.f.line, born)
	}
}

// checkQueue looks at two cohorts of one queue, which must agree on what belongs to the queue.
func checkQueue(a, b cohortAt) {
	if a.Pool != b.Pool && a.Pool != "" && b.Pool != "" {
		b.f.at("pool").problem("the queue %s takes its slots from the pool %s (cohort %s): write the same pool or another queue", b.Queue, a.Pool, a.Code)
	}
	if !a.whole || !b.whole || a.Order == "" || b.Order == "" {
		return
	}
	if !a.FirstRound.Equal(b.FirstRound) {
		b.f.at("first_round").problem("the queue %s has its first round at %s (cohort %s): a queue has one first round, write the same instant or another queue",
			b.Queue, a.FirstRound.Format(localLayouts[0]), a.Code)
	}
	switch {
	case a.Order != b.Order:
		b.f.at("order").problem("the queue %s goes by %s (cohort %s): a queue has one order, write the same or another queue", b.Queue, a.Order, a.Code)
	case a.Order == booking.ByDraw && (!a.Opens.Equal(b.Opens) || !a.Window.Equal(b.Window) || a.PublicValue != b.PublicValue):
		b.f.at("window").problem("the queue %s has its draw with another opening, window or public value (cohort %s): a queue has one draw, write the same or another queue", b.Queue, a.Code)
	}
}

// mostSearched is how many days of a common range hold every digit for sure: two months.
const mostSearched = 62

// takenByBoth finds the first birth date that belongs to both cohorts.
func takenByBoth(a, b *booking.Cohort) (booking.Date, bool) {
	from := slices.MaxFunc([]booking.Date{a.BornFrom, b.BornFrom}, booking.Date.Compare)
	to := slices.MinFunc([]booking.Date{a.BornTo, b.BornTo}, booking.Date.Compare)
	for n := range min(mostSearched, to.Since(from)+1) {
		if born := from.Add(n); a.Takes(born) && b.Takes(born) {
			return born, true
		}
	}
	return booking.Date{}, false
}
