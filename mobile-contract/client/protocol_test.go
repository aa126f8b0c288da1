package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// fullStore is a disk that can be full.
type fullStore struct {
	client.Memory
	full bool
}

var errFull = errors.New("no space left on device")

func (f *fullStore) Save(name string, b []byte, forget bool) error {
	if f.full {
		return errFull
	}
	return f.Memory.Save(name, b, forget)
}

func TestWhatCannotBeStoredIsNotDone(t *testing.T) {
	t.Parallel()
	store := &fullStore{}
	d := newDevice(t, store)
	id := d.add()
	store.full = true
	err := d.c.Write(func(p client.Pen) error { return p.Apply(id) })
	if !errors.Is(err, client.ErrNotSaved) || !errors.Is(err, errFull) {
		t.Fatalf("applying on a full disk: %v", err)
	}
	if k := d.kinds(id); len(k) != 0 {
		t.Fatalf("what was not saved stands in the outbox: %v", k)
	}
	store.full = false
	d.write(func(p client.Pen) error { p.Seen(0); return nil })
	if k := d.kinds(id); len(k) != 0 {
		t.Fatalf("what was not saved came with the next save: %v", k)
	}
	d.write(func(p client.Pen) error { return p.Apply(id) })
	store.full = true // that it may have been sent cannot be stored: then it is not sent
	if _, err := d.c.Sync(t.Context()); !errors.Is(err, client.ErrNotSaved) || len(d.m.requests) != 0 {
		t.Fatalf("%d requests left a device that could not store that they might: %v", len(d.m.requests), err)
	}
	store.full = false
	d.m.lose = true
	d.fails()
	d.reopen()
	d.m.lose = false
	d.now = d.now.Add(time.Hour)
	d.sync()
	if got := d.done(id); !slices.Equal(got, []string{"register"}) {
		t.Errorf("carried out: %v", got)
	}
}

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

