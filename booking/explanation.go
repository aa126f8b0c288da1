package booking

import (
	"slices"
	"time"
)

// Explanation is what is recorded about why somebody has an appointment, or none. It holds nothing that was worked out
// afterwards: whoever tells it says no more than this.
type Explanation struct {
	Read      time.Time // our clock when this was read
	Arrival   time.Time // of the order key; where lots decide, the person's own time of application
	Number    int64     // the place; 0 before sealing
	Late      string    // why the place was announced after later arrivals, or after other lots; '' when it was not
	ByLot     bool      // applied within the window of a draw: the place is the lot's, whenever it was that the person came
	Undrawn   bool      // the queue waits for its draw, and until then nobody has a place
	SealedTo  int64     // the queue's last announced place
	WalkedTo  int64     // places up to this were looked at by a round, the late ones among those who wait
	First     time.Time // the queue's first round
	Withdrawn time.Time // zero: it stands
	Ready     bool      // verified as far as a round asks for it
	Declined  int       // offers given back
	Declines  int       // how many may be
	Wishes    Wishes
	// Changed is the last change of wishes or data on record; zero when they are as at the application. What was wished for
	// before is not kept, so that nothing may be said about it.
	Changed time.Time
	// Members is how many have joined the household and not withdrawn, the person included; 0 without one.
	Members int
	// TextsStopped: whoever has the phone on file wants no texts. It costs nothing; what must be told is told by call.
	TextsStopped bool
	LastDay      Date        // the last day with slots at the ranked sites, full or not; zero when none are ranked
	Waits        []StillWait // what is waited for, by dose
	Given        []Given     // in the order in which they were made
	Denied       []Denied    // in order; only where the reason changed
}

// RoundRecord is what a round wrote about the page on which it looked at somebody. Number 0: nothing is recorded.
type RoundRecord struct {
	Number   int64
	Page     int // from 0
	At       time.Time
	Free     int64 // seats free in the pool before the page
	Looked   int   // people on the page
	Assigned int   // of these, who got something
}

// Given is an appointment with what the round recorded about it.
type Given struct {
	Round    RoundRecord
	Dose     int
	State    AppointmentState
	Cause    string // why it was made or ended, when it was not by the person's own answer: "swap", "moved", "site_closed" …
	Site     string
	Names    Names // the site's, also when the campaign has it no more
	Starts   time.Time
	Rank     int // the site's rank among the person's sites, from 1; 0: not recorded
	Distance int // metres from the centre of the person's region; -1: unknown
	Made     time.Time
	Ended    time.Time // when it took its present state
}

// Denied is a decision that there is nothing.
type Denied struct {
	Round  RoundRecord
	Dose   int
	Reason Reason
	At     time.Time
}

// StillWait says that somebody waits.
type StillWait struct {
	Dose   int
	Reason Reason // at the last look; "" before the first
	Look   bool   // something changed for this person, and the next round looks at them again
	Since  time.Time
	Swap   bool // has an appointment and would like another
}

// AfterDraw reports that there is no place yet because lots decide it, and those behind them come after.
func (e Explanation) AfterDraw() bool { return e.Number == 0 && (e.ByLot || e.Undrawn) }

// Told is a reason as this person is told it. A household goes by the sites that its last member ranked: whoever ranked none hears
// of the household, and of no ranking.
func (w Wishes) Told(r Reason) Reason {
	if r == ReasonSites && w.Household != nil && len(w.Sites) == 0 {
		return ReasonHousehold
	}
	return r
}

// Wait returns what is waited for without having an appointment; ok is false when there is nothing.
func (e Explanation) Wait() (StillWait, bool) {
	i := slices.IndexFunc(e.Waits, func(w StillWait) bool { return !w.Swap })
	if i < 0 {
		return StillWait{}, false
	}
	return e.Waits[i], true
}

// Current returns the appointment that the person has, or had and attended or missed: the latest.
func (e Explanation) Current() (Given, bool) {
	for _, g := range slices.Backward(e.Given) {
		if g.State.Holds() {
			return g, true
		}
	}
	return Given{}, false
}

// Order says in what order a person's sites were tried.
type Order string

const (
	OrderUnknown Order = ""        // not recorded, or the wishes changed since
	OrderRanked  Order = "ranked"  // the person's own ranking
	OrderNearest Order = "nearest" // nearest to the centre of the region first
)

// writeLasts is longer than any change is under way. One that was asked for within this time before an appointment was made
// may have been stored after it.
const writeLasts = time.Minute

// OrderOf says in what order the sites were tried for an appointment: only if the wishes stand as they stood then, and never
// of a household, which goes by the wishes of its last member.
func (e Explanation) OrderOf(g Given) Order {
	switch {
	case g.Rank < 1, e.Wishes.Household != nil, !e.Changed.IsZero() && e.Changed.After(g.Made.Add(-writeLasts)):
		return OrderUnknown
	case len(e.Wishes.Sites) > 0:
		if g.Rank <= len(e.Wishes.Sites) && e.Wishes.Sites[g.Rank-1] == g.Site {
			return OrderRanked
		}
		return OrderUnknown // a series kept to a site
	case g.Distance >= 0:
		return OrderNearest
	}
	return OrderUnknown
}
