package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// corrects lets a device change whose data its entry has.
func (g *gadget) corrects(t *testing.T, to booking.Person) {
	t.Helper()
	ok(t, g.desk.Correct(t.Context(), g.from(), g.holding(), to, dbtest.Region))
}

// passing is somebody who corrects an own entry into somebody else's data and back again.
func (p *past) passing(t *testing.T, through booking.Person) *gadget {
	t.Helper()
	g := p.gadget(t, "passing-device", dbtest.Person(2), 40*time.Minute)
	_, err := g.register(t)
	ok(t, err)
	g.prove(t, g.person.Phone)
	g.corrects(t, through)
	g.corrects(t, g.person)
	p.codes(t)
	return g
}

// A correction gives an entry to nobody whose data it has left again: that person applies as if nothing had been.
func TestNobodyIsKeptOutByACorrectionThatWasTakenBack(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	other := p.passing(t, dbtest.Person(1))
	g := p.gadget(t, "own-device", dbtest.Person(1), 20*time.Minute)
	r, err := g.register(t)
	ok(t, err)
	again, err := g.register(t)
	ok(t, err)
	if !r.New || again.New || again.Reference != r.Reference || !again.At.Equal(r.At) {
		t.Errorf("applied: %+v, again: %+v", r, again)
	}
	g.prove(t, g.person.Phone)
	if v := g.status(t); v.State != desk.StateWaiting || !v.Arrival.Equal(g.at.Truncate(time.Microsecond)) {
		t.Errorf("the entry: %+v", v)
	}
	p.announce(t)
	p.clean(t)

	// Should the other one come back to these data, one of the two is held back: never two appointments for one person.
	other.corrects(t, g.person)
	p.round(t)
	if v := g.status(t); v.State != desk.StateOffered {
		t.Errorf("the person: %+v", v)
	}
	if v := other.status(t); v.State != desk.StateWaiting {
		t.Errorf("who came back to the same data: %+v", v)
	}
	if n := p.int(t, `SELECT count(*) FROM escalation WHERE reason = 'corrected_duplicate' AND closed_at IS NULL`); n != 1 {
		t.Errorf("%d of them on the agents' list", n)
	}
	p.clean(t)
}

// Whoever corrects a typing error into data that another entry has left is not held back for it.
func TestACorrectionIntoDataThatAnotherEntryHasLeft(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	other := p.passing(t, dbtest.Person(1))
	g := p.gadget(t, "own-device", dbtest.Person(3), 20*time.Minute)
	_, err := g.register(t)
	ok(t, err)
	g.prove(t, g.person.Phone)
	g.corrects(t, dbtest.Person(1))
	if n := p.int(t, `SELECT count(*) FROM escalation`); n != 0 {
		t.Errorf("held back: %d", n)
	}
	fresh := p.gadget(t, "new-device", dbtest.Person(1), time.Minute)
	_, err = fresh.introduce(t)
	ok(t, err)
	fresh.prove(t, fresh.person.Phone)
	if v := fresh.status(t); v.Ticket != g.status(t).Ticket {
		t.Errorf("with a new device: %+v", v)
	}
	// The other one's device learns nothing of it: under both data it has the reference that it had.
	was := other.reference
	other.person = dbtest.Person(1)
	if r, err := other.register(t); err != nil || r.Reference != was {
		t.Errorf("the other one, again: %+v %v", r, err)
	}
	// And coming back, it is the one that is held back.
	other.corrects(t, dbtest.Person(1))
	if n := p.int(t, `SELECT count(*) FROM escalation WHERE reason = 'corrected_duplicate'`); n != 1 {
		t.Errorf("held back: %d", n)
	}
	p.announce(t)
	p.clean(t)
}

