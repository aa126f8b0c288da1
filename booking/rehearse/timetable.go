package rehearse

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jari/booking"
)

// first is the earliest birth date that is tried.
var first = booking.Date{Year: 1900, Month: time.January, Day: 1}

// answer is what somebody who applies at an instant is told, and what the public was told about it.
type answer struct {
	code      booking.Code // empty: accepted
	cohort    int          // the cohort that takes or refuses, or -1
	announced int          // the announcement that says "you may apply", or -1
}

// Group is a set of birth dates that are answered alike at every instant.
type Group struct {
	From, To booking.Date
	Digits   []int // last digits of the days of birth; empty: every day
	Days     int   // how many birth dates
	answers  []answer
	Steps    []Step
}

// Step is what a group is told from one instant on, until the next step.
type Step struct {
	At     time.Time // zero: from the beginning
	Code   booking.Code
	Cohort int // index in the campaign's cohorts when accepted, otherwise -1
}

// timetable holds the answer to every birth date at every instant at which the answer could change.
//
// A birth date counts for the rules only through the cohorts (and announcements) that take it. So dates which all of them treat
// alike are one class, and the campaign is asked once for each class. A test asks it for every date.
type timetable struct {
	c       *booking.Campaign
	edges   []time.Time // every opening and closing, in order
	classes [][]answer  // class → its answers before the first edge and from each edge on
	sample  []booking.Date
	cohorts map[string]int // code → index
	dates   []dated
	odd     []string // where the answer did not stay the same between two edges
}

type dated struct {
	date    booking.Date
	class   int
	segment int // between two ends of a cohort's or announcement's birth dates
}

func newTimetable(c *booking.Campaign, today booking.Date) *timetable {
	t := &timetable{c: c, edges: edges(c), cohorts: map[string]int{"": -1}}
	for i, k := range c.Cohorts {
		t.cohorts[k.Code] = i
	}
	bounds := bounds(c)
	classes := map[string]int{}
	mark := make([]byte, len(c.Cohorts)+len(c.Announced))
	segment := 0
	for day := dayOf(first); ; day = day.AddDate(0, 0, 1) {
		d := booking.DateOf(day, time.UTC)
		if today.Before(d) {
			break
		}
		for len(bounds) > 0 && !d.Before(bounds[0]) {
			segment, bounds = segment+1, bounds[1:]
		}
		t.mark(mark, d)
		class, known := classes[string(mark)]
		if !known {
			class = len(t.classes)
			classes[string(mark)] = class
			t.classes, t.sample = append(t.classes, t.ask(d)), append(t.sample, d)
		}
		t.dates = append(t.dates, dated{d, class, segment})
	}
	return t
}

