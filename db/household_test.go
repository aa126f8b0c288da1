package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
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
