package rehearse

import (
	"time"

	"jari/booking"
)

// Series says whether later doses find a seat in time.
type Series struct {
	Doses          int
	Least, Most    int // days between two doses
	SameSite       bool
	Missed         int // later doses that find no seat in time
	After          int // of these, such whose time ends after the last day with seats
	First, Last    booking.Date
	Worst          string // the site with most of them, with SameSite
	WorstMissed    int
	AsIfAllCame    bool // nobody is expected by the file: as if every seat were wanted
	firstAt, endAt int
}

// flow seats people day by day: first whoever is due for a later dose, the longest waiting first, then new people in the order of
// their first round.
type flow struct {
	site   string
	seats  []int
	series *booking.Series
	come   []coming // in order

	fresh, later, wait []int
	given              []given
	due                []due
	missed             []due
	unseated           int
}

// coming are people of one cohort who can have a seat from a day on.
type coming struct {
	cohort, day, n int
	first          time.Time
}

// due are people who had their last dose on one day and need the next.
type due struct {
	day, dose, n int
}

const aDay = 24 * time.Hour

func (f *flow) run() {
	n := len(f.seats)
	f.fresh, f.later, f.wait = make([]int, n), make([]int, n), make([]int, n)
	for day, seats := range f.seats {
		seats -= f.laterDoses(day, seats)
		f.newPeople(day, seats)
	}
	f.missed = append(f.missed, f.due...)
	for _, c := range f.come {
		if c.cohort >= 0 {
			f.unseated += c.n
		}
	}
}

// laterDoses serves whoever is due, and lets go of those whose time is over.
func (f *flow) laterDoses(day, seats int) (used int) {
	if f.series == nil {
		return 0
	}
	least, most := f.between()
	var keep, next []due
	for _, d := range f.due {
		switch {
		case day > d.day+most:
			f.missed = append(f.missed, d)
			continue
		case day >= d.day+least && used < seats:
			n := min(d.n, seats-used)
			used, d.n = used+n, d.n-n
			if d.dose+1 < f.series.Doses {
				next = append(next, due{day, d.dose + 1, n})
			}
		}
		if d.n > 0 {
			keep = append(keep, d)
		}
	}
	f.due = append(keep, next...)
	f.later[day] = used
	return used
}

// between is the least and the longest distance between two doses, in whole days.
func (f *flow) between() (least, most int) {
	return int((f.series.Least + aDay - 1) / aDay), int(f.series.Most / aDay)
}

func (f *flow) newPeople(day, seats int) {
	got := 0
	for i := range f.come {
		c := &f.come[i]
		if c.day > day {
			continue
		}
		n := min(c.n, seats)
		c.n, seats, got = c.n-n, seats-n, got+n
		if n > 0 && c.cohort >= 0 {
			f.given = append(f.given, given{c.cohort, day, n})
		}
		if c.cohort >= 0 {
			f.wait[day] += c.n
		}
	}
	f.fresh[day] = got
	if f.series != nil && got > 0 {
		f.due = append(f.due, due{day, 1, got})
	}
}

func (s *Supply) series(c *booking.Campaign, cal calendar, flows []*flow) {
	if c.Series == nil || len(flows) == 0 {
		return
	}
	least, most := flows[0].between()
	out := &Series{Doses: c.Series.Doses, Least: least, Most: most, SameSite: c.Series.SameSite, AsIfAllCame: !s.Known, firstAt: cal.days}
	for _, f := range flows {
		here := 0
		for _, d := range f.missed {
			here += d.n
			if d.day+most >= cal.days {
				out.After += d.n
			}
			out.firstAt, out.endAt = min(out.firstAt, d.day), max(out.endAt, d.day)
		}
		out.Missed += here
		if here > out.WorstMissed {
			out.Worst, out.WorstMissed = f.site, here
		}
	}
	if out.Missed > 0 {
		out.First, out.Last = cal.date(out.firstAt), cal.date(out.endAt)
	}
	s.Series = out
}

func (r *Report) judgeSeries() {
	s := r.Supply.Series
	if s == nil || s.Missed == 0 {
		return
	}
	severity, who := Error, "people whose dose before falls"
	if s.AsIfAllCame {
		severity, who = Warning, "people, if every seat is wanted, whose dose before falls"
	}
	worst := ""
	if s.Worst != "" {
		worst = ", most of them (" + count(s.WorstMissed) + ") at " + s.Worst
	}
	r.find(severity, r.lines.Series, "%s %s between %s and %s find no seat for the next dose within %d to %d days%s; for %s of them that time ends after the last day with seats: add days or doses, or give fewer first doses",
		count(s.Missed), who, s.First, s.Last, s.Least, s.Most, worst, count(s.After))
}