func dayOf(d booking.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// mark notes which cohorts and announcements take a birth date.
func (t *timetable) mark(out []byte, d booking.Date) {
	set := func(i int, yes bool) {
		out[i] = 0
		if yes {
			out[i] = 1
		}
	}
	for i := range t.c.Cohorts {
		set(i, t.c.Cohorts[i].Takes(d))
	}
	for i := range t.c.Announced {
		set(len(t.c.Cohorts)+i, t.c.Announced[i].Calls(d, t.c.Announced[i].Opens))
	}
}

// edges lists every opening and closing.
func edges(c *booking.Campaign) []time.Time {
	var all []time.Time
	for _, k := range c.Cohorts {
		all = append(all, k.Opens, k.Closes)
	}
	for _, a := range c.Announced {
		all = append(all, a.Opens, a.Closes)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// bounds lists every day on which somebody's birth dates begin, or have just ended.
func bounds(c *booking.Campaign) []booking.Date {
	var all []booking.Date
	add := func(from, to booking.Date) {
		all = append(all, from, booking.DateOf(dayOf(to).AddDate(0, 0, 1), time.UTC))
	}
	for _, k := range c.Cohorts {
		add(k.BornFrom, k.BornTo)
	}
	for _, a := range c.Announced {
		add(a.BornFrom, a.BornTo)
	}
	slices.SortFunc(all, func(a, b booking.Date) int { return dayOf(a).Compare(dayOf(b)) })
	return slices.Compact(all)
}

// ask applies with a birth date the minute before, at, and the minute after each edge. Between two edges nothing may
// change; where it does all the same, that is noted.
func (t *timetable) ask(born booking.Date) []answer {
	out := make([]answer, len(t.edges)+1)
	calls := t.called(born)
	if len(t.edges) == 0 {
		out[0] = t.answer(born, calls, time.Time{})
		return out
	}
	out[0] = t.answer(born, calls, t.edges[0].Add(-time.Minute))
	for i, e := range t.edges {
		out[i+1] = t.answer(born, calls, e)
	}
	for _, e := range t.edges {
		for _, at := range []time.Time{e.Add(-time.Minute), e.Add(time.Minute)} {
			i, there := slices.BinarySearchFunc(t.edges, at, time.Time.Compare)
			if there {
				i++
			}
			if got := t.answer(born, calls, at); got.code != out[i].code || got.announced != out[i].announced {
				t.odd = append(t.odd, fmt.Sprintf("somebody born %s is told something else at %s than at the opening or closing before it", born, clock(t.c, at)))
			}
		}
	}
	return out
}

// called lists the announcements that speak to a birth date at some time.
func (t *timetable) called(born booking.Date) (out []int) {
	for i := range t.c.Announced {
		if t.c.Announced[i].Calls(born, t.c.Announced[i].Opens) {
			out = append(out, i)
		}
	}
	return out
}

func (t *timetable) answer(born booking.Date, calls []int, at time.Time) answer {
	a := answer{announced: -1}
	for _, i := range calls {
		if t.c.Announced[i].Calls(born, at) {
			a.announced = i
			break
		}
	}
	k, err := booking.Eligible(t.c, born, at)
	a.cohort = t.cohorts[k.Code]
	var refused *booking.Error
	if errors.As(err, &refused) {
		a.code = refused.Code
	}
	return a
}

// groups joins birth dates that are answered alike: neighbours, and days with the same last digits.
func (t *timetable) groups() []Group {
	same := t.timelines()
	var out []Group
	for i := 0; i < len(t.dates); {
		j := i
		for j < len(t.dates) && t.dates[j].segment == t.dates[i].segment {
			j++
		}
		out = appendGroups(out, t.segment(t.dates[i:j], same))
		i = j
	}
	for i := range out {
		out[i].Steps = t.steps(out[i].answers)
	}
	return out
}

// timelines gives classes with equal answers the same number.
func (t *timetable) timelines() []int {
	known, out := map[string]int{}, make([]int, len(t.classes))
	for i, answers := range t.classes {
		key := fmt.Sprint(answers)
		n, ok := known[key]
		if !ok {
			n = i
			known[key] = n
		}
		out[i] = n
	}
	return out
}

// segment groups the dates between two bounds, where only the digit can tell them apart.
func (t *timetable) segment(dates []dated, same []int) []Group {
	var order []int
	byLine := map[int]*Group{}
	have := map[int]*[10]bool{}
	var all [10]bool
	for _, d := range dates {
		n := same[d.class]
		g := byLine[n]
		if g == nil {
			g = &Group{From: dates[0].date, To: dates[len(dates)-1].date, answers: t.classes[n]}
			byLine[n], have[n] = g, &[10]bool{}
			order = append(order, n)
		}
		g.Days++
		have[n][d.date.Day%10], all[d.date.Day%10] = true, true
	}
	out := make([]Group, 0, len(order))
	for _, n := range order {
		g := byLine[n]
		if *have[n] != all {
			for digit, yes := range have[n] {
				if yes {
					g.Digits = append(g.Digits, digit)
				}
			}
		}
		out = append(out, *g)
	}
	return out
}

// appendGroups adds the groups of the next segment, and lengthens those that go on in it.
func appendGroups(out, next []Group) []Group {
	for _, g := range next {
		i := len(out) - 1
		for ; i >= 0; i-- {
			o := &out[i]
			if dayOf(o.To).AddDate(0, 0, 1).Equal(dayOf(g.From)) && slices.Equal(o.Digits, g.Digits) && slices.Equal(o.answers, g.answers) {
				o.To, o.Days = g.To, o.Days+g.Days
				break
			}
		}
		if i < 0 {
			out = append(out, g)
		}
	}
	return out
}

// steps keeps of the answers what a person would notice.
func (t *timetable) steps(answers []answer) []Step {
	var out []Step
	for i, a := range answers {
		s := Step{Code: a.code, Cohort: -1}
		if a.code == "" {
			s.Cohort = a.cohort
		}
		if i > 0 {
			s.At = t.edges[i-1]
		}
		if n := len(out); n > 0 && out[n-1].Code == s.Code && out[n-1].Cohort == s.Cohort {
			continue
		}
		out = append(out, s)
	}
	return out
}

// Born names the group's birth dates.
func (g *Group) Born() string {
	s := g.From.String()
	if g.From != g.To {
		s += " … " + g.To.String()
	}
	if len(g.Digits) > 0 {
		s += " on days ending in " + join(g.Digits)
	}
	return s
}

func join(digits []int) string {
	words := make([]string, len(digits))
	for i, d := range digits {
		words[i] = fmt.Sprint(d)
	}
	return strings.Join(words, ", ")
}

// accepted reports whether anybody of the group may ever apply.
func (g *Group) accepted() bool {
	return slices.ContainsFunc(g.Steps, func(s Step) bool { return s.Code == "" })
}
