package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// Everything is told and proven days before the opening, and on the night one tap is enough.
func TestPreparedBeforeTheOpening(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, soon)
	g := p.gadget(t, "prepared-device", dbtest.Person(1), 50*time.Minute)
	first, err := g.introduce(t)
	ok(t, err)
	if v := g.status(t); v.State != desk.StateIntroduced || v.Next != desk.NextVerify || !v.ReceivedAt.Equal(g.at.Truncate(time.Microsecond)) || v.Proven {
		t.Errorf("introduced: %+v", v)
	}
	for what, do := range map[string]func() error{
		"wishes": func() error { return g.desk.ChangeWishes(t.Context(), g.from(), g.holding(), "", booking.Wishes{}) },
		"others": func() error { return g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), true) },
	} {
		if err := do(); booking.CodeOf(err) != booking.CodeVerifyFirst {
			t.Errorf("%s before the proof: %v", what, err)
		}
	}
	g.prove(t, g.person.Phone)
	v := g.status(t)
	if v.State != desk.StatePrepared || v.Next != desk.NextNothing || v.Region != dbtest.Region || len(v.Wishes.Sites) != 1 || v.Masked == "" || v.Ticket != "" || v.Place.Queue != "" {
		t.Errorf("prepared: %+v", v)
	}
	early := g.holding()
	for range 2 {
		if err := g.desk.Cancel(t.Context(), g.from(), early); booking.CodeOf(err) != booking.CodeConflict {
			t.Errorf("there is nothing to withdraw: %v", err)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM registration`); n != 0 {
		t.Fatalf("%d registrations before the opening", n)
	}

	g.at = p.now(t).UTC().Add(-time.Minute)
	if v := g.status(t); v.State != desk.StatePrepared || v.Next != desk.NextReapply {
		t.Errorf("open, and not registered: %+v", v)
	}
	p.announce(t)
	if n := p.int(t, `SELECT count(*) FROM place`); n != 0 {
		t.Fatalf("an introduction got %d places", n)
	}
	r, err := g.register(t)
	ok(t, err)
	if r.Reference != first.Reference || !r.New || !r.At.Equal(g.at.Truncate(time.Microsecond)) {
		t.Errorf("the application: %+v, the introduction: %+v", r, first)
	}
	if v := g.status(t); v.State != desk.StateWaiting || v.Ticket == "" || !v.Proven {
		t.Errorf("registered, and the proof is not known: %+v", v)
	}
	if n := p.int(t, `SELECT count(*) FROM verification`); n != 0 {
		t.Errorf("the intake wrote %d proofs", n)
	}
	early.Reference = g.reference
	if err := g.desk.Cancel(t.Context(), g.from(), early); booking.CodeOf(err) != booking.CodeConflict || g.status(t).State != desk.StateWaiting {
		t.Errorf("a late copy of what was refused: %v, and the entry is %s", err, g.status(t).State)
	}
	p.announce(t)
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'welcome'`); n != 1 {
		t.Errorf("%d people were told that there is nothing to do", n)
	}
	p.round(t)
	if v := g.status(t); v.State != desk.StateOffered {
		t.Errorf("after the round: %+v", v)
	}
	ok(t, g.desk.Confirm(t.Context(), g.from(), g.holding(), g.status(t).Appointment.ID))
	p.clean(t)
}

// A device that is not the applicant's is ready to see the entry as well, when it has proven the phone before.
func TestProofsOfSeveralDevicesAreCarriedOver(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, soon)
	one, two := p.gadget(t, "first-device", dbtest.Person(1), 50*time.Minute), p.gadget(t, "second-device", dbtest.Person(1), 50*time.Minute)
	unproven := p.gadget(t, "third-device", dbtest.Person(1), 50*time.Minute)
	for _, g := range []*gadget{one, two, unproven} {
		_, err := g.introduce(t)
		ok(t, err)
	}
	one.prove(t, one.person.Phone)
	two.prove(t, two.person.Phone)
	one.at = p.now(t).Add(-time.Minute)
	_, err := one.register(t)
	ok(t, err)
	// Before anything is carried over, the second device may already change what it sees.
	ok(t, two.desk.ChangeWishes(t.Context(), two.from(), two.holding(), dbtest.Region, booking.Wishes{Sites: []string{"middle"}}))
	p.announce(t)
	for _, g := range []*gadget{one, two} {
		if v := g.status(t); v.State != desk.StateWaiting || len(v.Wishes.Sites) != 1 {
			t.Errorf("%s: %+v", g.secret, v)
		}
	}
	if v := unproven.status(t); v.State != desk.StateIntroduced {
		t.Errorf("the third: %+v", v)
	}
	if n := p.int(t, `SELECT count(DISTINCT device) FROM verification`); n != 2 {
		t.Errorf("%d proofs", n)
	}
	p.round(t)
	p.clean(t)
}

