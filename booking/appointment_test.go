package booking_test

import (
	"slices"
	"testing"

	"jari/booking"
)

func TestAppointmentLife(t *testing.T) {
	t.Parallel()
	for _, s := range booking.States() {
		var next []booking.AppointmentState
		for _, n := range booking.States() {
			if s.CanBecome(n) {
				next = append(next, n)
			}
		}
		if s.Open() != (len(next) > 0) {
			t.Errorf("%s: open %t, and may become %v", s, s.Open(), next)
		}
		if s.Open() && !s.Holds() {
			t.Errorf("%s lies ahead but holds no slot", s)
		}
		if s.CanBecome(s) || slices.Contains(next, booking.Offered) {
			t.Errorf("%s may become %v", s, next)
		}
	}
	for _, s := range []booking.AppointmentState{booking.Declined, booking.Lapsed, booking.Cancelled} {
		if s.Holds() {
			t.Errorf("%s still holds its slot", s)
		}
	}
	if booking.Confirmed.CanBecome(booking.Lapsed) {
		t.Error("a confirmed appointment lapses")
	}
	if booking.AppointmentState("").CanBecome(booking.Offered) || booking.AppointmentState("").Holds() {
		t.Error("no state at all has a life")
	}
}