// A stranger who applied while the correction stood goes on being told what it was told.
func TestAStrangerDoesNotSeeThatACorrectionWasTakenBack(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	g := p.gadget(t, "passing-device", dbtest.Person(2), 40*time.Minute)
	_, err := g.register(t)
	ok(t, err)
	g.prove(t, g.person.Phone)
	g.corrects(t, dbtest.Person(1))
	s, i := p.gadget(t, "stranger-device", dbtest.Person(1), 20*time.Minute), p.gadget(t, "other-device", dbtest.Person(1), 20*time.Minute)
	first, err := s.register(t)
	ok(t, err)
	said, err := i.introduce(t)
	ok(t, err)
	g.corrects(t, g.person)
	for _, d := range []*gadget{s, i} {
		d.at = d.at.Add(time.Minute)
	}
	again, err := s.register(t)
	ok(t, err)
	if again.Reference != first.Reference || !again.At.Equal(first.At) {
		t.Errorf("applied: %+v, again: %+v", first, again)
	}
	repeated, err := i.introduce(t)
	ok(t, err)
	if repeated.Reference != said.Reference || !repeated.At.Equal(said.At) {
		t.Errorf("introduced: %+v, again: %+v", said, repeated)
	}
	applied, err := i.register(t)
	ok(t, err)
	if applied.Reference != said.Reference {
		t.Errorf("applied after the introduction: %+v", applied)
	}
	p.announce(t)
	p.clean(t)
}

// Whoever had prepared keeps the reference, which leads nowhere now. A proof of the own phone is still possible, and says that a new secret is needed.
func TestAPreparedPersonIsNotKeptOutEither(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		p := newPast(t, dbtest.BeforeOffer)
		g := p.gadget(t, "own-device", dbtest.Person(1), 50*time.Minute)
		_, err := g.introduce(t)
		ok(t, err)
		if before {
			g.prove(t, g.person.Phone)
		}
		p.passing(t, g.person)
		g.at = p.now(t).UTC().Add(-10 * time.Minute)
		if !before { // applies without having proven anything, and then asks for a code
			_, err := g.register(t)
			ok(t, err)
			if v := g.status(t); v.State != desk.StateReceived || v.Next != desk.NextVerify {
				t.Errorf("applied: %+v", v)
			}
			g.prove(t, g.person.Phone)
		}
		if v := g.status(t); v.State != desk.StatePrepared || v.Next != desk.NextReapply {
			t.Errorf("proven before: %v: %+v", before, v)
		}
		if _, err := g.register(t); booking.CodeOf(err) != booking.CodeConflict {
			t.Errorf("with the old secret: %v", err)
		}
		g.secret = "new-secret"
		r, err := g.register(t)
		ok(t, err)
		g.prove(t, g.person.Phone)
		if v := g.status(t); !r.New || v.State != desk.StateWaiting {
			t.Errorf("with a new secret: %+v, %+v", r, v)
		}
		p.announce(t)
		p.clean(t)
	}
}

// An identity that was given up becomes another entry's by a correction, and perhaps nobody's again. Devices that had applied under it, and proven
// nothing, are told what they were told.
func TestAStrangerDoesNotSeeWhoseAnIdentityHasBecome(t *testing.T) {
	t.Parallel()
	for _, leaves := range []bool{false, true} {
		p := newPast(t, dbtest.BeforeOffer)
		made := p.gadget(t, "making-device", dbtest.Person(1), 50*time.Minute)
		claimed := p.gadget(t, "claiming-device", dbtest.Person(1), 45*time.Minute)
		first := map[*gadget]desk.Received{}
		for _, g := range []*gadget{made, claimed} {
			r, err := g.register(t)
			ok(t, err)
			first[g] = r
		}
		owner := p.gadget(t, "own-device", dbtest.Person(1), 40*time.Minute)
		_, err := owner.introduce(t)
		ok(t, err)
		owner.prove(t, owner.person.Phone)
		ok(t, owner.desk.Cancel(t.Context(), owner.from(), owner.holding()))
		g := p.gadget(t, "correcting-device", dbtest.Person(2), 30*time.Minute)
		_, err = g.register(t)
		ok(t, err)
		g.prove(t, g.person.Phone)
		g.corrects(t, dbtest.Person(1))
		if leaves {
			g.corrects(t, g.person)
		}
		for d, was := range first {
			d.at = d.at.Add(30 * time.Minute)
			r, err := d.register(t)
			ok(t, err)
			if r.Reference != was.Reference || !r.At.Equal(was.At) {
				t.Errorf("left again: %v: %s was told %+v and now %+v", leaves, d.secret, was, r)
			}
		}
		p.announce(t)
		p.clean(t)
	}
}
