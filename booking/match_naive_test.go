package booking_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the zones below must be there wherever the tests run

	"pgregory.net/rapid"

	"jari/booking"
)

// naive matches by the rules as they are written, looking at every slot for everybody: slow and plain, to hold the board to.
type naive struct {
	c      *booking.Campaign
	now    time.Time
	slots  []booking.FreeSlot
	supply map[int64]int
}

func (n *naive) match(w booking.Waiting) []booking.Match {
	keys := w.Members
	if len(keys) == 0 {
		keys = []booking.OrderKey{w.Key}
	}
	at := make([]booking.Match, len(keys))
	if seats, rank, metres := n.best(w, len(keys)); seats != nil {
		for i, s := range seats {
			s.Rank, s.Distance = rank, metres
			at[i] = s
			n.change(s, -1)
		}
	} else {
		reason := n.reason(w, len(keys))
		for i := range at {
			at[i].Reason = reason
		}
	}
	for i := range at {
		at[i].Key = keys[i]
	}
	return at
}

func (n *naive) change(m booking.Match, by int) {
	for i := range n.slots {
		s := &n.slots[i]
		if s.ID != m.SlotID {
			continue
		}
		if m.Kept {
			s.Kept += by
		} else {
			s.Free += by
		}
		if s.Supply != 0 {
			n.supply[s.Supply] += by
		}
	}
}

// order lists all sites that a person would go to, best first. A rank is an index in it, plus one.
func (n *naive) order(w booking.Waiting) []string {
	if len(w.Wishes.Sites) > 0 {
		return w.Wishes.Sites
	}
	sites := slices.Clone(n.c.Sites)
	if r, known := n.c.Region(w.Region); known {
		slices.SortStableFunc(sites, func(a, b booking.Site) int {
			if (a.Region == r.Code) != (b.Region == r.Code) {
				if a.Region == r.Code {
					return -1
				}
				return 1
			}
			return cmp.Compare(booking.Distance(r.Position, a.Position), booking.Distance(r.Position, b.Position))
		})
	}
	var codes []string
	for _, s := range sites {
		codes = append(codes, s.Code)
	}
	return codes
}

func (n *naive) metres(w booking.Waiting, site string) int {
	r, known := n.c.Region(w.Region)
	s, ok := n.c.Site(site)
	if !known || !ok {
		return -1
	}
	return booking.Distance(r.Position, s.Position)
}

func (n *naive) opens(w booking.Waiting, s booking.FreeSlot) bool {
	if s.Reserve < 1 || s.Reserve > len(n.c.Reserves) {
		return false
	}
	r := n.c.Reserves[s.Reserve-1]
	return w.Later && r.Later || slices.Contains(r.Cohorts, w.Cohort)
}

func (n *naive) seats(w booking.Waiting, s booking.FreeSlot) int {
	if n.opens(w, s) {
		return s.Free + s.Kept
	}
	return s.Free
}

func (n *naive) supplied(s booking.FreeSlot) bool { return s.Supply == 0 || n.supply[s.Supply] > 0 }

func (n *naive) late(w booking.Waiting, s booking.FreeSlot) bool {
	notice := max(w.Notice, time.Duration(w.Wishes.Notice)*time.Hour)
	return !s.Starts.Before(n.now.Add(notice))
}

func (n *naive) hasNeeds(w booking.Waiting, s booking.FreeSlot) bool {
	site, ok := n.c.Site(s.Site)
	for _, tag := range w.Wishes.Needs {
		ok = ok && slices.Contains(site.Tags, tag)
	}
	return ok
}

func (n *naive) atWantedSite(w booking.Waiting, s booking.FreeSlot) bool {
	if len(w.Wishes.Sites) > 0 {
		return slices.Contains(w.Wishes.Sites, s.Site)
	}
	return w.Wishes.MaxKm == 0 || n.metres(w, s.Site) <= w.Wishes.MaxKm*1000
}

func (n *naive) suits(w booking.Waiting, s booking.FreeSlot) bool {
	local, wish := s.Starts.In(n.c.Zone), w.Wishes
	date := booking.DateOf(s.Starts, n.c.Zone)
	minute := local.Hour()*60 + local.Minute()
	return (w.From.IsZero() || !s.Starts.Before(w.From)) && (w.Until.IsZero() || !s.Starts.After(w.Until)) &&
		(wish.NotBefore.IsZero() || !date.Before(wish.NotBefore)) && (wish.NotAfter.IsZero() || !wish.NotAfter.Before(date)) &&
		(len(wish.Weekdays) == 0 || slices.Contains(wish.Weekdays, local.Weekday())) &&
		(len(wish.Times) == 0 || slices.ContainsFunc(wish.Times, func(t booking.DayTime) bool { return minute >= t.From && minute < t.To })) &&
		!slices.Contains(w.Declined, s.ID)
}

