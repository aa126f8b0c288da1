package db_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// without drops a site with its slots.
func without(site string) dbtest.Options {
	return func(c *booking.Campaign) {
		var sites []booking.Site
		for _, s := range c.Sites {
			if s.Code != site {
				sites = append(sites, s)
			}
		}
		var slots []booking.Slot
		for _, s := range c.Slots {
			if s.Site != site {
				slots = append(slots, s)
			}
		}
		c.Sites, c.Slots = sites, slots
	}
}

// room sets how many people each slot of a site takes.
func room(site string, n int) dbtest.Options {
	return func(c *booking.Campaign) {
		for i := range c.Slots {
			if c.Slots[i].Site == site {
				c.Slots[i].Capacity = n
			}
		}
	}
}

func (p *past) move(t *testing.T, page int, progress func(db.Moved)) db.Moved {
	t.Helper()
	m, err := db.NewMover(p.Pool, p.set, page).Move(t.Context(), p.campaign, "operator:test", progress)
	ok(t, err)
	return m
}

func TestASiteClosesAndItsPeopleAreMovedFirst(t *testing.T) {
	t.Parallel()
	const people = 10 // eight at the north site, two at the middle one
	p := newPast(t)
	p.offered(t, people)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "confirm"), 0, booking.Confirmed))
	if err := p.reapply(t, false, without("north")); !errors.Is(err, db.ErrApply) {
		t.Fatalf("a site with people was dropped: %v", err)
	}
	file := p.file(without("north"))
	plan, err := db.PlanApply(t.Context(), p.Pool, file, digestOf(file), p.now(t))
	ok(t, err)
	if plan.People != 8 || len(plan.Sites) != 1 || plan.Sites[0].Slots != 4 || plan.Slots.Dropped != 4 || plan.Slots.SeatsAfter != seats-8 || len(plan.Differences) != 1 {
		t.Fatalf("the plan: %+v", plan)
	}
	ok(t, p.reapply(t, true, without("north")))
	if plan, err = db.PlanApply(t.Context(), p.Pool, file, digestOf(file), p.now(t)); err != nil || plan.Unfinished != 8 || !plan.Same {
		t.Fatalf("before the move: %+v, %v", plan, err)
	}
	before := people
	got := p.move(t, 3, func(m db.Moved) {
		if n := p.int(t, `SELECT count(*) FROM appointment WHERE state IN ('offered', 'confirmed')`); n != before {
			t.Errorf("after %d moves %d people have an appointment, want %d", m.Moved, n, before)
		}
		if n := p.int(t, `SELECT sum(capacity)::int FROM slot s JOIN site si ON si.id = s.site_id WHERE si.code = 'north'`); n != 8-m.Moved {
			t.Errorf("after %d moves the north site still has %d seats", m.Moved, n)
		}
	})
	if got.Moved != 8 || got.Waiting != 0 {
		t.Fatalf("moved %+v, want 8", got)
	}
	for n := range people {
		state, slot := p.stands(t, n)
		if state != "offered" || p.siteOf(t, slot) == "north" {
			t.Errorf("person %d: %s at %s", n, state, p.siteOf(t, slot))
		}
		if want := min(1, max(0, 8-n)); p.messages(t, n, "moved") != want || p.messages(t, n, "cancelled") != 0 {
			t.Errorf("person %d was told of the move %d times, want %d", n, p.messages(t, n, "moved"), want)
		}
	}
	if _, slot := p.stands(t, 0); p.siteOf(t, slot) != "middle" {
		t.Error("the first in order did not get the nearest site that is left")
	}
	if _, slot := p.stands(t, 7); p.siteOf(t, slot) != "south" {
		t.Error("the last in order got the nearest site before others")
	}
	p.clean(t)
}

func TestTheLastInOrderLeaveASmallerSlot(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 8) // two by two at the north site
	before := p.slotsOf(t)
	ok(t, p.reapply(t, true, room("north", 1)))
	if got := p.move(t, 100, nil); got.Moved != 4 {
		t.Fatalf("moved %+v, want 4", got)
	}
	after := p.slotsOf(t)
	for n := range 8 {
		if stays := before[n] == after[n]; stays != (n%2 == 0) {
			t.Errorf("person %d: had %s, has %s", n, before[n], after[n])
		}
	}
	if n := p.int(t, `SELECT count(*) FROM appointment WHERE state = 'cancelled' AND cause = 'capacity'`); n != 4 {
		t.Errorf("%d appointments ended for the capacity", n)
	}
	if got := p.move(t, 100, nil); got != (db.Moved{}) {
		t.Errorf("a second run moved %+v", got)
	}
	p.round(t) // rounds go on at once
	p.clean(t)
}

