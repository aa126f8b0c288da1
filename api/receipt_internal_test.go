package api

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"jari/booking"
	"jari/booking/desk"
)

// The receipt that is written by hand is the contract's, byte by byte.
func TestTheReceiptByHandIsTheContracts(t *testing.T) {
	t.Parallel()
	for _, outcome := range []booking.StampOutcome{booking.StampNone, booking.StampCounted, booking.StampInvalid, booking.StampExpired, booking.StampTooEarly} {
		r := desk.Received{
			Reference: "Aa7xkBvUTwWl9MHz0uP3nq8rVfJdE2yScGb1oQh5tK6miZ4eLXCRNDYAWPsIujgO_-", Stamp: outcome,
			At: time.Date(2021, 7, 19, 20, 0, 0, 42_000, time.FixedZone("", 9*60*60)),
		}
		receipt := receiptOf(r)
		want, err := json.Marshal(receipt, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(receiptBody(r)); got != string(want) {
			t.Errorf("by hand %s\nof the type %s", got, want)
		}
	}
}