type halfHour struct {
	site  string
	date  booking.Date
	begun int64
}

func (n *naive) halfHourOf(s booking.FreeSlot) halfHour {
	local := s.Starts.In(n.c.Zone)
	into := time.Duration(local.Minute()%30)*time.Minute + time.Duration(local.Second())*time.Second
	return halfHour{s.Site, booking.DateOf(s.Starts, n.c.Zone), s.Starts.Add(-into).Unix()}
}

// together are n seats of some slots, in their order, or nil if they and their supply have not as many.
func (n *naive) together(w booking.Waiting, people int, slots []booking.FreeSlot) []booking.Match {
	var out []booking.Match
	used := map[int64]int{}
	for _, s := range slots {
		for seat := range n.seats(w, s) {
			if len(out) < people && (s.Supply == 0 || used[s.Supply] < n.supply[s.Supply]) {
				used[s.Supply]++
				out = append(out, booking.Match{SlotID: s.ID, Kept: n.opens(w, s) && seat < s.Kept})
			}
		}
	}
	if len(out) < people {
		return nil
	}
	return out
}

// groups puts slots together that one household could share, the earliest first.
func (n *naive) groups(slots []booking.FreeSlot) [][]booking.FreeSlot {
	slots = slices.Clone(slots)
	slices.SortFunc(slots, func(a, b booking.FreeSlot) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
	index := map[halfHour]int{}
	var out [][]booking.FreeSlot
	for _, s := range slots {
		h := n.halfHourOf(s)
		i, ok := index[h]
		if !ok {
			i = len(out)
			index[h] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], s)
	}
	return out
}

func (n *naive) best(w booking.Waiting, people int) ([]booking.Match, int, int) {
	for rank, site := range n.order(w) {
		suited := keep(n.slots, func(s booking.FreeSlot) bool {
			return s.Site == site && n.supplied(s) && n.seats(w, s) > 0 && n.late(w, s) && n.hasNeeds(w, s) && n.atWantedSite(w, s) && n.suits(w, s)
		})
		if people == 1 { // the whole board is one group
			slices.SortFunc(suited, func(a, b booking.FreeSlot) int { return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.ID, b.ID)) })
			if got := n.together(w, 1, suited); got != nil {
				return got, rank + 1, n.metres(w, site)
			}
			continue
		}
		for _, g := range n.groups(suited) {
			if got := n.together(w, people, g); got != nil {
				return got, rank + 1, n.metres(w, site)
			}
		}
	}
	return nil, 0, 0
}

func keep(slots []booking.FreeSlot, wanted func(booking.FreeSlot) bool) []booking.FreeSlot {
	var out []booking.FreeSlot
	for _, s := range slots {
		if wanted(s) {
			out = append(out, s)
		}
	}
	return out
}

// reason lets all slots through the sieves in the order of the list in match.go and names the first that leaves nothing.
func (n *naive) reason(w booking.Waiting, people int) booking.Reason {
	site := booking.ReasonDistance
	if len(w.Wishes.Sites) > 0 {
		site = booking.ReasonSites
	}
	left := n.slots
	for _, sieve := range []struct {
		reason booking.Reason
		passes func(booking.FreeSlot) bool
	}{
		{booking.ReasonNoSlots, func(s booking.FreeSlot) bool {
			_, here := n.c.Site(s.Site)
			return here && s.Free+s.Kept > 0
		}},
		{booking.ReasonSupply, n.supplied},
		{booking.ReasonReserved, func(s booking.FreeSlot) bool { return n.seats(w, s) > 0 }},
		{booking.ReasonNotice, func(s booking.FreeSlot) bool { return n.late(w, s) }},
		{booking.ReasonNeeds, func(s booking.FreeSlot) bool { return n.hasNeeds(w, s) }},
		{site, func(s booking.FreeSlot) bool { return n.atWantedSite(w, s) }},
	} {
		if left = keep(left, sieve.passes); len(left) == 0 {
			return sieve.reason
		}
	}
	if people > 1 && !slices.ContainsFunc(n.groups(left), func(g []booking.FreeSlot) bool { return n.together(w, people, g) != nil }) {
		return booking.ReasonHousehold
	}
	return booking.ReasonWishes
}

