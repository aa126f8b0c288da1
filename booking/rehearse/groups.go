package rehearse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"jari/booking"
)

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
			if o.To.Add(1) == g.From && slices.Equal(o.Digits, g.Digits) && slices.Equal(o.answers, g.answers) {
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
