package campaignfile

import (
	"time"

	"jari/booking"
)

// Shift moves a campaign's whole calendar so that its first opening falls on the given instant. Openings, closings and
// first rounds keep their distances. Slots move by whole days, by as many as the opening did, so that they keep their hours
// of the day; then further, if need be, until in each pool the first slot leaves the notice that the first round owes.
// Days of the week are not kept. Windows and announcements move with the openings, supplies with the slots. A campaign without cohorts stays as it is.
func Shift(c *booking.Campaign, opening time.Time) {
	if len(c.Cohorts) == 0 {
		return
	}
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	first := c.Cohorts[0].Opens
	for _, k := range c.Cohorts {
		if k.Opens.Before(first) {
			first = k.Opens
		}
	}
	days := booking.DateOf(opening, zone).Since(booking.DateOf(first, zone))
	by := opening.Sub(first)
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		k.Opens, k.Closes, k.FirstRound = k.Opens.Add(by).In(zone), k.Closes.Add(by).In(zone), k.FirstRound.Add(by).In(zone)
		if !k.Window.IsZero() {
			k.Window = k.Window.Add(by).In(zone)
		}
	}
	for i := range c.Announced {
		a := &c.Announced[i]
		a.Opens, a.Closes = a.Opens.Add(by).In(zone), a.Closes.Add(by).In(zone)
	}
	days = enoughDays(c, zone, days)
	for i := range c.Supplies {
		s := &c.Supplies[i]
		s.From, s.To = s.From.Add(days), s.To.Add(days)
	}
	for i := range c.Slots {
		s := &c.Slots[i]
		long := s.Ends.Sub(s.Starts)
		s.Starts = moveDays(s.Starts, zone, days)
		s.Ends = s.Starts.Add(long)
	}
}

// moveDays moves an instant by days and keeps what the clocks in the zone show; where they skip that time, it lands next
// to it.
func moveDays(t time.Time, zone *time.Location, days int) time.Time {
	y, m, d := t.In(zone).Date()
	h, min, s := t.In(zone).Clock()
	return time.Date(y, m, d+days, h, min, s, t.Nanosecond(), zone)
}

// enoughDays is the least number of days, not below days, after which the first slot of each pool leaves the notice of
// that pool's first round. Pools that no cohort uses fit anywhere.
func enoughDays(c *booking.Campaign, zone *time.Location, days int) int {
	starts := map[string]time.Time{}
	for _, s := range c.Slots {
		if t, ok := starts[s.Pool]; !ok || s.Starts.Before(t) {
			starts[s.Pool] = s.Starts
		}
	}
	earliest := map[string]time.Time{}
	for _, k := range c.Cohorts {
		from := k.FirstRound.Add(k.Notice)
		if t, ok := earliest[k.Pool]; !ok || from.Before(t) {
			earliest[k.Pool] = from
		}
	}
	for pool, from := range earliest {
		for t, ok := starts[pool]; ok && moveDays(t, zone, days).Before(from); {
			days++
		}
	}
	return days
}
