package booking_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestBlockSize(t *testing.T) {
	t.Parallel()
	for to, want := range map[int64]int64{0: 1000, 1: 1000, 200_000: 1000, 200_001: 2000, 400_000: 2000, 1_500_000: 8000, 50_000_000: 256_000} {
		if got := booking.BlockSize(to); got != want || (to+got-1)/got > 200 {
			t.Errorf("%d places in blocks of %d, want %d", to, got, want)
		}
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	q := queueCount{BlockSize: 1000, SealedTo: 2500, Late: []int64{0, 10, 100}, Ready: []int64{0, 400, 500}, Slow: 600, Fast: 1200}
	idle := q
	idle.Slow = 0
	unknown := q
	unknown.Fast = 0
	for name, c := range map[string]struct {
		q         queueCount
		number    int64
		late      bool
		low, high int64
		want      wait
	}{
		"first":           {q, 1, false, 0, 110, wait{Known: true, High: 11 * time.Minute}},
		"block's begin":   {q, 1001, false, 0, 110, wait{Known: true, High: 11 * time.Minute}},
		"in the block":    {q, 1901, false, 300, 500, wait{Known: true, Low: 15 * time.Minute, High: 50 * time.Minute}},
		"last":            {q, 2500, false, 899, 900, wait{Known: true, Low: 44 * time.Minute, High: 90 * time.Minute}},
		"last, late":      {q, 2500, true, 0, 900, wait{Known: true, High: 90 * time.Minute}},
		"no upper end":    {idle, 2500, false, 899, 900, wait{Known: true, Open: true, Low: 44 * time.Minute}},
		"nothing known":   {unknown, 2500, false, 899, 900, wait{}},
		"not sealed yet":  {q, 2501, false, 900, 900, wait{}},
		"no number":       {q, 0, false, 0, 0, wait{}},
		"an empty count":  {queueCount{}, 7, false, 0, 0, wait{}},
		"without a count": {queueCount{BlockSize: 1000, SealedTo: 10, Slow: 1, Fast: 1}, 7, false, 0, 0, wait{Known: true}},
	} {
		if low, high := c.q.before(c.number, c.late); low != c.low || high != c.high {
			t.Errorf("%s: %d to %d before, want %d to %d", name, low, high, c.low, c.high)
		}
		if got := c.q.wait(c.number, c.late); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// Whoever is ready and whoever is late, the true number of people before lies in the range.
func TestBeforeHoldsTheTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(rt, "places")
		size := rapid.IntRange(1, 20).Draw(rt, "size")
		blocks := (n + size - 1) / size
		q := queueCount{BlockSize: int64(size), SealedTo: int64(n), Late: make([]int64, blocks), Ready: make([]int64, blocks)}
		key, ready, late := make([]int, n), make([]bool, n), make([]bool, n)
		highest := 0
		for i := range n {
			key[i] = 1 + 2*i*1000 // in order, unless late: then somewhere before the highest so far
			if i > 0 && rapid.IntRange(0, 3).Draw(rt, "late") == 0 {
				key[i] = 2 * rapid.IntRange(0, highest/2).Draw(rt, "key")
			}
			late[i] = key[i] < highest
			highest = max(highest, key[i])
			ready[i] = rapid.Bool().Draw(rt, "ready")
			if late[i] {
				q.Late[i/size]++
			}
			if ready[i] {
				q.Ready[i/size]++
			}
		}
		me := rapid.IntRange(0, n-1).Draw(rt, "me")
		var before int64
		for i := range n {
			if i != me && ready[i] && key[i] < key[me] {
				before++
			}
		}
		low, high := q.before(int64(me+1), late[me])
		if before < low || before > high {
			rt.Fatalf("%d before number %d (late: %t), the count says %d to %d", before, me+1, late[me], low, high)
		}
	})
}

func TestRates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		windows    []int64
		slow, fast int64
		ok         bool
	}{
		{nil, 0, 0, false},
		{[]int64{5, 5}, 0, 0, false},
		{[]int64{1, 3, 2}, 12, 36, true},
		{[]int64{0, 0, 0, 0, 0, 0}, 0, 0, false},
		{[]int64{100, 0, 10, 20, 30, 40}, 120, 480, true}, // neither the worst nor the best
		{[]int64{0, 0, 0, 0, 50, 60}, 0, 600, true},
	} {
		if slow, fast, ok := booking.Rates(c.windows); slow != c.slow || fast != c.fast || ok != c.ok {
			t.Errorf("%v: %d to %d, %t; want %d to %d, %t", c.windows, slow, fast, ok, c.slow, c.fast, c.ok)
		}
	}
}
