package booking

import (
	"slices"
	"time"
)

// QueueCount is what a queue's public document says, as far as a wait is concerned. Everything here can be computed on a
// phone from that document alone; the contract states the same formulas.
type QueueCount struct {
	BlockSize int64
	SealedTo  int64
	Late      []int64 // for each block of places: how many were announced late
	Ready     []int64 // for each block of places: how many wait for an appointment and could get one
	Slow      int64   // appointments an hour, when it goes slowly; with Fast 0 nothing is known
	Fast      int64
}

const (
	leastBlock = 1000
	mostBlocks = 200
)

// BlockSize is how many places a block of the public count holds, so that there are at most 200 of them.
func BlockSize(sealedTo int64) int64 {
	size := int64(leastBlock)
	for sealedTo > mostBlocks*size {
		size *= 2
	}
	return size
}

// Before is how many people get an appointment before the one with this number: at least low, at most high. Inside the
// own block it is not known who is ready. People announced late behind the number may have arrived before it, and who is
// late oneself stands anywhere before the own number. Who became ready or left since the count is not in it.
func (q QueueCount) Before(number int64, late bool) (low, high int64) {
	if number <= 0 || q.BlockSize <= 0 {
		return 0, 0
	}
	own := (number - 1) / q.BlockSize
	ahead := (number - 1) % q.BlockSize
	for i, ready := range q.Ready {
		lateReady := ready
		if i < len(q.Late) {
			lateReady = min(ready, q.Late[i])
		}
		switch b := int64(i); {
		case b < own:
			low, high = low+ready, high+ready
		case b == own:
			size := min(q.BlockSize, q.SealedTo-b*q.BlockSize)
			low += max(0, ready-max(0, size-ahead))
			high += min(ready, ahead+lateReady)
		default:
			high += lateReady
		}
	}
	if late {
		low = 0
	}
	return low, high
}

// Wait is a range. Known is false when nothing can be said; Open means that there is no upper end.
type Wait struct {
	Known     bool
	Open      bool
	Low, High time.Duration
}

// Wait says how long the one with this number waits, in whole minutes: the fewest people before at the fast rate, the
// most at the slow one.
func (q QueueCount) Wait(number int64, late bool) Wait {
	if number <= 0 || number > q.SealedTo || q.Fast <= 0 {
		return Wait{}
	}
	low, high := q.Before(number, late)
	w := Wait{Known: true, Low: time.Duration(low*60/q.Fast) * time.Minute}
	if q.Slow <= 0 {
		w.Open = true
		return w
	}
	w.High = time.Duration((high*60+q.Slow-1)/q.Slow) * time.Minute
	return w
}

// RateWindow is the time over which appointments are counted for a rate, and leastWindows how many it takes.
const (
	RateWindow   = 5 * time.Minute
	RateWindows  = 6
	leastWindows = 3
)

// Rates says how many appointments an hour were made when it went slowly and when it went fast: the lower and the upper
// quarter of the last windows. It is false when there are too few of them, or nothing was made.
func Rates(perWindow []int64) (slow, fast int64, ok bool) {
	n := len(perWindow)
	if n < leastWindows {
		return 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(perWindow))
	hour := int64(time.Hour / RateWindow)
	slow, fast = sorted[n/4]*hour, sorted[n-1-n/4]*hour
	return slow, fast, fast > 0
}
