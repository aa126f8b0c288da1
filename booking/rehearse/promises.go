package rehearse

import (
	"slices"
	"strings"
	"time"

	"jari/booking"
)

// promises compares the answers with what was announced.
func (r *Report) promises(t *timetable) {
	c := r.Campaign
	for _, s := range slices.Compact(slices.Clone(t.odd)) {
		r.find(Error, 0, "%s", s)
	}
	if len(c.Announced) == 0 {
		r.find(Warning, 0, "the file does not say what was announced (announced), so nothing shows whether the cohorts keep the promise; "+
			"and no alarm can tell in production that somebody is wrongly refused")
		return
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		spans(g.answers, func(a answer) bool { return a.announced >= 0 && a.code != "" }, func(from, to int) {
			r.broken(t, g, from, to)
		})
		spans(g.answers, func(a answer) bool { return a.announced < 0 && a.code == "" }, func(from, to int) {
			at, until := t.edges[from-1], t.edges[to-1]
			k := g.answers[from].cohort
			r.find(Warning, lineOf(r.lines.Cohorts, k), "people born %s are accepted from %s to %s (%s) by the cohort %s, which nobody announced: announce it, or correct the cohort",
				g.Born(), clock(c, at), clock(c, until), long(until.Sub(at)), c.Cohorts[k].Code)
		})
	}
}

// spans calls f with each stretch of answers that are so, as the first and one beyond the last. Nothing is open or
// announced before the first edge or from the last one on, so both are edges.
func spans(answers []answer, so func(answer) bool, f func(from, to int)) {
	for i := 1; i < len(answers); {
		if !so(answers[i]) {
			i++
			continue
		}
		j := i
		for j < len(answers) && so(answers[j]) {
			j++
		}
		f(i, min(j, len(answers)-1))
		i = j
	}
}

// broken is a promise that the campaign does not keep.
func (r *Report) broken(t *timetable, g *Group, from, to int) {
	c := r.Campaign
	at, until := t.edges[from-1], t.edges[to-1]
	said := lineOf(r.lines.Announced, g.answers[from].announced)
	line, why := said, "no cohort takes these birth dates"
	if k := g.answers[from].cohort; k >= 0 {
		line = lineOf(r.lines.Cohorts, k)
		cohort := &c.Cohorts[k]
		switch g.answers[from].code {
		case booking.CodeNotOpenYet:
			why = "the cohort " + cohort.Code + on(line) + " opens only at " + clock(c, cohort.Opens)
		default:
			why = "the cohort " + cohort.Code + on(line) + " is closed since " + clock(c, cohort.Closes)
		}
	}
	r.find(Error, line, "people born %s are refused from %s to %s, %s, with \"%s\", although it was announced%s that they may apply: %s",
		g.Born(), clock(c, at), clock(c, until), long(until.Sub(at)), refusal(g.answers[from].code), on(said), why)
}

// refusal is a refusal in words.
func refusal(code booking.Code) string {
	switch code {
	case booking.CodeNotOpenYet:
		return "not yet"
	case booking.CodeClosed:
		return "closed"
	case booking.CodeNotEligible:
		return "not eligible"
	}
	return string(code)
}

// gaps finds birth dates that nobody takes although older and younger people are taken.
func (r *Report) gaps() {
	var oldest, youngest booking.Date
	for i := range r.Groups {
		if g := &r.Groups[i]; g.accepted() {
			if oldest.IsZero() || g.From.Before(oldest) {
				oldest = g.From
			}
			if youngest.Before(g.To) {
				youngest = g.To
			}
		}
	}
	if oldest.IsZero() {
		r.find(Error, lineOf(r.lines.Cohorts, 0), "nobody may ever apply, whatever the birth date")
		return
	}
	for i := range r.Groups {
		if g := &r.Groups[i]; !g.accepted() && !g.From.Before(oldest) && !youngest.Before(g.To) {
			r.find(Warning, 0, "people born %s (%s) belong to no cohort, while older and younger people do", g.Born(), many(g.Days, "birth date", "birth dates"))
		}
	}
}

// overlaps finds pairs of cohorts that share birth dates. At different times that is a way of opening step by step; at
// once (possible only in one queue) the one that opens first takes the person.
func (r *Report) overlaps(t *timetable) {
	c := r.Campaign
	seen := map[[2]int]bool{}
	apart := 0
	for _, born := range t.sample {
		var takes []int
		for i := range c.Cohorts {
			if c.Cohorts[i].Takes(born) {
				takes = append(takes, i)
			}
		}
		for i, b := range takes {
			for _, a := range takes[:i] {
				if seen[[2]int{a, b}] {
					continue
				}
				seen[[2]int{a, b}] = true
				if from, to, both := together(&c.Cohorts[a], &c.Cohorts[b]); both {
					r.find(Warning, lineOf(r.lines.Cohorts, b), "the cohorts %s%s and %s both take people born %s from %s to %s; the one that stands first in the file takes them",
						c.Cohorts[a].Code, on(lineOf(r.lines.Cohorts, a)), c.Cohorts[b].Code, born, clock(c, from), clock(c, to))
				} else {
					apart++
				}
			}
		}
	}
	if apart > 0 {
		r.find(Note, 0, "%s the same people at different times, never at once", many(apart, "pair of cohorts takes", "pairs of cohorts take"))
	}
}

func together(a, b *booking.Cohort) (from, to time.Time, both bool) {
	from = slices.MaxFunc([]time.Time{a.Opens, b.Opens}, time.Time.Compare)
	to = slices.MinFunc([]time.Time{a.Closes, b.Closes}, time.Time.Compare)
	return from, to, from.Before(to)
}

// Told says in words what a group is told as time goes by.
func (r *Report) Told(g *Group) string {
	c := r.Campaign
	var parts []string
	for i, s := range g.Steps {
		switch {
		case s.Code == "":
			parts = append(parts, "cohort "+c.Cohorts[s.Cohort].Code+on(lineOf(r.lines.Cohorts, s.Cohort)))
		case s.Code == booking.CodeNotOpenYet && i+1 < len(g.Steps):
			parts = append(parts, "not yet until "+clock(c, g.Steps[i+1].At))
		case s.Code == booking.CodeClosed && !s.At.IsZero():
			parts = append(parts, "closed from "+clock(c, s.At))
		default:
			parts = append(parts, refusal(s.Code))
		}
	}
	return strings.Join(parts, ", then ")
}
