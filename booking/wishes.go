package booking

import "time"

// Wishes narrow which slots a person takes. The zero value takes everything: nearest to their region, soonest.
type Wishes struct {
	Sites     []string // only these sites, best first
	MaxKm     int      // without Sites: only sites within so many kilometres of the region's centre; 0: any
	NotBefore Date     // first day that suits
	NotAfter  Date     // last day that suits
	Weekdays  []time.Weekday
	Times     []DayTime // starts within one of these; empty: any time of day
	Needs     []string  // tags that the site must have, all of them
	Notice    int       // hours that the person needs to know before, beyond the cohort's minimum
	Household *Household
}

// None reports whether nothing is wished for: nearest, soonest.
func (w Wishes) None() bool {
	return len(w.Sites) == 0 && w.MaxKm == 0 && w.NotBefore.IsZero() && w.NotAfter.IsZero() && len(w.Weekdays) == 0 && len(w.Times) == 0 &&
		len(w.Needs) == 0 && w.Notice == 0 && w.Household == nil
}

// DayTime is a part of the day in minutes since midnight as clocks show them, local time: From inclusive, To exclusive. It
// does not go over midnight: that would be two.
type DayTime struct{ From, To int }

// Household is a group that wants to come together: same site, same half-hour. Its members name the same code, which one
// of them made.
type Household struct {
	Code string // 6 to 64 characters; whoever knows it can join, so it is made at random
	Size int    // how many people in all, 2 to MaxHousehold
}

const (
	// MaxWishedSites bounds the list of sites a person may rank.
	MaxWishedSites = 5
	// MaxHousehold is the largest household that is booked together.
	MaxHousehold = 4
)
