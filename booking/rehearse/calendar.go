package rehearse

import (
	"time"

	"jari/booking"
)

// calendar counts days from the first slot's on.
type calendar struct {
	zone  *time.Location
	first booking.Date
	days  int
}

func newCalendar(c *booking.Campaign) calendar {
	cal := calendar{zone: c.Zone}
	var last booking.Date
	for i := range c.Slots {
		d := booking.DateOf(c.Slots[i].Starts, cal.zone)
		if cal.first.IsZero() || d.Before(cal.first) {
			cal.first = d
		}
		if last.Before(d) {
			last = d
		}
	}
	if !cal.first.IsZero() {
		cal.days = cal.index(last) + 1
	}
	return cal
}

func (cal calendar) index(d booking.Date) int { return d.Since(cal.first) }

func (cal calendar) of(t time.Time) int { return cal.index(booking.DateOf(t, cal.zone)) }

func (cal calendar) date(i int) booking.Date { return cal.first.Add(i) }

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
