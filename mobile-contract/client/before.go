package client

import (
	"time"

	"jari/mobile-contract/contract"
)

// Before is how many people get an appointment before the one with this number: contract.Before.
func Before(d contract.QueueDocument, number int64, late bool) (low, high int64) {
	return contract.Before(d, number, late)
}

// Span is how long somebody waits, as a range.
type Span = contract.Span

// WaitOf says how long somebody at a place waits, in whole minutes. It is unknown for a place that is estimated or waits for its draw.
func WaitOf(d contract.QueueDocument, place contract.Place) Span {
	return contract.Wait(d, valueOr(place.Number, 0), place.Late)
}

// QueueAgain is in how long to ask for a queue's document again. dice is in [0, 1).
func QueueAgain(d contract.QueueDocument, dice float64) time.Duration {
	n := time.Duration(max(1, min(d.NextChangeSeconds, 3600))) * time.Second
	return n + time.Duration(dice*float64(n))
}
