package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
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
