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
