package campaignfile

import (
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
	// firstRoundAfter is how long after the opening slots are given first, unless the file says otherwise: long enough for
	// people with bad connections to be heard.
	firstRoundAfter = 15 * time.Minute
	defaultNotice   = 24 * time.Hour
	defaultDeclines = 3
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
	}
	for i, b := range l.cohorts {
		for _, a := range l.cohorts[:i] {
			checkPair(a, b)
		}
	}
}

func (l *loader) cohort(item node) cohortAt {
	f := item.fields("code", "names", "born_from", "born_to", "opens", "closes", "first_round", "order", "verify", "queue",
		"pool", "notice", "declines")
	k := cohortAt{f: f, whole: true}
	var ok bool
	if k.Code, ok = need(f, "code", "a short name such as born-1967", cell.code); !ok {
		k.whole = false
	}
	k.Names = l.names(f, "names", "the cohort's name in each language")
	l.bornAndTimes(&k)
	k.Order, _ = opt(f, "order", booking.ByArrival, cell.order)
	k.Verify, _ = opt(f, "verify", booking.BeforeOffer, oneOf(booking.BeforeOffer, booking.ByOffer))
	k.Queue, _ = opt(f, "queue", k.Code, cell.code)
	k.Notice, _ = opt(f, "notice", defaultNotice, span(0, 90*24*time.Hour))
	k.Declines, _ = opt(f, "declines", defaultDeclines, integer(1, 100))
	if k.Pool = l.onlyPool(); k.Pool == "" || f.has("pool") {
		if k.Pool, ok = need(f, "pool", "the pool that its people get slots from", cell.code); ok {
			l.checkPool(f.at("pool"), k.Pool)
		}
	}
	return k
}

// bornAndTimes reads the birth dates and the calendar of a cohort.
func (l *loader) bornAndTimes(k *cohortAt) {
	f, when := k.f, instant(l.zone)
	from, ok1 := need(f, "born_from", "the first birth date that belongs, such as 1967-01-01", cell.date)
	to, ok2 := need(f, "born_to", "the last birth date that belongs, such as 1968-12-31", cell.date)
	if ok1 && ok2 && to.Before(from) {
		f.at("born_to").problem("lies before born_from (%s): exchange the two", from)
		ok2 = false
	}
	opens, ok3 := need(f, "opens", "the opening, such as 2021-07-19 20:00", when)
	closes, ok4 := need(f, "closes", "the closing, such as 2021-07-24 18:00", when)
	if ok3 && ok4 && !opens.Before(closes) {
		f.at("closes").problem("is not after the opening (%s): write a later time", opens.Format(localLayouts[0]))
		ok4 = false
	}
	first, ok5 := opt(f, "first_round", opens.Add(firstRoundAfter), when)
	if ok3 && ok5 && first.Before(opens) {
		f.at("first_round").problem("lies before the opening (%s): slots are given only afterwards", opens.Format(localLayouts[0]))
	}
	k.BornFrom, k.BornTo, k.Opens, k.Closes, k.FirstRound = from, to, opens, closes, first
	k.whole = k.whole && ok1 && ok2 && ok3 && ok4
}

// order reads the order rule. Lots are planned but not there yet, and a campaign must not believe otherwise.
func (c cell) order() (booking.OrderRule, bool) {
	if c.text == "draw" {
		c.problem("draw is not supported yet: write arrival")
		return "", false
	}
	return oneOf(booking.ByArrival)(c)
}

// checkPair looks at two cohorts, b standing after a. People who fit both while both are open could stand in one or the
// other queue by chance, unless it is the same queue.
func checkPair(a, b cohortAt) {
	if a.Queue == b.Queue && a.Queue != "" {
		if a.Pool != b.Pool && a.Pool != "" && b.Pool != "" {
			b.f.at("pool").problem("the queue %s takes its slots from the pool %s (cohort %s): write the same pool or another queue", b.Queue, a.Pool, a.Code)
		}
		if a.whole && b.whole && !a.FirstRound.Equal(b.FirstRound) {
			b.f.at("first_round").problem("the queue %s has its first round at %s (cohort %s): a queue has one first round, write the same instant or another queue", b.Queue, a.FirstRound.Format("2006-01-02 15:04"), a.Code)
		}
		return
	}
	if !a.whole || !b.whole || a.Queue == "" || b.Queue == "" {
		return
	}
	sameBirths := !b.BornTo.Before(a.BornFrom) && !a.BornTo.Before(b.BornFrom)
	sameTime := a.Opens.Before(b.Closes) && b.Opens.Before(a.Closes)
	if sameBirths && sameTime {
		b.f.at("born_from").problem("takes birth dates that the cohort %s takes too (line %d) while both are open: separate the dates or the times, or give both one queue",
			a.Code, a.f.line)
	}
}
