package booking

import (
	"math"
	"time"
)

// Board is everything that a round may give away: free slots, loaded once, counted down as they are given.
//
// Fill it with Add and AddSupply, then call Match for one person after the other in the order of their keys. Nothing
// about an earlier match ever changes. A board is for one goroutine.
//
// A slot takes 16 bytes and two bits, a site some hundred bytes and about 60 for each of its days, so that 27 million
// slots take about 450 MB; sorting happens in place, once, at the first match. Full slots, full days, days on the wrong
// weekday and sites without anything are passed over with one look at a bit, so that the cost of a match does not grow
// with what was given before it, whatever people wish for. A match allocates nothing, apart from what is remembered of
// wishes that were not seen before.
type Board struct {
	c        *Campaign
	zone     *time.Location
	clock    clock
	now      time.Time
	prepared bool

	codes     map[string]int32 // site code → index into sites, as in Campaign.Sites
	sites     []stock
	supplies  []supply
	supplyOf  map[int64]int32    // a supply's id → index into supplies
	wide      []int64            // ids that do not fit a slot's 47 bits
	surplus   map[int64]*surplus // seats beyond what a slot's 16 bits can count
	words     int                // of all sites' days
	left      int
	openSites [2]int // sites with something to give, by kind
	keeps     bool   // some site has seats of a reserve
	largest   int    // the most people that any habit is for
	given     ledger

	regions  map[string]*nearby
	anywhere *nearby // for people of whom we do not know where they are
	habits   map[string]*habit
	needs    map[string][]uint64
	opens    map[group][]bool
	inVain   map[sameWishes]bool

	// What one call of Match works with, kept so that the next one need not allocate.
	ranked []int32
	key    []byte
	picks  []pick
	cut    bool // the last look at a day was not a look at the whole day by everybody
}

type supply struct {
	left int
	days []siteDay // days with slots that it covers
}

// siteDay is a day of a site.
type siteDay struct{ site, day int32 }

type surplus struct{ free, kept int }

// group is what decides which reserves are open to somebody.
type group struct {
	cohort string
	later  bool
}

// NewBoard makes an empty board for a campaign's sites, regions and reserves. now is the instant that notice is counted
// from; days and times of day are those of the campaign's zone (UTC if it has none).
func NewBoard(c *Campaign, now time.Time) *Board {
	b := &Board{
		c: c, zone: c.Zone, now: now, codes: make(map[string]int32, len(c.Sites)), sites: make([]stock, len(c.Sites)),
		supplyOf: map[int64]int32{}, surplus: map[int64]*surplus{}, regions: map[string]*nearby{}, habits: map[string]*habit{},
		needs: map[string][]uint64{}, opens: map[group][]bool{}, inVain: map[sameWishes]bool{},
	}
	if b.zone == nil {
		b.zone = time.UTC
	}
	for i, s := range c.Sites {
		if _, twice := b.codes[s.Code]; !twice {
			b.codes[s.Code] = int32(i)
		}
	}
	return b
}

// SetNow moves the board to another instant, a later one as a rule: what starts too soon by then suits nobody any more.
func (b *Board) SetNow(now time.Time) {
	if now.Before(b.now) {
		clear(b.inVain)
	}
	b.now = now
}

// Left is how many seats can still be given to somebody: free and kept ones, whether or not there is supply for them.
func (b *Board) Left() int { return b.left }

// AddSupply says how much of a supply is left. It must be called before the first Match, before or after the slots that
// the supply covers; a second call for the same supply replaces the first. A slot whose supply was never added has none.
func (b *Board) AddSupply(id int64, left int) {
	b.mustNotBePrepared()
	b.supplies[b.supply(id)].left = max(0, left)
}

func (b *Board) supply(id int64) int32 {
	i, ok := b.supplyOf[id]
	if !ok {
		i = int32(len(b.supplies))
		b.supplyOf[id] = i
		b.supplies = append(b.supplies, supply{})
	}
	return i
}

// Add puts a slot on the board, each one once, in any order, before the first Match. Seats that are kept for a reserve
// which the campaign does not have are nobody's. Ignored are slots without seats, of a site that the campaign does not
// have, and with a start before 1970 or after 2105; of a start, whole seconds count. A site can have 65,536 different
// pairs of supply and reserve: a slot with one more is ignored, too.
func (b *Board) Add(s FreeSlot) {
	b.mustNotBePrepared()
	at, ok := b.codes[s.Site]
	starts := s.Starts.Unix()
	if s.Reserve < 1 || s.Reserve > len(b.c.Reserves) {
		s.Reserve, s.Kept = 0, 0
	}
	s.Free, s.Kept = max(0, s.Free), max(0, s.Kept)
	if !ok || starts < 0 || starts > math.MaxUint32 || s.Free+s.Kept == 0 {
		return
	}
	st := &b.sites[at]
	t := terms{supply: noSupply, reserve: int32(s.Reserve)}
	if s.Supply != 0 {
		t.supply = b.supply(s.Supply)
	}
	i, ok := st.term(t)
	if !ok {
		return
	}
	if s.Kept > 0 {
		b.keeps = true
		st.keep(t.reserve)
	}
	const most = math.MaxUint16
	if s.Free > most || s.Kept > most {
		b.surplus[s.ID] = &surplus{max(0, s.Free-most), max(0, s.Kept-most)}
	}
	packed := slot{starts: uint32(starts), terms: i, free: uint16(min(s.Free, most)), kept: uint16(min(s.Kept, most))}
	b.setID(&packed, s.ID)
	st.push(packed)
	b.left += s.Free + s.Kept
}

func (b *Board) mustNotBePrepared() {
	if b.prepared {
		panic("booking: a board is filled before its first match")
	}
}

// term is the index of the terms among the site's, which may be new.
func (st *stock) term(t terms) (uint16, bool) {
	for i := len(st.terms) - 1; i >= 0; i-- { // the last ones first: slots come by the day, mostly
		if st.terms[i] == t {
			return uint16(i), true
		}
	}
	if len(st.terms) > math.MaxUint16 {
		return 0, false
	}
	st.terms = append(st.terms, t)
	return uint16(len(st.terms) - 1), true
}

// keep notes that the site has seats of a reserve.
func (st *stock) keep(reserve int32) {
	if st.reserve == 0 {
		st.reserve = reserve
	} else if st.reserve != reserve {
		st.reserve = severally
	}
}

func (b *Board) setID(s *slot, id int64) {
	if id >= 0 && id < wideID<<32 {
		s.low, s.high = uint32(id&math.MaxUint32), uint16(id>>32)
		return
	}
	s.low, s.high = uint32(len(b.wide)), wideID
	b.wide = append(b.wide, id)
}

func (b *Board) id(s *slot) int64 {
	if s.high == wideID {
		return b.wide[s.low]
	}
	return int64(s.high)<<32 | int64(s.low)
}
