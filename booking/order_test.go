package booking_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func drawKey(t *rapid.T, label string) booking.OrderKey {
	k := booking.OrderKey{
		Arrival: hour("2021-07-19 20:00").Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, label+" arrival")) * time.Microsecond),
		Tie:     rapid.SampledFrom([]int64{-1 << 63, -1, 0, 1, 1<<63 - 1}).Draw(t, label+" tie"),
	}
	k.ID[0] = byte(rapid.IntRange(0, 2).Draw(t, label+" first"))
	k.ID[15] = byte(rapid.SampledFrom([]int{0, 127, 128, 255}).Draw(t, label+" last"))
	if rapid.Bool().Draw(t, label+" in UTC") {
		k.Arrival = k.Arrival.UTC() // the same instant in another zone is the same arrival
	}
	return k
}

func TestOrderKeyIsATotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawKey(t, "a"), drawKey(t, "b"), drawKey(t, "c")
		same := a.Arrival.Equal(b.Arrival) && a.Tie == b.Tie && a.ID == b.ID
		if (a.Compare(b) == 0) != same || a.Compare(b) != -b.Compare(a) || a.Compare(a) != 0 {
			t.Fatalf("a and b: %d and %d", a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatal("a before b before c before a")
		}
		if a.Arrival.Before(b.Arrival) && a.Compare(b) >= 0 {
			t.Fatal("the earlier arrival stands behind")
		}
	})
}

func TestOrderDoesNotDependOnWhereSortingStarts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) booking.OrderKey { return drawKey(t, "key") }), 0, 20).Draw(t, "keys")
		other := rapid.Permutation(keys).Draw(t, "other")
		slices.SortFunc(keys, booking.OrderKey.Compare)
		slices.SortFunc(other, booking.OrderKey.Compare)
		for i := range keys {
			if keys[i].Compare(other[i]) != 0 {
				t.Fatalf("position %d differs", i)
			}
		}
	})
}
