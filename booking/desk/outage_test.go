package desk_test

import (
	"testing"
	"time"

	"jari/booking/desk"
)

// The provider's clock is believed within an outage alone.
func TestArrivalsOfAnOutage(t *testing.T) {
	t.Parallel()
	from := time.Date(2021, 7, 19, 11, 0, 0, 400_000_000, time.UTC)
	o := desk.Outage{From: from, To: from.Add(time.Minute)}
	next := o.To.Add(50 * time.Second)
	o.Near = []desk.Outage{{From: next, To: next.Add(10 * time.Second)}}
	now := o.To.Add(10 * time.Minute)
	for name, c := range map[string]struct{ at, now, want time.Time }{
		"within":                      {from.Add(20 * time.Second), now, from.Add(20 * time.Second)},
		"the second of the last sign": {from.Truncate(time.Second), now, from.Truncate(time.Second)},
		"on its way when it began":    {from.Add(-20 * time.Second), now, from.Add(-2 * time.Second)},
		"a clock that is ahead":       {o.To.Add(3 * time.Second), now, o.To},
		"long before":                 {from.Add(-time.Minute), now, now},
		"after":                       {o.To.Add(2 * time.Minute), now, now},
		"perhaps still on its way":    {o.To.Add(2 * time.Minute), o.To.Add(150 * time.Second), time.Time{}},
		"in the next outage":          {next.Add(4 * time.Second), now, next.Add(4 * time.Second)},
		"on its way when that began":  {next.Add(-20 * time.Second), now, next.Add(-2 * time.Second)},
		"near to both":                {o.To, now, o.To},
	} {
		got, ok := o.Arrival(c.at, c.now)
		if !got.Equal(c.want) || ok == c.want.IsZero() {
			t.Errorf("%s: %v, %v, want %v", name, got, ok, c.want)
		}
	}
}
