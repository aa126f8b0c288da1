package db

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

// The sweep must find exactly what comparing everybody with everybody finds.
func TestSweepOrderAgainstAllPairs(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return time.Unix(1_000_000+int64(n), 0) }
	key := func(n int) booking.OrderKey { return booking.OrderKey{Arrival: second(n), ID: booking.ID{byte(n)}} }
	var lengths []*waitClass
	for n := range 3 {
		lengths = append(lengths, &waitClass{booking.Waiting{Notice: time.Duration(n*4) * time.Second}})
	}
	suits := func(g *given, w *waitClass) bool { return !g.starts.Before(g.at.Add(w.Notice)) }
	rapid.Check(t, func(rt *rapid.T) {
		var all []given
		begun := map[int64]time.Time{}
		at := 20
		for round := range int64(rapid.IntRange(1, 4).Draw(rt, "rounds")) {
			begun[round] = second(at)
			for range rapid.IntRange(1, 5).Draw(rt, "given") {
				at += rapid.IntRange(0, 3).Draw(rt, "pause")
				all = append(all, given{
					id: int64(len(all)), round: round, key: key(rapid.IntRange(0, 20).Draw(rt, "key")), at: second(at),
					aside: rapid.IntRange(0, 5).Draw(rt, "aside") == 0, starts: second(at + rapid.IntRange(0, 9).Draw(rt, "starts")),
					slot: rapid.Int64Range(0, 2).Draw(rt, "slot"),
				})
			}
			at += rapid.IntRange(0, 5).Draw(rt, "break")
		}
		waits := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) wait {
			from := rapid.IntRange(0, 60).Draw(rt, "from")
			return wait{
				key: key(rapid.IntRange(0, 20).Draw(rt, "key")), from: second(from), till: second(from + rapid.IntRange(1, 40).Draw(rt, "length")),
				class: lengths[rapid.IntRange(0, 2).Draw(rt, "notice")], declined: rapid.SliceOfN(rapid.Int64Range(0, 2), 0, 2).Draw(rt, "declined"),
			}
		}), 0, 12).Draw(rt, "waits")
		var want int64
		for _, g := range all {
			for _, w := range waits {
				if w.from.Before(begun[g.round]) && w.till.After(g.at) && w.key.Compare(g.key) < 0 && suits(&g, w.class) && !slices.Contains(w.declined, g.slot) && !g.aside {
					want++
					break
				}
			}
		}
		if got := sweepOrder(all, waits, begun, suits).violations; got != want {
			rt.Fatalf("%d violations, expected %d", got, want)
		}
	})
}
