package api

import (
	"testing"
	"time"
)

// While more are refused than stored those who come back are spread ever more widely, up to a bound, and less afterwards.
func TestRetriesSpreadWithTheOverload(t *testing.T) {
	t.Parallel()
	var p retryPace
	most := func(n int) int { return n - 1 }
	now := time.Unix(1, 0)
	longest := 0
	for range 20 {
		for range 10 {
			longest = p.wait(now, most)
		}
		now = now.Add(retryAdjust)
	}
	if longest != retryLeast+retrySpreadMost-1 {
		t.Errorf("after long overload the longest wait is %d s", longest)
	}
	for range 20 {
		p.stored.Add(100)
		longest = p.wait(now, most)
		now = now.Add(retryAdjust)
	}
	if longest != retryLeast+retrySpread-1 {
		t.Errorf("after it has ended the longest wait is %d s", longest)
	}
	if p.wait(now, func(int) int { return 0 }) != retryLeast {
		t.Error("nobody comes back before the least wait")
	}
}