// The first stamp of an application goes with every repetition, and no later one takes its place.
func TestTheFirstStampIsKept(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	for i := range 3 {
		d.m.refuse = func(client.Kind, string) *contract.Problem {
			p := problem(contract.ProblemCodeOverloaded, http.StatusServiceUnavailable)
			stamp, seconds := fmt.Sprintf("stamp-%d", i), 7
			p.Stamp, p.RetryAfterSeconds = &stamp, &seconds
			return p
		}
		if wait := d.sync(); wait != 7*time.Second {
			t.Errorf("comes again after %s", wait)
		}
		d.now = d.now.Add(7 * time.Second)
		d.reopen()
	}
	d.m.refuse = nil
	d.sync()
	if last := string(d.m.requests[len(d.m.requests)-1]); !strings.Contains(last, `"stamp":"stamp-0"`) {
		t.Errorf("the repetition is %s", last)
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

func TestAPersonWhoIsNoLongerOursIsDeleted(t *testing.T) {
	t.Parallel()
	store := &client.Memory{}
	d := newDevice(t, store)
	gone, stays := d.proved(), d.proved()
	d.write(func(p client.Pen) error { return p.Cancel(gone) })
	d.m.entries[d.person(gone).Secret].gone = true
	d.m.refuse = func(k client.Kind, _ string) *contract.Problem {
		if k == client.Cancel {
			return problem(contract.ProblemCodeUnauthorized, http.StatusUnauthorized)
		}
		return nil
	}
	d.sync()
	n := d.state().Notices
	if d.person(gone) != nil || d.person(stays) == nil || len(n) != 1 || n[0].Why != client.Gone {
		t.Errorf("after the server has nothing for one of two: told %v", n)
	}
	// An answer that names no entry at all deletes nobody.
	fresh := d.add()
	d.write(func(p client.Pen) error { return p.Apply(fresh) })
	d.m.next = func([]byte) (client.Answer, error, bool) {
		return answer(`{"entries":[{"results":[],"problem":{"type":"/problems/unauthorized","title":"no","status":401,"code":"unauthorized"}}],"campaigns":{},"ask_again_seconds":60}`), nil, true
	}
	_, _ = d.c.Sync(t.Context())
	if d.person(fresh) == nil || len(d.kinds(fresh)) != 1 {
		t.Error("an application without a reference was deleted")
	}
}

func answer(body string) client.Answer {
	return client.Answer{Status: http.StatusOK, JSON: true, Body: []byte(body)}
}

func TestASharedDeviceForgets(t *testing.T) {
	t.Parallel()
	store := &client.Memory{}
	d := newDevice(t, store)
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.write(func(p client.Pen) error { return p.ForgetAfter(id) })
	d.m.lose = true
	d.fails()
	if d.person(id) == nil {
		t.Fatal("forgotten before the answer")
	}
	d.m.lose = false
	d.now = d.now.Add(time.Hour)
	d.sync()
	b, _, err := store.Load("state")
	if err != nil || strings.Contains(string(b), "홍길동") || d.person(id) != nil {
		t.Errorf("after the answer: %s", b)
	}
	if n := d.state().Notices; len(n) != 1 || n[0].Why != client.Left || n[0].Person != id {
		t.Errorf("who waits at the device is told %+v", n)
	}
	if wait := d.sync(); wait < time.Hour || len(d.m.requests) != 2 {
		t.Errorf("a device that speaks for nobody asks again after %s", wait)
	}
}

// Who is refused at a shared device reads why before leaving, although everything else about them is gone.
func TestASharedDeviceTellsOfRefusals(t *testing.T) {
	t.Parallel()
	for _, code := range []contract.ProblemCode{contract.ProblemCodeClosed, contract.ProblemCodeNotOpenYet} {
		store := &client.Memory{}
		d := newDevice(t, store)
		id := d.add()
		d.write(func(p client.Pen) error { return p.Apply(id) })
		d.write(func(p client.Pen) error { return p.ForgetAfter(id) })
		d.m.refuse = func(client.Kind, string) *contract.Problem { return problem(code, http.StatusForbidden) }
		d.sync()
		n := d.state().Notices
		if d.person(id) != nil || len(n) != 2 || n[0].Why != client.Refused || n[0].Problem == nil || n[0].Problem.Code != code || n[1].Why != client.Left {
			t.Errorf("%s: told %+v", code, n)
		}
		if b, _, err := store.Load("state"); err != nil || strings.Contains(string(b), "홍길동") {
			t.Errorf("%s: still stored: %s", code, b)
		}
	}
}

// Nobody will be there to type the code in: what needs it is given up.
func TestASharedDeviceWaitsForNoCode(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.proved()
	d.m.entries[d.person(id).Secret].proven = false
	d.write(func(p client.Pen) error { return p.SetHelper(id, "+821000005678", false) })
	d.write(func(p client.Pen) error { return p.ForgetAfter(id) })
	d.sync()
	if d.person(id) != nil {
		t.Error("a shared device keeps somebody for a code that nobody will type")
	}
	other := d.add()
	d.write(func(p client.Pen) error { return p.Apply(other) })
	d.sync()
	d.write(func(p client.Pen) error { return p.SetHelper(other, "+821000005678", false) })
	d.write(func(p client.Pen) error { return p.ForgetAfter(other) })
	if d.person(other) != nil {
		t.Error("a shared device keeps somebody whose change cannot be sent without a code")
	}
}

func TestWhoWithdrewStartsAfresh(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.proved()
	secret := d.person(id).Secret
	d.write(func(p client.Pen) error { return p.Cancel(id) })
	if err := d.c.Write(func(p client.Pen) error { return p.Apply(id) }); !errors.Is(err, client.ErrLeaving) {
		t.Errorf("applying over an unsent withdrawal: %v", err)
	}
	d.sync()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	// The person has left on another way meanwhile: this application is refused, and the next one starts afresh again.
	second := d.person(id).Secret
	d.m.refuse = func(client.Kind, string) *contract.Problem {
		return problem(contract.ProblemCodeConflict, http.StatusConflict)
	}
	d.sync()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	p := d.person(id)
	if p.Secret == second {
		t.Error("after a conflict the same secret applies again")
	}
	if p.Secret == secret || p.Reference != "" || p.Cursor != "" || p.Told != nil || len(p.Outbox) != 1 {
		t.Errorf("the second application goes as %+v", p)
	}
}

func TestSixPeopleAndNoMore(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	for range client.MostPeople {
		id := d.add()
		d.write(func(p client.Pen) error { return p.Apply(id) })
	}
	if err := d.c.Write(func(p client.Pen) error { _, err := p.Add("c", client.Form{}); return err }); !errors.Is(err, client.ErrFull) {
		t.Errorf("a seventh: %v", err)
	}
	d.sync()
	if len(d.m.requests) != 1 || len(d.m.entries) != client.MostPeople {
		t.Errorf("%d requests, %d entries", len(d.m.requests), len(d.m.entries))
	}
}

func TestPausesGrowAndEnd(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	cut := func([]byte) (client.Answer, error, bool) { return client.Answer{}, errCut, true }
	d.m.next = cut
	var waits []time.Duration
	for range 12 {
		w := d.fails()
		waits = append(waits, w)
		if again := d.sync(); again != w {
			t.Fatalf("within the pause it says %s, not %s", again, w)
		}
		d.now = d.now.Add(w)
	}
	if !slices.IsSorted(waits) || waits[0] != time.Second || waits[11] != 150*time.Second {
		t.Errorf("pauses: %v", waits)
	}
	d.write(func(p client.Pen) error { return p.RequestCode(id) }) // a person is there: at once
	d.m.next = func([]byte) (client.Answer, error, bool) {
		return client.Answer{Status: http.StatusServiceUnavailable, RetryAfter: 40}, nil, true
	}
	d.dice = 1
	if w := d.fails(); w != 50*time.Second {
		t.Errorf("the server asked for 40 seconds, and got %s", w)
	}
	d.write(func(p client.Pen) error { return p.Verify(id, "123456") })
	if w := d.sync(); w != 50*time.Second {
		t.Errorf("a person shortens what the server asked for to %s", w)
	}
	d.m.next = nil
	d.now = d.now.Add(-24 * 365 * time.Hour) // the clock was set back: no pause from the future
	d.sync()
	if got := d.done(id); !slices.Equal(got, []string{"register", "verify"}) {
		t.Errorf("carried out: %v", got)
	}
}

// Whatever comes instead of an answer changes nothing but when the next try is.
func TestBrokenAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]client.Answer{
		"a login page":        {Status: http.StatusOK, Body: []byte("<html>")},
		"a redirect":          {Status: http.StatusFound},
		"half":                answer(`{"entries":[{"resul`),
		"nothing":             answer(``),
		"no entries":          answer(`{"entries":[],"campaigns":{},"ask_again_seconds":1}`),
		"two entries":         answer(`{"entries":[{"results":[]},{"results":[]}],"campaigns":{},"ask_again_seconds":1}`),
		"another operation":   answer(`{"entries":[{"results":[{"operation_id":"0198c0de-7a31-7cc2-9b1f-2f6a5c1d0e42","done":true}]}],"campaigns":{},"ask_again_seconds":1}`),
		"too many results":    answer(`{"entries":[{"results":[{"operation_id":"a","done":true},{"operation_id":"a","done":true}]}],"campaigns":{},"ask_again_seconds":1}`),
		"neither nor":         answer(`{"entries":[{"results":[{"operation_id":"00000000-0000-0000-0000-000000000000","done":false}]}],"campaigns":{},"ask_again_seconds":1}`),
		"no result":           answer(`{"entries":[{"results":[]}],"campaigns":{},"ask_again_seconds":1}`),
		"somebody else's 403": {Status: http.StatusForbidden, Body: []byte("no")},
		"no such path":        {Status: http.StatusNotFound, JSON: true, Body: []byte(`{"type":"t","title":"no","status":404,"code":"not_found"}`)},
	} {
		d := newDevice(t, &client.Memory{})
		id := d.add()
		d.write(func(p client.Pen) error { return p.Apply(id) })
		d.m.next = func([]byte) (client.Answer, error, bool) { return a, nil, true }
		wait, _ := d.c.Sync(t.Context())
		if wait < time.Second || len(d.kinds(id)) != 1 || len(d.state().Notices) != 0 {
			t.Errorf("%s: again after %s, outbox %v, notices %v", name, wait, d.kinds(id), d.state().Notices)
		}
		d.m.next = nil
		d.now = d.now.Add(wait)
		d.sync()
		if got := d.done(id); !slices.Equal(got, []string{"register"}) {
			t.Errorf("%s: carried out afterwards: %v", name, got)
		}
	}
}

