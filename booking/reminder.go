package booking

import (
	"slices"
	"time"
)

// Reminding is when a person is reminded of an appointment.
type Reminding string

const (
	DayBefore Reminding = "day_before" // in the afternoon of the day before
	Morning   Reminding = "morning"    // on the day itself
)

const (
	dayBeforeHour = 17            // early enough to give the time back while somebody can still be offered it
	morningHour   = 8             // of an appointment that begins later
	beforeEarly   = 2 * time.Hour // how long before an early one
	leastAhead    = time.Hour     // a reminder that comes later than this before the start helps nobody
)

// RemindedAt are a campaign's reminders in the order in which they come.
func (c *Campaign) RemindedAt() []Reminding {
	if c.Reminders == nil {
		return []Reminding{DayBefore, Morning}
	}
	return slices.SortedFunc(slices.Values(c.Reminders), func(a, b Reminding) int {
		return slices.Index([]Reminding{DayBefore, Morning}, a) - slices.Index([]Reminding{DayBefore, Morning}, b)
	})
}

// At is when a person is reminded of an appointment that starts at an instant; false when this reminder does not come, because the only hours
// left for it are quiet ones. A later start is never reminded of earlier. So an appointment at 8:30 is reminded of on the evening before only.
func (r Reminding) At(starts time.Time, l Limits, zone *time.Location) (time.Time, bool) {
	l, local := l.WithDefaults(), starts.In(zone)
	y, m, d := local.Date()
	if r == DayBefore {
		for h := dayBeforeHour; h > 0; h-- {
			if at := time.Date(y, m, d-1, h, 0, 0, 0, zone); !l.Quiet(at) {
				return at, true
			}
		}
		return time.Time{}, false
	}
	at := time.Date(y, m, d, morningHour, 0, 0, 0, zone)
	if early := local.Add(-beforeEarly); early.Before(at) {
		at = early
	}
	if midnight := time.Date(y, m, d, 0, 0, 0, 0, zone); at.Before(midnight) {
		at = midnight
	}
	at, ok := NotQuiet(at, l, zone)
	return at, ok && !at.After(starts.Add(-leastAhead))
}
