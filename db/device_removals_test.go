package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// The removal of a lost phone, and of this one.
func TestDevicesAreRemoved(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	lost, kept := p.gadget(t, "lost-device", dbtest.Person(1), 20*time.Minute), p.gadget(t, "kept-device", dbtest.Person(1), 10*time.Minute)
	other := p.gadget(t, "other-device", dbtest.Person(1), 9*time.Minute)
	_, err := lost.register(t)
	ok(t, err)
	lost.prove(t, lost.person.Phone)
	for _, g := range []*gadget{kept, other} {
		_, err = g.introduce(t)
		ok(t, err)
	}
	kept.prove(t, kept.person.Phone)
	p.announce(t)
	p.round(t)

	removal := kept.holding()
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, true))
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, true))
	if got := lost.unauthorized(t); got != booking.CodeUnauthorized {
		t.Errorf("the lost phone reads %q", got)
	}
	for what, err := range map[string]error{
		"cancel": lost.desk.Cancel(t.Context(), lost.from(), lost.holding()),
		"code":   lost.desk.RequestCode(t.Context(), lost.from(), lost.holding()),
		"verify": lost.desk.Verify(t.Context(), lost.from(), lost.holding(), "000000"),
		"others": lost.desk.RemoveDevices(t.Context(), lost.from(), lost.holding(), true),
	} {
		if booking.CodeOf(err) != booking.CodeUnauthorized {
			t.Errorf("the lost phone's %s: %v", what, err)
		}
	}
	if _, err := lost.register(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("the lost phone applies: %v", err)
	}
	if _, err := lost.introduce(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("the lost phone introduces itself: %v", err)
	}
	if v := other.status(t); v.State != desk.StateIntroduced {
		t.Errorf("who has proven nothing is not shut out: %+v", v)
	}
	if v := kept.status(t); v.State != desk.StateOffered {
		t.Errorf("the entry stays: %+v", v)
	}

	removal = kept.holding()
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, false))
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, false))
	if got := kept.unauthorized(t); got != booking.CodeUnauthorized {
		t.Errorf("this phone reads %q", got)
	}
	back := p.gadget(t, "next-secret", dbtest.Person(1), time.Minute)
	_, err = back.introduce(t)
	ok(t, err)
	back.prove(t, back.person.Phone)
	if v := back.status(t); v.State != desk.StateOffered {
		t.Errorf("back with a new secret: %+v", v)
	}
	p.clean(t)
}
