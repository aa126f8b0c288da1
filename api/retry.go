package api

import (
	"sync"
	"time"
)

// Those who are refused for overload come back after 2 to 10 seconds when they are few. When they are many, each is given
// a turn of its own behind the others, at the rate at which this process has been storing: otherwise those who come back
// keep the machine too busy to store anybody, for ever. With their arrival stamps they lose nothing by waiting.
const (
	retryLeast  = 2               // seconds
	retrySpread = 9               // different waits, in seconds, around a turn
	retryMost   = 4 * time.Minute // no turn is further away: a million and a half are then six thousand tries a second
	retrySlow   = 200.0           // turns a second at least: what stores nothing now may store again in a moment
	retryPeriod = time.Second     // over which the rate is counted
)

// retryPace gives turns to those who must come back. The zero value is ready.
type retryPace struct {
	mu     sync.Mutex
	began  time.Time // of the present period
	stored int       // in it
	rate   float64   // applications stored in a second, lately
	last   time.Time // the turn that was given last
}

// done notes an application that was stored.
func (p *retryPace) done() {
	p.mu.Lock()
	p.stored++
	p.mu.Unlock()
}

// wait is after how many seconds to come back.
func (p *retryPace) wait(now time.Time, jitter func(int) int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if took := now.Sub(p.began); took >= retryPeriod {
		p.rate = (p.rate + float64(p.stored)/min(took.Seconds(), 60)) / 2
		p.began, p.stored = now, 0
	}
	if p.last.Before(now) {
		p.last = now
	}
	p.last = p.last.Add(time.Duration(float64(time.Second) / max(p.rate, retrySlow)))
	ahead := p.last.Sub(now)
	if ahead > retryMost {
		ahead, p.last = retryMost, now.Add(retryMost)
	}
	return retryLeast + int(ahead/time.Second) + jitter(retrySpread)
}
