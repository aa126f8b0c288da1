package db

import (
	"testing"
	"time"
)

// A machine that was paused: its monotonic clock stood still for a minute while PostgreSQL's went on.
func TestAClockThatStoodStillBelievesTheNextSample(t *testing.T) {
	t.Parallel()
	mono := time.Now()
	c := &Clock{now: func() time.Time { return mono }}
	server := time.Date(2026, 7, 19, 11, 0, 0, 0, time.UTC)
	c.keep(mono, mono.Add(time.Millisecond), server) // half a millisecond of error
	mono = mono.Add(time.Second)
	server = server.Add(61 * time.Second)
	c.keep(mono, mono.Add(20*time.Millisecond), server.Add(10*time.Millisecond)) // a worse sample, but it contradicts
	mono = mono.Add(20 * time.Millisecond)
	if got, want := c.Now(), server.Add(20*time.Millisecond); got.Sub(want).Abs() > c.Bound() || c.Bound() < 10*time.Millisecond {
		t.Errorf("the clock says %s ± %s, PostgreSQL's says %s", got, c.Bound(), want)
	}
	// A worse sample that agrees changes nothing.
	before := c.Bound()
	c.keep(mono, mono.Add(200*time.Millisecond), server.Add(120*time.Millisecond))
	if c.Bound() > before+time.Millisecond {
		t.Errorf("the bound grew from %s to %s by a worse sample that agreed", before, c.Bound())
	}
}