// A request that the server refuses as a whole goes in smaller pieces, until the one at fault stands alone; the others arrive.
func TestARefusedBatchGoesInPieces(t *testing.T) {
	t.Parallel()
	d := newDevice(t, &client.Memory{})
	one, other := d.proved(), d.proved()
	d.write(func(p client.Pen) error { return p.ChangeWishes(one, "n", wishes("too-much"), false) })
	d.write(func(p client.Pen) error { return p.SetHelper(one, "+821000005678", false) })
	d.write(func(p client.Pen) error { return p.SetHelper(other, "+821000005678", false) })
	d.m.next = func(body []byte) (client.Answer, error, bool) {
		b, err := json.Marshal(problem(contract.ProblemCodeTooLarge, http.StatusRequestEntityTooLarge))
		return client.Answer{Status: http.StatusRequestEntityTooLarge, JSON: true, Body: b}, err, strings.Contains(string(body), "too-much")
	}
	for range 12 {
		wait, _ := d.c.Sync(t.Context())
		d.now = d.now.Add(wait)
	}
	if n := d.state().Notices; len(n) != 1 || n[0].Kind != client.ChangeWishes || n[0].Why != client.Refused {
		t.Errorf("told %v", n)
	}
	if a, b := d.done(one), d.done(other); a[len(a)-1] != "set_helper" || b[len(b)-1] != "set_helper" {
		t.Errorf("carried out: %v and %v", a, b)
	}
}
