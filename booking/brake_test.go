package booking_test

import (
	"testing"

	"jari/booking"
)

func TestParseBrake(t *testing.T) {
	t.Parallel()
	for _, b := range booking.Brakes() {
		if got, err := booking.ParseBrake(string(b)); got != b || err != nil {
			t.Errorf("%s: %q, %v", b, got, err)
		}
	}
	for _, s := range []string{"", "round", "Intake", "sending "} {
		if got, err := booking.ParseBrake(s); got != "" || booking.CodeOf(err) != booking.CodeInvalid {
			t.Errorf("%q is taken as %q, %v", s, got, err)
		}
	}
}
