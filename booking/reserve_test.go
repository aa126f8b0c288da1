package booking_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestReserveAt(t *testing.T) {
	t.Parallel()
	c := &booking.Campaign{Reserves: []booking.Reserve{{Sites: []string{"a", "b"}, Percent: 10}, {Sites: []string{"c"}, Percent: 20}}}
	for site, want := range map[string]int{"a": 1, "b": 1, "c": 2, "d": 0} {
		if n, r := c.ReserveAt(site); n != want || want > 0 && r.Percent != 10*want {
			t.Errorf("at %s: reserve %d (%d %%), want %d", site, n, r.Percent, want)
		}
	}
	c.Reserves = []booking.Reserve{{Percent: 5}}
	if n, _ := c.ReserveAt("anywhere"); n != 1 {
		t.Errorf("a reserve for all sites keeps nothing at one of them")
	}
}

func TestReserveSeatsAndRelease(t *testing.T) {
	t.Parallel()
	starts := time.Date(2021, 7, 27, 9, 0, 0, 0, time.UTC)
	r := booking.Reserve{Percent: 33, Release: 48 * time.Hour}
	for capacity, want := range map[int]int{0: 0, 1: 0, 3: 0, 4: 1, 10: 3, 100: 33} {
		if got := r.Seats(capacity); got != want {
			t.Errorf("33 %% of %d is %d, want %d", capacity, got, want)
		}
	}
	if got := r.ReleasesAt(starts); !got.Equal(time.Date(2021, 7, 25, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("released at %s", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := booking.Reserve{Percent: rapid.IntRange(1, 100).Draw(t, "percent")}
		n := rapid.IntRange(0, 100_000).Draw(t, "capacity")
		if s := r.Seats(n); s < 0 || s > n || s*100 > n*r.Percent || (s+1)*100 <= n*r.Percent {
			t.Fatalf("%d %% of %d is %d", r.Percent, n, s)
		}
	})
}
