package client_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

func TestTappingTwiceWritesOnce(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	for range 3 {
		d.write(func(p client.Pen) error { return p.Apply(id) })
		d.write(func(p client.Pen) error { return p.RequestCode(id) })
		d.write(func(p client.Pen) error { return p.RequestCode(id) })
	}
	if got := d.kinds(id); !slices.Equal(got, []client.Kind{client.Register, client.RequestCode}) {
		t.Errorf("the outbox holds %v", got)
	}
	d.sync()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	if got := d.kinds(id); len(got) != 0 {
		t.Errorf("who has applied applies again: %v", got)
	}
}

func wishes(site string) *contract.Wishes { return &contract.Wishes{Sites: &[]contract.Code{site}} }

func TestLaterWishesReplaceUnsentOnes(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	wish := func(site string) {
		d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes(site), true) })
	}
	d.write(func(p client.Pen) error { return p.Apply(id) })
	wish("north") // into the application that was never sent
	if o := d.person(id).Outbox; len(o) != 1 || !strings.Contains(string(o[0].Body), "north") {
		t.Fatalf("the outbox holds %v", o)
	}
	d.sync()
	d.write(func(p client.Pen) error { return p.Verify(id, "123456") })
	d.sync()
	wish("middle")
	first := d.person(id).Outbox[0]
	wish("south")
	o := d.person(id).Outbox
	if len(o) != 1 || o[0].ID == first.ID || !strings.Contains(string(o[0].Body), "south") || !strings.Contains(string(o[0].Body), *d.person(id).Told.Revision) {
		t.Fatalf("the outbox holds %v", o)
	}
	d.m.lose = true
	d.fails()
	d.m.lose = false
	wish("north") // those before it may have arrived
	if o := d.person(id).Outbox; len(o) != 2 || strings.Contains(string(o[1].Body), "if_revision") {
		t.Fatalf("the outbox holds %v", o)
	}
	d.now = d.now.Add(time.Hour)
	d.sync()
	if got := d.done(id); !slices.Equal(got, []string{"register", "verify", "change_wishes", "change_wishes"}) {
		t.Errorf("carried out: %v", got)
	}
	if f := d.person(id).Form; (*f.Wishes.Sites)[0] != "north" {
		t.Errorf("the form holds %v", *f.Wishes.Sites)
	}
}

func TestWhatNeedsTheProofWaitsForIt(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.write(func(p client.Pen) error { return p.RequestCode(id) })
	d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("north"), false) })
	d.write(func(p client.Pen) error { return p.SetHelper(id, "+821000005678", false) })
	d.sync()
	d.now = d.now.Add(time.Hour)
	d.sync() // asks, and sends nothing that must wait
	for _, r := range d.m.requests {
		if strings.Contains(string(r), "wishes") || strings.Contains(string(r), "helper") {
			t.Errorf("sent before the phone was proven: %s", r)
		}
	}
	d.write(func(p client.Pen) error { return p.Verify(id, "123456") })
	d.sync() // one request: the code goes first
	if got := d.done(id); !slices.Equal(got, []string{"register", "request_code", "verify", "change_wishes", "set_helper"}) {
		t.Errorf("carried out: %v", got)
	}
	// The phone on file is another one since, and the device does not know it yet.
	e := d.m.entries[d.person(id).Secret]
	e.proven = false
	e.version++
	d.write(func(p client.Pen) error { return p.RemoveHelper(id) })
	d.sync()
	if n := d.state().Notices; len(n) != 1 || n[0].Why != client.Unproven {
		t.Errorf("the person is told %v", n)
	}
	d.write(func(p client.Pen) error { return p.Verify(id, "654321") })
	d.sync()
	d.sync()
	if got := d.done(id); got[len(got)-1] != "remove_helper" || len(d.state().Notices) != 0 {
		t.Errorf("carried out: %v; still told %v", got, d.state().Notices)
	}
}

// Who prepared, wished something else and did not type the code can still apply, with the new wishes.
func TestAnApplicationDoesNotWaitForTheProof(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Introduce(id) })
	d.sync()
	d.write(func(p client.Pen) error { return p.SetHelper(id, "+821000005678", false) })
	d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("north"), false) })
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.sync()
	if got := d.done(id); !slices.Equal(got, []string{"introduce", "register"}) || d.m.entries[d.person(id).Secret].sites()[0] != "north" {
		t.Errorf("carried out: %v", got)
	}
	if got := d.kinds(id); !slices.Equal(got, []client.Kind{client.SetHelper}) {
		t.Errorf("left: %v", got)
	}
}

// Before there is an entry wishes replace what was prepared, also those that waited for the proof.
func TestWishesOfThePrepared(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Introduce(id) })
	d.sync()
	d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("one"), false) })
	d.write(func(p client.Pen) error { return p.Verify(id, "123456") })
	d.sync()
	d.sync()
	d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("two"), false) })
	d.sync()
	if got := d.m.entries[d.person(id).Secret].sites(); !slices.Equal(got, []string{"one", "two"}) || len(d.state().Notices) != 0 {
		t.Errorf("wished %v by %v, told %v", got, d.done(id), d.state().Notices)
	}
	if got := d.done(id); !slices.Equal(got, []string{"introduce", "verify", "introduce", "introduce"}) {
		t.Errorf("carried out %v", got)
	}
}

