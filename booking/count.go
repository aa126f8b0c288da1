package booking

import (
	"slices"
	"time"
)

const (
	leastBlock = 1000
	mostBlocks = 200
)

// BlockSize is how many places a block of the public count holds, so that there are at most 200 of them.
func BlockSize(sealedTo int64) int64 {
	size := int64(leastBlock)
	for sealedTo > mostBlocks*size {
		size *= 2
	}
	return size
}

// RateWindow is the time over which appointments are counted for a rate, and leastWindows how many it takes.
const (
	RateWindow   = 5 * time.Minute
	RateWindows  = 6
	leastWindows = 3
)

// Rates says how many appointments an hour were made when it went slowly and when it went fast: the lower and the upper
// quarter of the last windows. It is false when there are too few of them, or nothing was made.
func Rates(perWindow []int64) (slow, fast int64, ok bool) {
	n := len(perWindow)
	if n < leastWindows {
		return 0, 0, false
	}
	sorted := slices.Sorted(slices.Values(perWindow))
	hour := int64(time.Hour / RateWindow)
	slow, fast = sorted[n/4]*hour, sorted[n-1-n/4]*hour
	return slow, fast, fast > 0
}
