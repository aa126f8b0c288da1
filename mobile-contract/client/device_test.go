package client_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// device is a client with a clock that the test moves.
type device struct {
	t     *testing.T
	c     *client.Client
	m     *model
	store client.Store
	now   time.Time
	dice  float64
	// written is the site that somebody wished last.
	written map[string]string
}

func newDevice(t *testing.T, store client.Store) *device {
	t.Helper()
	d := &device{t: t, m: newModel(), store: store, now: time.Date(2026, 7, 19, 20, 0, 0, 0, time.UTC)}
	d.reopen()
	return d
}

// act lets somebody do something.
func act(r *rapid.T, d *device, id string) {
	do := rapid.SampledFrom([]string{"apply", "introduce", "code", "verify", "wish", "wish", "helper", "no helper"}).Draw(r, "what")
	d.write(func(p client.Pen) error {
		switch do {
		case "apply":
			return p.Apply(id)
		case "introduce":
			return p.Introduce(id)
		case "code":
			return p.RequestCode(id)
		case "verify":
			return p.Verify(id, "123456")
		case "wish":
			if d.written == nil {
				d.written = map[string]string{}
			}
			d.written[id] = rapid.StringMatching("[a-z]{8}").Draw(r, "site")
			return p.ChangeWishes(id, "n", wishes(d.written[id]), false)
		case "helper":
			return p.SetHelper(id, "+821000005678", false)
		}
		return p.RemoveHelper(id)
	})
}

// weather is a sync over whatever network there is just now.
func (d *device) weather(r *rapid.T) {
	d.m.lose, d.m.next, d.m.refuse = false, nil, nil
	switch rapid.IntRange(0, 5).Draw(r, "weather") {
	case 0:
		d.m.lose = true
	case 1:
		d.m.next = func([]byte) (client.Answer, error, bool) { return client.Answer{}, errCut, true }
	case 2:
		d.m.next = func([]byte) (client.Answer, error, bool) {
			return client.Answer{Status: http.StatusServiceUnavailable, RetryAfter: 3}, nil, true
		}
	case 3:
		n := rapid.IntRange(0, 3).Draw(r, "before trouble")
		d.m.refuse = func(client.Kind, string) *contract.Problem {
			if n--; n < 0 {
				return problem(contract.ProblemCodeInternal, http.StatusInternalServerError)
			}
			return nil
		}
	case 4:
		d.m.refuse = func(k client.Kind, _ string) *contract.Problem {
			if k != client.Register {
				return nil
			}
			p := problem(contract.ProblemCodeNotOpenYet, http.StatusForbidden)
			at, now := "2026-07-19T20:00:00+09:00", "2026-07-19T19:55:00+09:00"
			p.At, p.Now = &at, &now
			return p
		}
	}
	_, _ = d.c.Sync(d.t.Context())
	// A request from before comes a second time.
	if n := len(d.m.requests); n > 0 && rapid.Bool().Draw(r, "again") {
		again := d.m.requests[rapid.IntRange(0, n-1).Draw(r, "which")]
		_, _ = d.m.Sync(d.t.Context(), again)
	}
}

// reopen is the program ending and beginning again.
func (d *device) reopen() {
	d.t.Helper()
	var err error
	d.c, err = client.Open(d.store, d.m, client.Outside{Now: func() time.Time { return d.now }, Dice: func() float64 { return d.dice }})
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) write(do func(client.Pen) error) {
	d.t.Helper()
	if err := d.c.Write(do); err != nil {
		d.t.Fatal(err)
	}
}

// add takes somebody on the device, without anything to send yet.
func (d *device) add() string {
	d.t.Helper()
	var id string
	d.write(func(p client.Pen) (err error) {
		id, err = p.Add("c", client.Form{Person: contract.Person{Name: "홍길동", BirthDate: "1968-04-12", Phone: "+821000001234"}, Lang: "ko"})
		return err
	})
	return id
}

// proved is somebody who has applied and proven the phone.
func (d *device) proved() string {
	d.t.Helper()
	id := d.add()
	d.write(func(p client.Pen) error { return p.Apply(id) })
	d.sync()
	d.write(func(p client.Pen) error { return p.Verify(id, "123456") })
	d.sync()
	return id
}

func (d *device) sync() time.Duration {
	d.t.Helper()
	wait, err := d.c.Sync(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return wait
}

func (d *device) fails() time.Duration {
	d.t.Helper()
	wait, err := d.c.Sync(d.t.Context())
	if err == nil {
		d.t.Fatal("a sync that should have failed was answered")
	}
	return wait
}

func (d *device) state() *client.State {
	d.t.Helper()
	s, err := d.c.State()
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *device) person(id string) *client.Person {
	d.t.Helper()
	s := d.state()
	i := slices.IndexFunc(s.People, func(p client.Person) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return &s.People[i]
}

func (d *device) kinds(id string) []client.Kind {
	d.t.Helper()
	var out []client.Kind
	for _, o := range d.person(id).Outbox {
		out = append(out, o.Kind)
	}
	return out
}

// done lists what the server carried out for a person, by kind.
func (d *device) done(id string) []string {
	d.t.Helper()
	var out []string
	if e := d.m.entries[d.person(id).Secret]; e != nil {
		for _, o := range e.order {
			out = append(out, strings.Fields(o)[0])
		}
	}
	return out
}
