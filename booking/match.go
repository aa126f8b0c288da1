package booking

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Waiting is somebody who waits for a slot, as the matcher sees them: one person, or a household.
type Waiting struct {
	Key OrderKey // a household's is its last member's
	// Members are a household's people, in order, 2 to MaxHousehold. Empty: one person, with the key above.
	Members []OrderKey
	Cohort  string // whose reserves are open to them
	Later   bool   // a later dose of a series: reserves for those are open too
	Region  string
	Wishes  Wishes
	Notice  time.Duration // least time between now and the slot
	// From and Until bound the start, inclusive, where a series does. Zero: unbounded.
	From, Until time.Time
	// Declined are slots this person gave back: offering one again would waste one of the few refusals.
	Declined []int64
}

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

// DayTime is a part of the day in minutes since midnight, local time: From inclusive, To exclusive.
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

// FreeSlot is a slot with room, as the matcher sees it.
type FreeSlot struct {
	ID      int64
	Site    string
	Starts  time.Time
	Free    int   // seats that anybody may take
	Kept    int   // further seats that only the reserve's people may take
	Reserve int   // the slot's reserve, counted from 1 in Campaign.Reserves; 0: none
	Supply  int64 // the supply that covers it; 0: none
}

// Reason says why somebody got no slot. It is told to the person in their language.
type Reason string

// The matcher's reasons. When several things stand in the way, the first of this list that is true of the person is told:
// it is the one that most needs to change.
const (
	ReasonNoSlots   Reason = "no_slots"  // every slot is taken
	ReasonSupply    Reason = "supply"    // there are seats left but nothing left to give in them
	ReasonReserved  Reason = "reserved"  // what is free is kept for others until its release
	ReasonNotice    Reason = "notice"    // what is free starts too soon
	ReasonNeeds     Reason = "needs"     // no site with something free has what the person needs
	ReasonSites     Reason = "sites"     // the ranked sites are taken
	ReasonDistance  Reason = "distance"  // what is free is too far away
	ReasonHousehold Reason = "household" // there are seats, but not enough at one site in one half-hour
	ReasonWishes    Reason = "wishes"    // what is free does not suit the days and times wished for
)

// Reasons that come before matching.
const (
	ReasonNotReady   Reason = "not_ready"  // the phone is not verified
	ReasonIncomplete Reason = "incomplete" // not all of the household have applied and are ready
	ReasonDeclines   Reason = "declines"   // as many offers declined as may be: an agent helps
	ReasonHeld       Reason = "held"       // held back until an agent has looked (a corrected identity that exists already)
)

// Matched reports whether the reason is the matcher's: the person was ready, and there was nothing for them.
func (r Reason) Matched() bool {
	switch r {
	case ReasonNotReady, ReasonIncomplete, ReasonDeclines, ReasonHeld, "":
		return false
	}
	return true
}

// Match is the matcher's decision for one person: a slot, or a reason.
type Match struct {
	Key      OrderKey
	SlotID   int64 // 0 when there is none
	Kept     bool  // the seat is one of the slot's reserve
	Rank     int   // the site's rank among the person's sites, from 1: their own ranking, or nearest first
	Distance int   // metres from the centre of the person's region to the site; -1: unknown
	Reason   Reason
}

// Assign gives each waiting person the best slot that is still free, in order-key order.
//
// Best means: by the person's own ranking of sites, otherwise by the distance from their region's centre; then the
// earliest start; then the lower slot id, so that the same input always gives the same output. The waiting must come
// sorted by order key. Capacity is never exceeded: each slot is given at most Free times. One call costs
// O(people × sites) plus the slots passed over, because each site's slots are walked in order of time and full ones at
// the front are dropped.
func Assign(c *Campaign, now time.Time, waiting []Waiting, free []FreeSlot) []Match {
	m := newMatcher(c, now, free)
	out := make([]Match, 0, len(waiting))
	for _, w := range waiting {
		id, reason := m.best(w)
		out = append(out, Match{Key: w.Key, SlotID: id, Reason: reason})
	}
	return out
}

type matcher struct {
	zone    *time.Location
	now     time.Time
	bySite  map[string][]FreeSlot
	sites   []Site              // those with slots, in the campaign's order
	nearest map[string][]string // region → sites, nearest first
	regions map[string]Position
}