// With a new phone in hand, after the closing, a person finds the entry again, also under corrected data.
func TestANewDeviceFindsTheEntry(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) { c.Cohorts[0].Closes = c.Cohorts[0].Opens.Add(30 * time.Minute) })
	old := p.gadget(t, "old-device", dbtest.Person(1), 40*time.Minute)
	_, err := old.register(t)
	ok(t, err)
	old.prove(t, old.person.Phone)
	p.announce(t)
	p.round(t)
	moved := dbtest.Person(1)
	moved.Phone = dbtest.Person(77).Phone
	old.at = p.now(t).Add(-10 * time.Minute)
	ok(t, old.desk.Correct(t.Context(), old.from(), old.holding(), moved, dbtest.Region))
	p.codes(t)

	fresh := p.gadget(t, "new-device", moved, time.Minute)
	if _, err := fresh.register(t); booking.CodeOf(err) != booking.CodeClosed {
		t.Fatalf("it is closed: %v", err)
	}
	_, err = fresh.introduce(t)
	ok(t, err)
	if v := fresh.status(t); v.State != desk.StateIntroduced {
		t.Errorf("before the proof: %+v", v)
	}
	fresh.prove(t, moved.Phone)
	v, was := fresh.status(t), old.status(t)
	if v.State != desk.StateOffered || v.Ticket != was.Ticket || v.Place != was.Place || v.Appointment == nil {
		t.Errorf("found %+v, want %+v", v, was)
	}
	ok(t, fresh.desk.Confirm(t.Context(), fresh.from(), fresh.holding(), v.Appointment.ID))
	p.clean(t)
}

// Somebody prepared, another device applied and gave up again before anything was enrolled: asking shows it, and from then on this device has left
// as well and needs a new secret.
func TestAPreparedDeviceLeaves(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	g, other := p.gadget(t, "prepared-device", dbtest.Person(1), 50*time.Minute), p.gadget(t, "other-device", dbtest.Person(1), 40*time.Minute)
	first, err := g.introduce(t)
	ok(t, err)
	g.prove(t, g.person.Phone)
	_, err = other.register(t)
	ok(t, err)
	other.prove(t, other.person.Phone)
	ok(t, other.desk.Cancel(t.Context(), other.from(), other.holding()))

	g.at = p.now(t).Add(-time.Minute)
	if v := g.status(t); v.State != desk.StateWithdrawn || v.Next != desk.NextReapply {
		t.Fatalf("given up by another device: %+v", v)
	}
	if _, err := g.register(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("applies with the old secret: %v", err)
	}
	if _, err := g.introduce(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("introduces itself with the old secret: %v", err)
	}
	g.secret = "new-secret"
	again, err := g.introduce(t)
	ok(t, err)
	if again.Reference == first.Reference {
		t.Error("the new secret has the old reference")
	}
	g.prove(t, g.person.Phone)
	if v := g.status(t); v.State != desk.StatePrepared {
		t.Errorf("with a new secret: %+v", v)
	}
	g.at = g.at.Add(time.Second)
	r, err := g.register(t)
	ok(t, err)
	if !r.New || r.Reference != again.Reference {
		t.Errorf("applied afresh: %+v", r)
	}
	if v := g.status(t); v.State != desk.StateWaiting {
		t.Errorf("the new entry: %+v", v)
	}
	p.announce(t)
	p.clean(t)
}
