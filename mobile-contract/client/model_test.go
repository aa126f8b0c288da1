package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"pgregory.net/rapid"

	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// model is a server as the contract has it, in memory: it carries each operation out once, and can be made to lose, refuse and delay.
type model struct {
	entries map[string]*modelEntry // by secret
	etag    string
	ask     int // seconds
	// next says what happens to the next request; nil: it is answered.
	next func(body []byte) (client.Answer, error, bool)
	// refuse says what an operation is refused with, once; nil: it is carried out.
	refuse func(kind client.Kind, op string) *contract.Problem
	// lose loses the answer after the work is done.
	lose     bool
	requests [][]byte
	now      time.Time
}

type modelEntry struct {
	reference string
	proven    bool
	gone      bool
	done      map[string]string // by operation: the body
	order     []string          // kind and id as carried out
	bodies    []string
	version   int
}

func newModel() *model {
	return &model{entries: map[string]*modelEntry{}, etag: `"one"`, ask: 60}
}

var errCut = errors.New("cut")

func (m *model) Sync(_ context.Context, body []byte) (client.Answer, error) {
	m.requests = append(m.requests, body)
	if m.next != nil {
		if a, err, stop := m.next(body); stop {
			return a, err
		}
	}
	var in contract.SyncRequest
	if err := json.Unmarshal(body, &in, json.RejectUnknownMembers(true)); err != nil {
		panic(err)
	}
	out := contract.SyncAnswer{Campaigns: map[string]string{"c": m.etag}, AskAgainSeconds: m.ask}
	for _, e := range in.Entries {
		out.Entries = append(out.Entries, m.entry(e))
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	if m.lose {
		return client.Answer{}, errCut
	}
	return client.Answer{Status: http.StatusOK, JSON: true, Body: b, Date: m.now}, nil
}

func (m *model) Get(context.Context, string, string) (client.Answer, error) {
	return client.Answer{}, errCut
}

func (m *model) entry(in contract.SyncEntry) contract.SyncedEntry {
	out := contract.SyncedEntry{Results: []contract.SyncResult{}}
	e := m.entries[in.Secret]
	if e == nil {
		e = &modelEntry{done: map[string]string{}}
		m.entries[in.Secret] = e
	}
	if in.Operations != nil {
		for _, raw := range *in.Operations {
			r := m.operate(e, raw)
			out.Results = append(out.Results, r)
			if r.Problem != nil && r.Problem.Status >= 500 {
				break
			}
		}
	}
	switch {
	case e.gone:
		out.Problem = problem(contract.ProblemCodeUnauthorized, 401)
	case e.reference != "":
		out.Reference = &e.reference
		cursor := fmt.Sprintf("cursor-%d", e.version)
		out.Cursor = &cursor
		if in.Cursor == nil || *in.Cursor != cursor {
			out.Registration = e.told(m.ask)
		}
	}
	return out
}

func (e *modelEntry) told(ask int) *contract.Registration {
	r := &contract.Registration{Reference: e.reference, State: contract.StateReceived, Next: contract.NextVerify, ReceivedAt: "2026-01-01T00:00:00.000000Z", AskAgainSeconds: ask}
	if e.proven && !slices.ContainsFunc(e.order, func(o string) bool { return strings.HasPrefix(o, "register ") }) {
		r.State, r.Next = contract.StatePrepared, contract.NextApply
	} else if e.proven {
		r.State, r.Next = contract.StateWaiting, contract.NextNothing
		revision := fmt.Sprintf("revision-%d", e.version)
		r.Revision = &revision
		r.Appointment = &contract.Appointment{ID: "7", Site: "north", State: contract.AppointmentStateOffered}
	}
	return r
}

func (m *model) operate(e *modelEntry, raw []byte) contract.SyncResult {
	var op struct {
		Kind    client.Kind    `json:"kind"`
		Request map[string]any `json:"request"`
	}
	if err := json.Unmarshal(raw, &op); err != nil {
		panic(err)
	}
	id, _ := op.Request["operation_id"].(string)
	r := contract.SyncResult{OperationID: id}
	delete(op.Request, "stamp")
	b, err := json.Marshal(op.Request, json.Deterministic(true))
	if err != nil {
		panic(err)
	}
	if had, ok := e.done[id]; ok {
		if had != string(b) {
			r.Problem = problem(contract.ProblemCodeOperationReused, 422)
			return r
		}
		r.Done = true
		r.Receipt = m.receipt(e, op.Kind)
		return r
	}
	if m.refuse != nil {
		if r.Problem = m.refuse(op.Kind, id); r.Problem != nil {
			return r
		}
	}
	opens := op.Kind == client.Register || op.Kind == client.Introduce
	if !opens && !e.proven && op.Kind != client.RequestCode && op.Kind != client.Verify {
		r.Problem = problem(contract.ProblemCodeVerifyFirst, 403)
		return r
	}
	if op.Kind == client.ChangeWishes && e.told(1).State == contract.StatePrepared {
		r.Problem = problem(contract.ProblemCodeConflict, http.StatusConflict)
		return r
	}
	e.done[id] = string(b)
	e.order, e.bodies = append(e.order, string(op.Kind)+" "+id), append(e.bodies, string(b))
	e.version++
	switch op.Kind {
	case client.Register, client.Introduce:
		e.reference = "reference-" + id
		if len(e.order) > 1 && e.reference != "" {
			e.reference = "reference-" + strings.Fields(e.order[0])[1]
		}
	case client.Verify:
		e.proven = true
	case client.RemoveDevices:
		e.gone = op.Request["devices"] == "this"
	}
	r.Done, r.Receipt = true, m.receipt(e, op.Kind)
	return r
}

func (m *model) receipt(e *modelEntry, k client.Kind) *contract.Receipt {
	if k != client.Register && k != client.Introduce {
		return nil
	}
	return &contract.Receipt{Reference: e.reference, State: contract.StateReceived, Next: contract.NextVerify, ReceivedAt: "2026-01-01T00:00:00.000000Z", AskAgainSeconds: m.ask}
}

func problem(code contract.ProblemCode, status int) *contract.Problem {
	return &contract.Problem{Code: code, Status: status, Title: "no", Type: "/problems/" + string(code)}
}

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

// sites lists the sites that were wished, in the order in which the server carried it out.
func (e *modelEntry) sites() []string {
	var out []string
	for _, b := range e.bodies {
		var w contract.WishesRequest
		if json.Unmarshal([]byte(b), &w) == nil && w.Wishes != nil && w.Wishes.Sites != nil {
			out = append(out, (*w.Wishes.Sites)[0])
		}
	}
	return out
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