func TestWhomNothingSuitsWaitsInOrder(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, seats)
	ok(t, p.reapply(t, true, without("south")))
	if got := p.move(t, 5, nil); got.Moved != 0 || got.Waiting != 8 {
		t.Fatalf("moved %+v; there is nothing free", got)
	}
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE look AND grade = 1`); n != 8 {
		t.Errorf("%d people wait to be looked at, want 8", n)
	}
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'cancelled' AND params->>'cause' = 'site_closed'`); n != 8 {
		t.Errorf("%d people were told why", n)
	}
	// The next seat goes to the first of them.
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.round(t)
	for n := 16; n < seats; n++ {
		want := "cancelled"
		if n == 16 {
			want = "offered"
		}
		if state, _ := p.stands(t, n); state != want {
			t.Errorf("person %d: %s, want %s", n, state, want)
		}
	}
	p.clean(t)
}

// A move that is cut off at any page and goes on ends like one that is not.
func TestAMoveThatIsCutOffGoesOn(t *testing.T) {
	t.Parallel()
	begun := newPast(t)
	begun.offered(t, 14)
	ok(t, begun.reapply(t, true, without("north")))
	whole, broken := begun.copied(t), begun.copied(t)
	whole.move(t, 2, nil)
	for cut := true; cut; {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := db.NewMover(broken.Pool, broken.set, 2).Move(ctx, broken.campaign, "operator:test", func(db.Moved) { cancel() })
		cut = err != nil
		cancel()
	}
	if a, b := whole.slotsOf(t), broken.slotsOf(t); !maps.Equal(a, b) {
		t.Errorf("unbroken: %v\nbroken:   %v", a, b)
	}
	broken.clean(t)
}

func TestMovesRoundsAndAnswersRace(t *testing.T) {
	t.Parallel()
	const people = 20
	p := newPast(t)
	p.offered(t, people)
	ok(t, p.reapply(t, true, without("north"), room("middle", 1)))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := db.NewMover(p.Pool, p.set, 2).Move(t.Context(), p.campaign, "operator:test", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		for range 10 {
			if _, err := db.NewAssigner(p.Pool, p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign"); err != nil {
				t.Error(err)
			}
		}
	})
	for n := range people {
		c, to := p.change(t, n, "answer"), booking.Confirmed
		if n%3 == 0 {
			to = booking.Declined
		}
		wg.Go(func() {
			if err := p.book.Answer(t.Context(), c, 0, to); err != nil && booking.CodeOf(err) != booking.CodeConflict {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	p.move(t, 10, nil)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM slot s JOIN site si ON si.id = s.site_id WHERE s.target IS NOT NULL OR si.code = 'north' AND s.capacity > 0 OR si.code = 'middle' AND s.capacity > 1`); n != 0 {
		t.Errorf("%d slots are not closed", n)
	}
	p.clean(t)
}

func TestWhoRankedOnlyAClosedSiteGetsTheNearest(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 1)
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), "s", booking.Wishes{Sites: []string{"north"}}))
	ok(t, p.reapply(t, true, without("north")))
	if got := p.move(t, 10, nil); got.Moved != 1 {
		t.Fatalf("moved %+v", got)
	}
	if _, slot := p.stands(t, 0); p.siteOf(t, slot) != "south" {
		t.Errorf("who lives in the south is at %s", p.siteOf(t, slot))
	}
	p.clean(t)
}

func TestAMoveKeepsTheWishToSwap(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, seats)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	p.round(t)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 8, "cancel"))) // a seat at the middle site
	ok(t, p.reapply(t, true, room("north", 1), func(c *booking.Campaign) {
		s := c.Slots[len(c.Slots)-1] // and four new ones at the south site, two hours later
		s.Starts, s.Ends, s.Capacity = s.Starts.Add(2*time.Hour), s.Ends.Add(2*time.Hour), 4
		c.Slots = append(c.Slots, s)
	}))
	p.move(t, 10, nil)
	p.round(t)
	if _, slot := p.stands(t, 0); p.siteOf(t, slot) != "south" {
		t.Errorf("who wished for the south site is at %s", p.siteOf(t, slot))
	}
	p.clean(t)
}

// A site closes on a day on which somebody came early and is marked.
func TestAMoveLeavesWhoHasCome(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 2)
	c := p.change(t, 0, "mark")
	p.Scan(t, `SELECT starts_at FROM slot JOIN appointment a ON a.slot_id = slot.id WHERE a.registration_id = $1`, []any{[16]byte(p.ids[0])}, &c.At) // said on its day
	c.Actor = "agent:a"
	ok(t, p.book.Mark(t.Context(), c, booking.Attended))
	ok(t, p.swaps(t, 1, booking.Wishes{Sites: []string{"south"}}))
	ok(t, p.reapply(t, true, without("north")))
	file := p.file(without("north"))
	plan, err := db.PlanApply(t.Context(), p.Pool, file, digestOf(file), p.now(t))
	ok(t, err)
	got := p.move(t, 10, nil)
	t.Logf("%+v %+v", plan, got)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d wait", n)
	}
	p.cleanIn(t, 25*time.Hour)
}