func newMatcher(c *Campaign, now time.Time, free []FreeSlot) *matcher {
	m := &matcher{zone: c.Zone, now: now, bySite: map[string][]FreeSlot{}, nearest: map[string][]string{}, regions: map[string]Position{}}
	for _, s := range free {
		if s.Free > 0 {
			m.bySite[s.Site] = append(m.bySite[s.Site], s)
		}
	}
	for _, slots := range m.bySite {
		slices.SortFunc(slots, func(a, b FreeSlot) int {
			return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID))
		})
	}
	for _, s := range c.Sites {
		if len(m.bySite[s.Code]) > 0 {
			m.sites = append(m.sites, s)
		}
	}
	for _, r := range c.Regions {
		m.regions[r.Code] = r.Position
	}
	return m
}

func (m *matcher) best(w Waiting) (int64, Reason) {
	reason := ReasonNoSlots
	for _, site := range m.order(w) {
		slots := m.bySite[site]
		for len(slots) > 0 && slots[0].Free == 0 {
			slots = slots[1:]
		}
		m.bySite[site] = slots
		for i := range slots {
			s := &slots[i]
			switch {
			case s.Free == 0:
				continue
			case s.Starts.Before(m.now.Add(w.Notice)):
				reason = cmp.Or(keep(reason, ReasonWishes), ReasonNotice)
				continue
			case !w.Wishes.takes(s.Starts.In(m.zone)), slices.Contains(w.Declined, s.ID):
				reason = ReasonWishes
				continue
			}
			s.Free--
			return s.ID, ""
		}
	}
	if reason == ReasonNoSlots && len(w.Wishes.Sites) > 0 && m.anyFree() {
		reason = ReasonWishes
	}
	return 0, reason
}

// keep returns r if it is the wanted one, otherwise nothing.
func keep(r, wanted Reason) Reason {
	if r == wanted {
		return r
	}
	return ""
}

func (m *matcher) anyFree() bool {
	for _, slots := range m.bySite {
		if slices.ContainsFunc(slots, func(s FreeSlot) bool { return s.Free > 0 }) {
			return true
		}
	}
	return false
}

// order lists the sites for a person, best first.
func (m *matcher) order(w Waiting) []string {
	if len(w.Wishes.Sites) > 0 {
		return w.Wishes.Sites
	}
	if got, ok := m.nearest[w.Region]; ok {
		return got
	}
	from, known := m.regions[w.Region]
	sites := slices.Clone(m.sites)
	slices.SortStableFunc(sites, func(a, b Site) int {
		if !known {
			// Nobody knows where this person is: the campaign's own order of sites stands.
			return 0
		}
		home := func(s Site) int {
			if s.Region == w.Region {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(home(a), home(b)), cmp.Compare(Distance(from, a.Position), Distance(from, b.Position)))
	})
	codes := make([]string, len(sites))
	for i, s := range sites {
		codes[i] = s.Code
	}
	m.nearest[w.Region] = codes
	return codes
}

func (w Wishes) takes(local time.Time) bool {
	if !w.NotBefore.IsZero() && (Date{local.Year(), local.Month(), local.Day()}).Before(w.NotBefore) {
		return false
	}
	return len(w.Weekdays) == 0 || slices.Contains(w.Weekdays, local.Weekday())
}

// Nearest lists all sites' codes in the order in which somebody from the region is served who has ranked none.
func Nearest(c *Campaign, region string) []string {
	m := newMatcher(c, time.Time{}, nil)
	m.sites = c.Sites
	return m.order(Waiting{Region: region})
}

// Distance is the great-circle distance in metres (haversine formula, mean earth radius 6,371 km), rounded down so that
// tiny differences of floating point cannot change an order between machines.
func Distance(a, b Position) int {
	const earth, rad = 6_371_000.0, math.Pi / 180
	dLat, dLon := (b.Lat-a.Lat)*rad, (b.Lon-a.Lon)*rad
	h := math.Pow(math.Sin(dLat/2), 2) + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin(dLon/2), 2)
	return int(2 * earth * math.Asin(math.Sqrt(min(1, h))))
}
