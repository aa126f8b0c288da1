package booking

import (
	"slices"
	"time"
)

// ReserveAt returns the number of the reserve that keeps seats at a site, counted from 1, and the reserve; 0 when none does.
func (c *Campaign) ReserveAt(site string) (int, Reserve) {
	for i, r := range c.Reserves {
		if len(r.Sites) == 0 || slices.Contains(r.Sites, site) {
			return i + 1, r
		}
	}
	return 0, Reserve{}
}

// Seats is how many of a slot's seats the reserve keeps: its percentage, rounded down, so that small slots are never kept
// whole by mistake.
func (r Reserve) Seats(capacity int) int { return capacity * r.Percent / 100 }

// ReleasesAt is from when on what the reserve keeps of a slot is anybody's.
func (r Reserve) ReleasesAt(starts time.Time) time.Time { return starts.Add(-r.Release) }