// The board gives the very answers of the plain matcher, while seats come back and time passes.
func TestBoardMatchesAsTheRulesAreWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := drawPlay(t)
		b, n := p.board(), p.naive()
		var given []booking.Match
		for _, w := range p.waiting {
			switch rapid.IntRange(0, 7).Draw(t, "meanwhile") {
			case 0:
				n.now = n.now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, "minutes")) * time.Minute)
				b.SetNow(n.now)
			case 1, 2:
				if len(given) > 0 {
					i := rapid.IntRange(0, len(given)-1).Draw(t, "back")
					b.GiveBack(given[i])
					n.change(given[i], +1)
					given = slices.Delete(given, i, i+1)
				}
			}
			got, want := b.Match(nil, w), n.match(w)
			if !slices.Equal(got, want) {
				t.Fatalf("%+v\n got %+v\nwant %+v", w, got, want)
			}
			for _, m := range got {
				if m.SlotID != 0 {
					given = append(given, m)
				}
			}
			if left := n.left(); b.Left() != left {
				t.Fatalf("%d seats left, want %d", b.Left(), left)
			}
		}
	})
}

func (n *naive) left() int {
	sum := 0
	for _, s := range n.slots {
		if _, here := n.c.Site(s.Site); here {
			sum += s.Free + s.Kept
		}
	}
	return sum
}

// The same on a board with so many slots that its indexes have several levels, until most seats are gone.
func TestBoardMatchesAsTheRulesAreWrittenWhenItIsLarge(t *testing.T) {
	t.Parallel()
	country := newNation(3, 3*4500, 0)
	p := &play{c: country.c, now: country.now}
	country.each(func(s booking.FreeSlot) {
		s.Supply = s.ID % 2 * s.Supply
		if s.ID%491 == 0 { // the others are kept, so that the young have far to go from one to the next
			s.Free = 1 + int(s.ID%2)
		}
		p.slots = append(p.slots, s)
	})
	p.supply = map[int64]int{1: 20, 2: 9, 3: 500}
	b, n := p.board(), p.naive()
	r := rand.New(rand.NewPCG(5, 6))
	var w booking.Waiting
	for i := range 150 {
		country.someone(r, &w)
		got, want := b.Match(nil, w), n.match(w)
		if !slices.Equal(got, want) {
			t.Fatalf("person %d, %+v\n got %+v\nwant %+v", i, w, got, want)
		}
	}
}

// And for so many different wishes that the board forgets some.
func TestBoardForgetsWishesWithoutHarm(t *testing.T) {
	t.Parallel()
	p := &play{c: ruled(), now: tuesday}
	for i := range 9 {
		at := hour("2021-07-21 09:00").Add(time.Duration(i) * 3 * time.Hour)
		p.slots = append(p.slots, booking.FreeSlot{ID: int64(i + 1), Site: fmt.Sprint("site-", string("abc"[i%3])), Starts: at, Free: i, Kept: 1, Reserve: 1})
	}
	b, n := p.board(), p.naive()
	for i := range 5000 {
		w := booking.Waiting{Cohort: fmt.Sprint("cohort", i), Region: "a", Wishes: booking.Wishes{Times: []booking.DayTime{{From: i % 1440, To: i%1440 + 30 + i/1440}}}}
		if i%2 > 0 {
			w.Wishes.Needs = []string{fmt.Sprint("need", i)}
		}
		if got, want := b.Match(nil, w), n.match(w); !slices.Equal(got, want) {
			t.Fatalf("%+v\n got %+v\nwant %+v", w, got, want)
		}
	}
}

func TestBoardMatchAllocatesNothing(t *testing.T) {
	country := newNation(20, 20*600, 9)
	b := booking.NewBoard(country.c, country.now)
	country.fill(b)
	people := make([]booking.Waiting, 400)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range people {
		country.someone(r, &people[i])
	}
	out := make([]booking.Match, 0, 4*len(people))
	round := func() {
		out = out[:0]
		for i := range people {
			out = b.Match(out, people[i])
		}
	}
	round()
	if n := testing.AllocsPerRun(3, round); n > 10 { // the ledger grows now and then
		t.Errorf("%v allocations for %d people", n, len(people))
	}
}
