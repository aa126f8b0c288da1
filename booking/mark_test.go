package booking_test

import (
	"testing"
	"time"

	"jari/booking"
)

func TestCanMark(t *testing.T) {
	t.Parallel()
	seoul := zoneOf(t, "Asia/Seoul")
	starts := time.Date(2021, 7, 27, 8, 0, 0, 0, seoul) // still the day before in UTC
	ends := starts.Add(time.Hour)
	for _, tt := range []struct {
		to   booking.AppointmentState
		now  time.Time
		want bool
	}{
		{booking.Attended, time.Date(2021, 7, 26, 23, 59, 59, 0, seoul), false},
		{booking.Attended, time.Date(2021, 7, 27, 0, 0, 0, 0, seoul).UTC(), true},
		{booking.Attended, ends.Add(48 * time.Hour), true},
		{booking.Missed, ends.Add(-time.Second), false},
		{booking.Missed, ends, true},
		{booking.Declined, ends, false},
		{booking.Offered, ends, false},
	} {
		if got := booking.CanMark(tt.to, starts, ends, tt.now, seoul); got != tt.want {
			t.Errorf("%s at %s: %t", tt.to, tt.now, got)
		}
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	var none *booking.Series
	three := &booking.Series{Doses: 3, Least: 21 * 24 * time.Hour, Most: 28 * 24 * time.Hour}
	for attended, want := range map[int]int{0: 0, 1: 2, 2: 3, 3: 0, 4: 0} {
		if got := three.NextDose(attended); got != want {
			t.Errorf("after %d: %d, want %d", attended, got, want)
		}
		if none.NextDose(attended) != 0 {
			t.Errorf("without a series, %d is followed by another", attended)
		}
	}
}
