package booking

import "time"

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

// FreeSlot is a slot with room, as the matcher sees it.
type FreeSlot struct {
	ID      int64
	Site    string
	Starts  time.Time
	Free    int   // seats that anybody may take
	Kept    int   // further seats that only the reserve's people may take. Without a reserve they are nobody's.
	Reserve int   // the slot's reserve, counted from 1 in Campaign.Reserves; 0: none
	Supply  int64 // the supply that covers it; 0: none
}

// Reason says why somebody got no slot. It is told to the person in their language.
type Reason string

// The matcher's reasons. Think of all slots on the board, and of each reason as a sieve that takes out what the person
// could not have for that reason, one after the other in the order of this list. The reason is the sieve after which
// nothing was left: with everything before it as it is, it must change first. It is about the moment of the person's turn.
const (
	ReasonNoSlots   Reason = "no_slots"  // every seat is taken
	ReasonSupply    Reason = "supply"    // there are seats left but nothing left to give in them
	ReasonReserved  Reason = "reserved"  // what is free is kept for others until its release
	ReasonNotice    Reason = "notice"    // what is free starts before the notice is over
	ReasonNeeds     Reason = "needs"     // no site with something free has all that the person needs
	ReasonSites     Reason = "sites"     // the ranked sites are taken
	ReasonDistance  Reason = "distance"  // what is free is too far away (nobody's reason who ranked sites)
	ReasonHousehold Reason = "household" // there are seats, but not enough at one site in one half-hour
	ReasonWishes    Reason = "wishes"    // what is free does not suit the days and times wished for, or the series, or was declined before
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
	SlotID   int64  // 0 when there is none
	Kept     bool   // the seat is one of the slot's reserve
	Rank     int    // the site's rank among the person's sites, from 1: their own ranking, or nearest first
	Distance int    // metres from the centre of the person's region to the site; -1: the region is unknown
	Reason   Reason // why there is no slot; then Kept, Rank and Distance are zero
}

// Match gives a person the best slot that is left for them, or says why there is none, and appends that to out: one match
// for a person, one for each member of a household, in the members' order.
//
// People must be passed in the order of their keys, a household at its last member's: who is passed first is served
// first, and nobody who comes later changes what they got. The rules, in this order:
//
//   - Sites. The ranked ones in their order. Who ranked none tries all sites: those in their own region first, then the
//     others, both nearest to the region's centre first, and none that is further away than MaxKm. Where the region is
//     unknown it is the campaign's own order, and MaxKm cuts nothing off, because there is nothing to measure from.
//     Sites that lack one of the tags in Needs are passed over. Rank counts all sites of the order, also those passed over.
//   - Time. Within a site the earliest start that suits, and of slots that start together the one with the lowest id. A
//     start suits if it is now plus notice or later (the cohort's or the person's own notice, whichever is longer), within
//     From and Until, on a day and a weekday and at a time of day that were wished for, by the clocks of the campaign's
//     zone on that day. A slot that the person declined is not offered again.
//   - Seats. Anybody may take a free seat. Kept ones are for people of the reserve's cohorts, and for later doses where the
//     reserve says so; they take a slot's kept seats before its free ones.
//   - Supply. Every seat takes one from the slot's supply; without supply it cannot be given.
//   - A household is one person of several seats: all at one site in one half-hour (from :00 or :30 local time), in one slot
//     or several. The best site that has such a half-hour decides, then the earliest one. All members get a seat or none.
//
// Nothing of this is left to chance: the same board and people give the same matches, in whatever order slots were added.
func (b *Board) Match(out []Match, w Waiting) []Match {
	b.prepare()
	s := b.read(&w)
	at, rank := b.search(&s)
	m := Match{Key: w.Key}
	if at < 0 {
		m.Reason = b.reason(&s)
	} else {
		m.Rank, m.Distance = rank, b.distance(&s, at, rank)
		for _, p := range b.picks {
			b.give(at, b.sites[at].dayOf(p.slot), p)
		}
	}
	for i := range s.people {
		if len(w.Members) > 0 {
			m.Key = w.Members[i]
		}
		if at >= 0 {
			m.SlotID, m.Kept = b.id(b.sites[at].at(b.picks[i].slot)), b.picks[i].kept
		}
		out = append(out, m)
	}
	return out
}
