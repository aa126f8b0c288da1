package contract

import "time"

// Before is how many people get an appointment before the one with this number: at least low, at most high. QueueDocument in openapi.yaml
// states the formulas. It is true of people who wait and are ready now, not of who becomes ready or leaves later.
func Before(d QueueDocument, number int64, late bool) (low, high int64) {
	size := d.Blocks.Size
	if number <= 0 || size <= 0 {
		return 0, 0
	}
	own, ahead := (number-1)/size, (number-1)%size
	for i, ready := range d.Blocks.Ready {
		block := int64(i)
		lateReady := ready // a block whose late ones are not said may be late as a whole
		if i < len(d.Blocks.Late) {
			lateReady = min(ready, d.Blocks.Late[i])
		}
		switch {
		case block < own:
			low, high = low+ready, high+ready
		case block == own:
			announced := min(size, d.SealedTo-block*size)
			low += max(0, ready-max(0, announced-ahead))
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

// Span is how long somebody waits, as a range. Known is false when nothing can be said; Open means that there is no upper end.
type Span struct {
	Known, Open bool
	Low, High   time.Duration
}

// Wait says how long somebody with a number waits, in whole minutes. It is unknown for a number that has not been announced, and where the
// pace is unknown or of a kind that is new to us.
func Wait(d QueueDocument, number int64, late bool) Span {
	r := d.Rate
	if number <= 0 || number > d.SealedTo || r.State != QueueRateStateKnown || r.Fast <= 0 {
		return Span{}
	}
	low, high := Before(d, number, late)
	s := Span{Known: true, Low: minutes(low * 60 / r.Fast)}
	if r.Slow <= 0 {
		s.Open = true
		return s
	}
	s.High = minutes((high*60 + r.Slow - 1) / r.Slow)
	return s
}

// mostMinutes bounds what a faulty document can make of a wait.
const mostMinutes = 10 * 365 * 24 * 60

func minutes(n int64) time.Duration { return time.Duration(max(0, min(n, mostMinutes))) * time.Minute }
