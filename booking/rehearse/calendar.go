package rehearse

import (
	"time"

	"jari/booking"
)

// calendar counts days from the first slot's on.
type calendar struct {
	zone  *time.Location
	first time.Time // midnight in UTC
	days  int
}

func newCalendar(c *booking.Campaign) calendar {
	cal := calendar{zone: c.Zone}
	if cal.zone == nil {
		cal.zone = time.UTC
	}
	last := time.Time{}
	for i := range c.Slots {
		d := dayOf(booking.DateOf(c.Slots[i].Starts, cal.zone))
		if cal.first.IsZero() || d.Before(cal.first) {
			cal.first = d
		}
		if d.After(last) {
			last = d
		}
	}
	if !cal.first.IsZero() {
		cal.days = int(last.Sub(cal.first)/(24*time.Hour)) + 1
	}
	return cal
}

func (cal calendar) index(d booking.Date) int { return int(dayOf(d).Sub(cal.first) / (24 * time.Hour)) }

func (cal calendar) of(t time.Time) int { return cal.index(booking.DateOf(t, cal.zone)) }

func (cal calendar) date(i int) booking.Date {
	return booking.DateOf(cal.first.AddDate(0, 0, i), time.UTC)
}

// seatPlan is what there is to give: pool → site → day.
type seatPlan map[string]map[string][]int

func (p seatPlan) add(pool, site string, day, days, n int) {
	if p[pool] == nil {
		p[pool] = map[string][]int{}
	}
	if p[pool][site] == nil {
		p[pool][site] = make([]int, days)
	}
	p[pool][site][day] += n
}
