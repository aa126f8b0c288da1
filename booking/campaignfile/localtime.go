package campaignfile

import (
	"strings"
	"time"
)

// plausible keeps slips of the pen (0201, 20210) out, and every start within what a board can hold (booking.Board.Add).
func plausible(t time.Time) bool { return t.Year() >= 2000 && t.Year() < 2100 }

// localLayouts are the ways in which a time of the campaign's zone may be written.
var localLayouts = []string{"2006-01-02 15:04", "2006-01-02 15:04:05"}

// instant makes a reader for a point in time: local to the zone ("2021-07-19 20:00"), or RFC 3339 with an offset.
func instant(zone *time.Location) func(cell) (time.Time, bool) {
	return func(c cell) (time.Time, bool) {
		if t, err := time.Parse(time.RFC3339, c.text); err == nil {
			if t.Nanosecond() != 0 || !plausible(t) {
				c.problem("%s is finer than a second, or not between 2000 and 2100: write another time", quote(c.text))
				return time.Time{}, false
			}
			return t.In(zone), true
		}
		for _, layout := range localLayouts {
			wall, err := time.Parse(layout, c.text)
			if err != nil || wall.Nanosecond() != 0 || !plausible(wall) {
				continue
			}
			t, trouble := resolve(wall, zone)
			if trouble != "" {
				c.problem("%s %s in %s: write another time, or this one with an offset (RFC 3339)", quote(c.text), trouble, zone)
				return time.Time{}, false
			}
			return t, true
		}
		c.problem("%s is not a time between 2000 and 2100: write it as 2021-07-19 20:00 (in the campaign's zone) or 2021-07-19T20:00:00+09:00", quote(c.text))
		return time.Time{}, false
	}
}

const (
	inGap = "does not exist, because the clocks go forward over it"
	twice = "happens twice, because the clocks go back"
)

// resolve finds the one instant at which clocks in the zone show what wall shows in UTC. Where the clocks change there
// may be none or two, which the second result says.
func resolve(wall time.Time, zone *time.Location) (time.Time, string) {
	wall = wall.UTC()
	var found time.Time
	// Zones change their offset far less often than once in two days, so the offsets before and after are all there are.
	for i, near := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, offset := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		if _, there := t.In(zone).Zone(); there != offset {
			continue
		}
		if i == 1 && !found.IsZero() && !found.Equal(t) {
			return time.Time{}, twice
		}
		found = t
	}
	if found.IsZero() {
		return time.Time{}, inGap
	}
	return found.In(zone), ""
}

// clock reads an hour of the day, "00:00" to "24:00", as the time since midnight.
func (c cell) clock() (time.Duration, bool) {
	t, err := time.Parse("15:04", c.text)
	switch {
	case c.text == "24:00":
		return 24 * time.Hour, true
	case err != nil || len(c.text) != len("15:04"):
		c.problem("%s is not an hour of the day: write it as \"09:00\", up to \"24:00\"", quote(c.text))
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}

var weekdays = map[string]time.Weekday{
	"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday,
}

func (c cell) weekday() (time.Weekday, bool) {
	d, ok := weekdays[strings.ToLower(c.text)]
	if !ok {
		c.problem("%s is not a day of the week: write mon, tue, wed, thu, fri, sat or sun", quote(c.text))
	}
	return d, ok
}
