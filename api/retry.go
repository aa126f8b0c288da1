package api

import (
	"sync/atomic"
	"time"
)

// Those who are refused for overload come back spread over 2 to 10 seconds at first, and over ever longer a time while more
// are refused than stored: otherwise those who come back keep the machine too busy to store anybody, for ever. With their
// arrival stamps they lose nothing by waiting.
const (
	retryLeast      = 2   // seconds
	retrySpread     = 9   // different waits, in seconds, when little is refused
	retrySpreadMost = 240 // a million and a half waiting people are then six thousand tries a second
	retryAdjust     = time.Second
)

// retryPace finds how widely to spread those who come back. The zero value is ready.
type retryPace struct {
	began           atomic.Int64 // of the present period, in nanoseconds of this machine's clock
	stored, refused atomic.Int64 // in the present period
	spread          atomic.Int64 // seconds beyond retrySpread
}

// wait is after how many seconds to come back.
func (p *retryPace) wait(now time.Time, jitter func(int) int) int {
	p.refused.Add(1)
	if began := p.began.Load(); now.UnixNano()-began >= int64(retryAdjust) && p.began.CompareAndSwap(began, now.UnixNano()) {
		p.adjust(p.stored.Swap(0), p.refused.Swap(0))
	}
	return retryLeast + jitter(retrySpread+int(p.spread.Load()))
}

// adjust spreads more widely while more are refused than stored, and less when it is fewer than half.
func (p *retryPace) adjust(stored, refused int64) {
	spread := retrySpread + p.spread.Load()
	switch {
	case refused > stored:
		spread = min(spread*3/2, retrySpreadMost)
	case 2*refused < stored:
		spread = max(spread*2/3, retrySpread)
	}
	p.spread.Store(spread - retrySpread)
}
