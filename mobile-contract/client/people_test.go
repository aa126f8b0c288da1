package client_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

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
