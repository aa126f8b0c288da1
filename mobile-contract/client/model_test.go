package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

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

func (m *model) Own(context.Context, string, string) (client.Answer, error) {
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