// An application that was refused has nothing at the server for wishes to be about: they are kept for the next one.
func TestWishesWithoutAnEntryAreKept(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.ChangeWishes(id, "mapo", wishes("one"), true) })
	if p := d.person(id); len(p.Outbox) != 0 || p.Form.Region != "mapo" || p.Form.Wishes == nil {
		t.Errorf("kept %q and %v, and %d operations written", p.Form.Region, p.Form.Wishes, len(p.Outbox))
	}
}

// Wishes that were refused for want of the proof do not come back over later ones that went with an introduction.
func TestOldWishesDoNotComeBack(t *testing.T) {
	t.Parallel()
	for _, sent := range []bool{false, true} {
		d := newDevice(t, &client.Memory{})
		id := d.proved()
		e := d.m.entries[d.person(id).Secret]
		if e.proven = false; !sent { // the phone on file is another one since, and the device knows it
			e.version++
			d.now = d.now.Add(time.Hour)
			d.sync()
		}
		d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("old"), false) })
		if sent { // it may have arrived, as far as the device knows
			d.m.next = func([]byte) (client.Answer, error, bool) { return client.Answer{}, errCut, true }
			d.fails()
			d.m.next = nil
		}
		d.write(func(p client.Pen) error { return p.Introduce(id) })
		d.write(func(p client.Pen) error { return p.ChangeWishes(id, "n", wishes("new"), false) })
		d.sync()
		d.write(func(p client.Pen) error { return p.Verify(id, "654321") })
		d.sync()
		d.now = d.now.Add(time.Hour)
		d.sync()
		if got := e.sites(); len(got) == 0 || got[len(got)-1] != "new" || slices.Contains(got, "old") || len(d.kinds(id)) != 0 {
			t.Errorf("sent before: %v; wished at last: %v, left %v", sent, got, d.kinds(id))
		}
	}
}

func TestARefusalIsShownAndGivenUp(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.write(func(p client.Pen) error { return p.RequestCode(id) })
	d.m.refuse = func(k client.Kind, _ string) *contract.Problem {
		if k == client.Register {
			return problem(contract.ProblemCodeNotEligible, http.StatusForbidden)
		}
		return problem(contract.ProblemCodeInvalid, http.StatusBadRequest)
	}
	d.sync()
	n := d.state().Notices
	if len(n) != 1 || n[0].Why != client.Refused || n[0].Problem.Code != contract.ProblemCodeNotEligible || n[0].Dropped != 2 || len(d.kinds(id)) != 0 {
		t.Errorf("told %v, still to be sent %v", n, d.kinds(id))
	}
	if d.person(id).Form.Person.Name == "" {
		t.Error("what was typed is gone")
	}
	d.write(func(p client.Pen) error { p.Seen(n[0].Number); return nil })
	if n := d.state().Notices; len(n) != 0 {
		t.Errorf("a notice that was read is still there: %v", n)
	}
}

// A limit ends what was asked for, and nobody's application.
func TestALimitGivesUpWhatCanBeAskedAnew(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.write(func(p client.Pen) error { return p.RequestCode(id) })
	d.m.refuse = func(client.Kind, string) *contract.Problem {
		p, seconds := problem(contract.ProblemCodeTooMany, http.StatusTooManyRequests), 3600
		p.RetryAfterSeconds = &seconds
		return p
	}
	if wait := d.sync(); wait != time.Hour || !slices.Equal(d.kinds(id), []client.Kind{client.Register}) {
		t.Errorf("again after %s, to be sent %v", wait, d.kinds(id))
	}
	if n := d.state().Notices; len(n) != 1 || n[0].Kind != client.RequestCode || n[0].Why != client.Refused {
		t.Errorf("told %v", n)
	}
}

func TestConflictsAreShown(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.proved()
	d.write(func(p client.Pen) error { return p.Decline(id, "7") })
	d.write(func(p client.Pen) error { return p.Confirm(id, "7") }) // a change of mind, before anything was sent
	if got := d.kinds(id); !slices.Equal(got, []client.Kind{client.Confirm}) {
		t.Fatalf("to be sent: %v", got)
	}
	if err := d.c.Write(func(p client.Pen) error { return p.Confirm(id, "8") }); !errors.Is(err, client.ErrNoOffer) {
		t.Errorf("an answer to what was not offered: %v", err)
	}
	d.m.refuse = func(client.Kind, string) *contract.Problem {
		return problem(contract.ProblemCodeConflict, http.StatusConflict)
	}
	d.sync()
	if n := d.state().Notices; len(n) != 1 || n[0].Why != client.Conflict || n[0].Kind != client.Confirm || len(d.kinds(id)) != 0 {
		t.Errorf("told %v", n)
	}
}

// Too early is no refusal: it is kept until the opening, by the server's two clocks, whatever the device's says.
func TestTooEarlyWaitsForTheOpening(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.m.refuse = func(client.Kind, string) *contract.Problem {
		p := problem(contract.ProblemCodeNotOpenYet, http.StatusForbidden)
		at, now := "2021-07-19T20:00:00+09:00", "2021-07-19T19:58:30+09:00"
		p.At, p.Now = &at, &now
		return p
	}
	if wait := d.sync(); wait != 90*time.Second {
		t.Errorf("tries again after %s", wait)
	}
	if n := d.state().Notices; len(n) != 1 || n[0].Why != client.Early {
		t.Errorf("told %v", n)
	}
	d.m.refuse = nil
	d.now = d.now.Add(90 * time.Second)
	d.sync()
	if got := d.done(id); !slices.Equal(got, []string{"register"}) || len(d.state().Notices) != 0 {
		t.Errorf("carried out %v, told %v", got, d.state().Notices)
	}
}
