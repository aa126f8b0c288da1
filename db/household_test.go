package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

func together(p *past, n int) func(*desk.Application) {
	return func(a *desk.Application) {
		a.Wishes = booking.Wishes{Household: &booking.Household{Code: "together", Size: 2}}
	}
}

// Somebody of a household who declines alone is told of a next time; nobody may keep it from coming for ever.
func TestWhoDeclinesAloneIsServedAlone(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, 2*time.Minute, together(p, 0))
	p.apply(t, 1, time.Minute, together(p, 1))
	p.announce(t)
	p.round(t)
	ok(t, p.book.Answer(t.Context(), p.change(t, 1, "decline"), 0, booking.Declined))
	p.round(t)
	p.round(t)
	state, _ := p.stands(t, 1)
	if state != "offered" {
		t.Errorf("22 seats are free; who declined alone: %s, waits because %v", state, p.slotsOf(t))
	}
	p.clean(t)
}

// A site closes, one of a household finds nothing, then new slots come.
func TestAHouseholdThatWasPartedWaitsForNobody(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) {
		var out []booking.Slot
		n := 0
		for _, s := range c.Slots {
			if s.Site == "north" && n == 0 {
				out = append(out, s)
				n++
			} else if s.Site == "middle" && n == 1 {
				s.Capacity = 1
				out = append(out, s)
				n++
			}
		}
		c.Slots = out
	})
	p.apply(t, 0, 2*time.Minute, together(p, 0))
	p.apply(t, 1, time.Minute, together(p, 1))
	p.announce(t)
	p.round(t)
	ok(t, p.reapply(t, true, without("north")))
	got := p.move(t, 10, nil)
	if got.Moved != 1 || got.Waiting != 1 {
		t.Fatalf("%+v %v", got, p.slotsOf(t))
	}
	ok(t, p.reapply(t, false, room("middle", 10)))
	p.round(t)
	p.round(t)
	if state, _ := p.stands(t, 1); state != "offered" {
		t.Errorf("9 seats are free at the middle site; the one whom we left without: %v", p.slotsOf(t))
	}
	p.clean(t)
}

// The other one withdraws.
func TestWhoStaysOfAHouseholdIsServedAlone(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(1))
	p.apply(t, 0, 2*time.Minute, together(p, 0))
	p.apply(t, 1, time.Minute, together(p, 1))
	p.announce(t)
	p.round(t) // no seats for two
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 1, "cancel")))
	p.round(t)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != 1 {
		t.Errorf("one seat is free, one person waits alone: %v", p.slotsOf(t))
	}
	p.clean(t)
}

// A site closes. The next one has a seat at its first hour and two at its second: a household goes on together, also where the page ends
// between its members.
func TestAHouseholdIsMovedTogether(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) {
		north, first, second := c.Slots[0], c.Slots[dbtest.PerSite], c.Slots[dbtest.PerSite+1]
		first.Capacity = 1
		c.Slots = []booking.Slot{north, first, second}
	})
	p.apply(t, 0, 2*time.Minute, together(p, 0))
	p.apply(t, 1, time.Minute, together(p, 1))
	p.announce(t)
	p.round(t)
	ok(t, p.reapply(t, true, without("north")))
	if got := p.move(t, 1, nil); got.Moved != 2 {
		t.Fatalf("%+v %v", got, p.slotsOf(t))
	}
	if got := p.slotsOf(t); got[0] != got[1] || !isTime(got[0]) {
		t.Errorf("parted: %v", got)
	}
	p.clean(t)
}

// Seats that are kept for one of a household are not for the others: they would get ahead of whoever those seats are kept from.
func TestAHouseholdTakesNoSeatThatIsKeptForOneOfIt(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) {
		c.Slots = c.Slots[:1]
		c.Slots[0].Capacity = 4
		c.Reserves = []booking.Reserve{{Cohorts: []string{"young"}, Percent: 75, Release: time.Minute}}
	})
	p.apply(t, 0, 2*time.Minute, together(p, 0))
	p.apply(t, 20, time.Minute, together(p, 20)) // born in 1970
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); isTime(got[0]) || isTime(got[20]) {
		t.Errorf("one seat is anybody's, three are kept for the young: %v", got)
	}
	p.apply(t, 21, 50*time.Second, together(p, 21), func(a *desk.Application) { a.Wishes.Household.Code = "the young" })
	p.apply(t, 22, 40*time.Second, together(p, 22), func(a *desk.Application) { a.Wishes.Household.Code = "the young" })
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[21]) || !isTime(got[22]) {
		t.Errorf("three seats are kept for the young: %v", got)
	}
	p.clean(t)
}

// Four people are complete, and no slot has room for four: that is the reason of each of them, however often they are looked at.
func TestAHouseholdHasOneReason(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(3))
	for n := range 4 {
		p.apply(t, n, time.Duration(40-n)*time.Second, wishing(booking.Wishes{Household: &booking.Household{Code: "together", Size: 4}}))
	}
	p.announce(t)
	for range 3 {
		p.round(t)
		for n, why := range p.slotsOf(t) {
			if why != string(booking.ReasonHousehold) {
				t.Errorf("person %d: %s", n, why)
			}
		}
	}
	decisions := p.int(t, `SELECT count(*) FROM decision`)
	ok(t, p.book.Verify(t.Context(), p.change(t, 3, "verify"), "reply", 0))
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM decision`); n != decisions {
		t.Errorf("%d decisions were written although nothing changed", n-decisions)
	}
	p.clean(t)
}

// Whoever of a household is looked at alone hears what the household heard, not that it is incomplete, wherever a page ended.
func TestAHouseholdHasOneReasonOnAnyPage(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(2))
	for n := range 3 {
		p.apply(t, n, time.Duration(3-n)*time.Minute, together(p, n), func(a *desk.Application) { a.Wishes.Household.Size = 3 })
	}
	p.announce(t)
	for looked := 1; looked > 0; {
		p.rested(t)
		got, err := db.NewAssigner(p.Pool, p.set, 1).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		ok(t, err)
		looked = got.Looked
	}
	if got := p.slotsOf(t); got[0] != string(booking.ReasonHousehold) || got[1] != got[0] || got[2] != got[0] {
		t.Errorf("complete, with two seats for three: %v", got)
	}
	p.clean(t)
}
