package main

import "testing"

func TestGarbageIsBounded(t *testing.T) {
	t.Parallel()
	for alive, want := range map[uint64]int{0: 400, 10 << 20: 400, 40 << 20: 400, 160 << 20: 100, 200 << 20: 80, 1 << 30: 50} {
		if got := garbagePercent(alive); got != want {
			t.Errorf("%d bytes alive: %d %%, want %d %%", alive, got, want)
		}
	}
}
