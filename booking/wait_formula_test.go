package booking_test

import "time"

// queueCount is what a queue's public document says, as far as a wait is concerned. What follows is computed on phones, from that
// document alone, by the formulas that the contract states.
type queueCount struct {
	BlockSize int64
	SealedTo  int64
	Late      []int64 // for each block of places: how many were announced late
	Ready     []int64 // for each block of places: how many wait for an appointment and could get one
	Slow      int64   // appointments an hour, when it goes slowly; with Fast 0 nothing is known
	Fast      int64
}

// before is how many people get an appointment before the one with this number: at least low, at most high. Inside the
// own block it is not known who is ready. People announced late behind the number may have arrived before it, and who is
// late oneself stands anywhere before the own number. Who became ready or left since the count is not in it.
func (q queueCount) before(number int64, late bool) (low, high int64) {
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

// wait is a range. Known is false when nothing can be said; Open means that there is no upper end.
type wait struct {
	Known     bool
	Open      bool
	Low, High time.Duration
}

// wait says how long the one with this number waits, in whole minutes: the fewest people before at the fast rate, the
// most at the slow one.
func (q queueCount) wait(number int64, late bool) wait {
	if number <= 0 || number > q.SealedTo || q.Fast <= 0 {
		return wait{}
	}
	low, high := q.before(number, late)
	w := wait{Known: true, Low: time.Duration(low*60/q.Fast) * time.Minute}
	if q.Slow <= 0 {
		w.Open = true
		return w
	}
	w.High = time.Duration((high*60+q.Slow-1)/q.Slow) * time.Minute
	return w
}
