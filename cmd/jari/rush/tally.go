package rush

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"jari/cmd/jari/load"
)

// tally counts what happens while it happens. It is written by every worker at once.
type tally struct {
	begins  int64 // the first second's beginning, nanoseconds since the opening
	seconds []second

	sent, text                    atomic.Int64 // requests by HTTP; texts handed to the phones
	dropped, retried              atomic.Int64
	registered, stamped           atomic.Int64 // people: acknowledged; first request answered with a stamp
	early, earlyStamps            atomic.Int64 // not_open_yet; stamps given for what was sent before the opening
	unstamped                     atomic.Int64 // 503 to an application, without a stamp
	broken                        atomic.Int64 // connections that broke by themselves, or answers nobody could read
	falseRefused, falseCounted    atomic.Int64 // stamps that were false, by outcome
	mineCounted, mineRefused      atomic.Int64 // stamps that were the device's own, by outcome
	tricksRefused, tricksAccepted atomic.Int64 // requests that must be refused
	statuses                      [600]atomic.Int64
	behind                        atomic.Int64 // the longest that a request was sent after its time, nanoseconds
	mu                            sync.Mutex
	codes                         map[string]int64 // refusals of people's own applications
}

// second is what happened within one second.
type second struct {
	sent, stored, stamped, refused atomic.Int64
	took                           load.Histogram // of answered applications
}

func newTally(lead, length time.Duration) *tally {
	return &tally{begins: -int64(lead), seconds: make([]second, int((lead+length)/time.Second)+2), codes: map[string]int64{}}
}

// at is the second of an instant; what lies outside is counted at the ends.
func (t *tally) at(instant int64) *second {
	i := (instant - t.begins) / int64(time.Second)
	return &t.seconds[min(max(i, 0), int64(len(t.seconds)-1))]
}

func (t *tally) status(code int) {
	if code >= 0 && code < len(t.statuses) {
		t.statuses[code].Add(1)
	}
}

func (t *tally) refuse(code string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.codes[code]++
}

func (t *tally) late(by int64) {
	for {
		known := t.behind.Load()
		if by <= known || t.behind.CompareAndSwap(known, by) {
			return
		}
	}
}

// Snapshot is how a run stands, for whoever shows progress.
type Snapshot struct {
	Phase                               string        // "waiting", "rush", "finishing", "reading the order"
	Since                               time.Duration // since the opening
	People, Registered, Stamped, Placed int
	Rate                                float64 // requests a second, lately
}

// String is the snapshot in one line.
func (s Snapshot) String() string {
	return fmt.Sprintf("%+.0f s %s: %.0f requests/s, %d of %d stored, %d stamped, %d places", s.Since.Seconds(), s.Phase, s.Rate, s.Registered, s.People, s.Stamped, s.Placed)
}
