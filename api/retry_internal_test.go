package api

import (
	"testing"
	"time"
)

// Each of many who are refused gets a turn behind the others, at the rate of storing; few come back soon.
func TestThoseWhoAreRefusedGetTurns(t *testing.T) {
	t.Parallel()
	var p retryPace
	soonest := func(int) int { return 0 }
	latest := func(n int) int { return n - 1 }
	now := time.Now()
	if got := p.wait(now, soonest); got != retryLeast {
		t.Errorf("the first waits %d s", got)
	}
	if got := p.wait(now, latest); got != retryLeast+retrySpread-1 {
		t.Errorf("the second waits up to %d s", got)
	}
	for range 20 { // 1,000 stored in every second
		for range 1000 {
			p.done()
		}
		now = now.Add(retryPeriod)
		p.wait(now, soonest)
	}
	last := 0
	for range 10_000 {
		last = p.wait(now, soonest)
	}
	if last < retryLeast+9 || last > retryLeast+11 {
		t.Errorf("the ten thousandth waits %d s at 1,000 a second", last)
	}
	for range 1_000_000 {
		last = p.wait(now, soonest)
	}
	if last != retryLeast+int(retryMost/time.Second) {
		t.Errorf("the millionth waits %d s", last)
	}
	now = now.Add(retryMost + time.Second)
	if got := p.wait(now, soonest); got != retryLeast {
		t.Errorf("when all had their turn the next waits %d s", got)
	}
}
