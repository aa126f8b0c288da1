package rush

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"time"
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
	took                           [buckets]atomic.Uint32 // of answered applications
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

// buckets of latencies: eight to each doubling of the microseconds, so that a percentile is at most 9 % off.
const (
	buckets     = 200
	perDoubling = 8
)

func bucketOf(took int64) int {
	us := uint64(max(took/1000, 1))
	exp := bits.Len64(us) - 1
	sub := int(us<<3>>exp) & (perDoubling - 1)
	return min(exp*perDoubling+sub, buckets-1)
}

// bucketEnd is the upper end of a bucket in milliseconds.
func bucketEnd(i int) float64 {
	exp, sub := i/perDoubling, i%perDoubling
	return float64(uint64(1)<<exp) * (1 + float64(sub+1)/perDoubling) / 1000
}

// percentiles reads the shares wanted from a histogram, in milliseconds; nil when it is empty.
func percentiles(counts []uint32, shares ...float64) []float64 {
	all := uint64(0)
	for _, n := range counts {
		all += uint64(n)
	}
	if all == 0 {
		return nil
	}
	out := make([]float64, len(shares))
	for k, share := range shares {
		left := uint64(share * float64(all-1))
		for i, n := range counts {
			if uint64(n) > left {
				out[k] = bucketEnd(i)
				break
			}
			left -= uint64(n)
		}
	}
	return out
}

func (s *second) latencies() []uint32 {
	out := make([]uint32, buckets)
	for i := range s.took {
		out[i] = s.took[i].Load()
	}
	return out
}

// Snapshot is how a run stands, for whoever shows progress.
type Snapshot struct {
	Phase                               string        // "waiting", "rush", "finishing", "reading the order"
	Since                               time.Duration // since the opening
	People, Registered, Stamped, Placed int
	Sent                                int64
	Rate                                float64 // requests a second, lately
	Behind                              time.Duration
}
