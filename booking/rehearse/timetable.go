package rehearse

import (
	"errors"
	"fmt"
	"slices"
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
	for d := first; !today.Before(d); d = d.Add(1) {
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
		all = append(all, from, to.Add(1))
	}
	for _, k := range c.Cohorts {
		add(k.BornFrom, k.BornTo)
	}
	for _, a := range c.Announced {
		add(a.BornFrom, a.BornTo)
	}
	slices.SortFunc(all, booking.Date.Compare)
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
