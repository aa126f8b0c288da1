package words

import (
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// Wish is what is wished for, as far as it is read back.
type Wish struct {
	Days     []time.Weekday
	Times    []booking.DayTime
	From, To booking.Date
	Km       int
	Sites    []string // names in the language
}

// WishOf takes from wishes what is read back, with the sites' names.
func WishOf(c *booking.Campaign, lang booking.Lang, w booking.Wishes) Wish {
	out := Wish{Days: w.Weekdays, Times: w.Times, From: w.NotBefore, To: w.NotAfter, Km: w.MaxKm}
	for _, code := range w.Sites {
		name := code
		if site, ok := c.Site(code); ok {
			name = site.Names.In(lang)
		}
		out.Sites = append(out.Sites, name)
	}
	return out
}

// wishWords are the plain words of a catalogue's table "wish"; {a}, {b} and {n} in them are filled in.
var wishWords = []string{
	"days", "days_between", "morning", "afternoon", "from", "until", "between", "or", "hour", "hour_minute", "noon", "day", "day_from", "day_until", "day_between",
	"within", "more", "anything",
}

// wish writes down in few words which days, when, and where. brief writes Monday to Friday as a span and hours from 0 to 24, and keeps only the
// beginning of a site's name.
func (l *language) wish(w Wish, brief bool) string {
	var parts []string
	for _, part := range []string{l.wishDays(w.Days, brief), l.wishTimes(w.Times, brief), l.wishDates(w.From, w.To), l.wishPlace(w, brief)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return l.wished["anything"]
	}
	if brief {
		return strings.Join(parts, " ")
	}
	return strings.Join(parts, l.between)
}

// filled puts values into plain words.
func filled(words string, values ...string) string {
	return strings.NewReplacer(values...).Replace(words)
}

func (l *language) wishDays(days []time.Weekday, brief bool) string {
	n := len(days)
	if n == 0 {
		return ""
	}
	if first, last := days[0], days[n-1]; brief && n > 2 && int(last-first+7)%7 == n-1 {
		return filled(l.wished["days"], "{a}", filled(l.wished["between"], "{a}", l.weekdays[first], "{b}", l.weekdays[last]))
	}
	names := make([]string, n)
	for i, d := range days {
		names[i] = l.weekdays[d]
	}
	return filled(l.wished["days"], "{a}", strings.Join(names, l.wished["days_between"]))
}

const (
	noon     = 12 * 60
	midnight = 24 * 60
)

func (l *language) wishTimes(times []booking.DayTime, brief bool) string {
	clock := l.wishClock
	if brief {
		clock = clock24
	}
	names := make([]string, len(times))
	for i, t := range times {
		from, to := clock(t.From), clock(t.To)
		switch {
		case t == booking.DayTime{From: 0, To: noon}:
			names[i] = l.wished["morning"]
		case t == booking.DayTime{From: noon, To: midnight}:
			names[i] = l.wished["afternoon"]
		case t.From == 0:
			names[i] = filled(l.wished["until"], "{a}", to)
		case t.To == midnight:
			names[i] = filled(l.wished["from"], "{a}", from)
		default:
			names[i] = filled(l.wished["between"], "{a}", from, "{b}", to)
		}
	}
	return strings.Join(names, l.wished["or"])
}

// wishClock writes a time of day so that it cannot be mistaken for one twelve hours away.
func (l *language) wishClock(minute int) string {
	t := time.Date(2000, time.January, 1, 0, minute, 0, 0, time.UTC)
	words := l.wished["hour"]
	switch {
	case minute == noon:
		words = l.wished["noon"]
	case t.Minute() > 0:
		words = l.wished["hour_minute"]
	}
	return filled(words, "{half}", l.given[halfOf(t)].Other, "{hour}", strconv.Itoa(hourOfHalf(t)), "{minute00}", twoDigits(t.Minute()))
}

// clock24 writes a time of day as clocks with 24 hours do.
func clock24(minute int) string { return strconv.Itoa(minute/60) + ":" + twoDigits(minute%60) }

func (l *language) wishDates(from, to booking.Date) string {
	day := func(d booking.Date) string {
		if d.IsZero() {
			return ""
		}
		return filled(l.wished["day"], "{month}", strconv.Itoa(int(d.Month)), "{month_name}", l.months[d.Month-1], "{day}", strconv.Itoa(d.Day))
	}
	words := ""
	switch {
	case from.IsZero() && to.IsZero():
	case from == to:
		return day(from)
	case to.IsZero():
		words = l.wished["day_from"]
	case from.IsZero():
		words = l.wished["day_until"]
		from = to
	default:
		words = l.wished["day_between"]
	}
	return filled(words, "{a}", day(from), "{b}", day(to))
}

// briefSite is how many characters of a site's name stay where there is little room.
const briefSite = 8

func (l *language) wishPlace(w Wish, brief bool) string {
	switch {
	case w.Km > 0:
		return filled(l.wished["within"], "{n}", strconv.Itoa(w.Km))
	case len(w.Sites) == 0:
		return ""
	}
	name := l.clean(w.Sites[0], '?')
	if r := []rune(name); brief && len(r) > briefSite {
		name = strings.TrimRight(string(r[:briefSite]), " ,.-(")
	}
	if more := len(w.Sites) - 1; more > 0 {
		name = filled(l.wished["more"], "{a}", name, "{n}", strconv.Itoa(more))
	}
	return name
}

// people lists several people, each with the number that means them.
func people(d *Data, between, numbered string) string {
	list := make([]string, len(d.Names))
	for i, n := range d.Names {
		list[i] = n + numbered + strconv.Itoa(d.First+i)
	}
	return strings.Join(list, between)
}
