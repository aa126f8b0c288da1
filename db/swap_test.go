package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// swaps asks for another appointment for the n-th person.
func (p *past) swaps(t *testing.T, n int, w booking.Wishes) error {
	t.Helper()
	return p.book.AskSwap(t.Context(), p.change(t, n, "swap"), dbtest.Region, w)
}

func (p *past) siteOf(t *testing.T, slot int64) string {
	t.Helper()
	var site string
	p.Scan(t, `SELECT si.code FROM slot s JOIN site si ON si.id = s.site_id WHERE s.id = $1`, []any{slot}, &site)
	return site
}

func TestASwapSecuresTheNewSlotFirst(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 3)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "confirm"), 0, booking.Confirmed))
	_, before := p.stands(t, 0)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	if state, slot := p.stands(t, 0); state != "confirmed" || slot != before {
		t.Fatalf("asking alone changed the appointment: %s, slot %d", state, slot)
	}
	p.round(t)
	state, slot := p.stands(t, 0)
	if state != "offered" || p.siteOf(t, slot) != "south" {
		t.Fatalf("after the round: %s at %s, want an offer at the south site", state, p.siteOf(t, slot))
	}
	if n := p.int(t, `SELECT count(*) FROM appointment WHERE state = 'cancelled' AND cause = 'swap' AND slot_id = $1`, before); n != 1 {
		t.Errorf("%d old appointments were given up for it, want one", n)
	}
	if p.messages(t, 0, "changed") != 1 || p.messages(t, 0, "cancelled") != 0 || p.messages(t, 0, "offer") != 1 || p.messages(t, 0, "swap_noted") != 1 {
		t.Error("the swap was not told in one text")
	}
	if n := p.int(t, `SELECT count(*) FROM waiting`); n != 0 {
		t.Errorf("%d people still wait", n)
	}
	p.clean(t)
}

func TestWhoSwapsLosesNothing(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, seats+1) // everything is taken, and one waits
	_, before := p.stands(t, 5)
	ok(t, p.swaps(t, 5, booking.Wishes{Sites: []string{"south"}}))
	p.round(t)
	if state, slot := p.stands(t, 5); state != "offered" || slot != before {
		t.Fatalf("nothing is free, and the appointment is %s, slot %d", state, slot)
	}
	ok(t, p.swaps(t, 5, booking.Wishes{})) // replaces the wish: anything else
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE swap_of IS NOT NULL`); n != 1 {
		t.Fatalf("%d open wishes, want one", n)
	}
	// A seat of the very slot becomes free: it is no other appointment. Whoever waits gets it.
	var other int
	for n := range seats {
		if _, slot := p.stands(t, n); n != 5 && slot == before {
			other = n
		}
	}
	ok(t, p.book.Withdraw(t.Context(), p.change(t, other, "cancel")))
	p.round(t)
	if state, slot := p.stands(t, 5); state != "offered" || slot != before {
		t.Errorf("the swap was %s, slot %d: the same slot is no other one", state, slot)
	}
	if state, slot := p.stands(t, seats); state != "offered" || slot != before {
		t.Errorf("who waited: %s, slot %d, want the seat that became free", state, slot)
	}
	p.clean(t)
}

func TestAWishToSwapIsTakenBack(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 2)
	_, before := p.stands(t, 0)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	ok(t, p.book.DropSwap(t.Context(), p.change(t, 0, "swap.drop")))
	p.round(t)
	if state, slot := p.stands(t, 0); state != "offered" || slot != before {
		t.Errorf("%s, slot %d", state, slot)
	}
	if err := p.book.DropSwap(t.Context(), p.change(t, 0, "swap.drop")); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("a second time: %v", err)
	}
	// Who declines while a wish is open waits like anybody.
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.round(t)
	if state, slot := p.stands(t, 0); state != "offered" || p.siteOf(t, slot) != "south" {
		t.Errorf("after a decline: %s at %s", state, p.siteOf(t, slot))
	}
	if p.messages(t, 0, "changed") != 0 || p.messages(t, 0, "swap_dropped") != 1 {
		t.Error("wrong texts")
	}
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 1, "cancel")))
	if err := p.swaps(t, 1, booking.Wishes{}); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("who withdrew asks for a swap: %v", err)
	}
	p.clean(t)
}

// The audit must see a swap that is told twice, or not at all.
func TestTheAuditHoldsSwapsToOneText(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]string{
		"not told": `UPDATE message SET kind = 'status' WHERE kind = 'changed'`,
		"twice": `INSERT INTO message (campaign_id, registration_id, appointment_id, kind, dedup, reference, priority_at, due_at, state_at, state, created_at)
			SELECT campaign_id, registration_id, id, 'cancelled', 'again', 'AAAA', now(), now(), now(), 'delivered', now() FROM appointment WHERE cause = 'swap' AND state = 'cancelled'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t)
			p.offered(t, 1)
			ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
			p.round(t)
			p.clean(t)
			p.Exec(t, spoil)
			if r := p.audit(t); r.Violations != 1 || r.Laws[4].Violations != 1 {
				t.Errorf("the audit finds:\n%s", r.Text())
			}
		})
	}
}

func TestTheTextOfASwapNamesBothTimes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := &past{DB: h.DB, campaign: h.campaign, set: h.set, book: db.NewBook(h.Pool, h.set), ids: []booking.ID{*h.person(t, dbtest.Person(0))}}
	p.announce(t)
	p.round(t)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	p.round(t)
	h.Exec(t, `UPDATE message SET state = 'delivered' WHERE kind <> 'changed'`)
	h.pass(time.Minute)
	_, said := h.deliver(t, accepted("SM1"))
	if said.WasSite != "북센터" || said.Site != "남센터" || said.WasStarts.IsZero() || said.Starts.IsZero() {
		t.Errorf("the text knows %+v", said)
	}
	if _, err := words.Render(words.Changed, booking.Korean, said); err != nil {
		t.Error(err)
	}
}
