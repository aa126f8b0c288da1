package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Histogram counts durations in steps of 3 %, from a microsecond to an hour. It is safe for concurrent use.
type Histogram struct{ counts [slots]atomic.Uint32 }

// Each power of two has 32 steps; below 64 µs every microsecond has its own.
const (
	steps = 32
	slots = 64 + steps*27
)

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) { h.counts[slotOf(d)].Add(1) }

func slotOf(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < 64 {
		return int(us)
	}
	power := bits.Len64(us) - 6 // 1 for 64…127
	return min(slots-1, 32+steps*power+int(us>>power)-32)
}

// upTo is the largest duration that is counted in a slot.
func upTo(slot int) time.Duration {
	if slot < 64 {
		return time.Duration(slot) * time.Microsecond
	}
	power := (slot - 32) / steps
	top := uint64((slot-32)%steps+32+1)<<power - 1
	return time.Duration(top) * time.Microsecond
}

// AddAll counts everything that another one has counted.
func (h *Histogram) AddAll(other *Histogram) {
	for i := range h.counts {
		h.counts[i].Add(other.counts[i].Load())
	}
}

// Total is how many were counted.
func (h *Histogram) Total() int64 {
	var n int64
	for i := range h.counts {
		n += int64(h.counts[i].Load())
	}
	return n
}

// Quantile is the duration that the share q (0 to 1) does not exceed, 0 when nothing was counted.
func (h *Histogram) Quantile(q float64) time.Duration {
	want := int64(q*float64(h.Total()) + 0.5)
	var seen int64
	for i := range h.counts {
		if n := int64(h.counts[i].Load()); n > 0 {
			if seen += n; seen >= want {
				return upTo(i)
			}
		}
	}
	return 0
}
