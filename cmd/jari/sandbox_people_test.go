package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// Each magic person's case happens, one after the other in one sandbox: nobody is in the way of anybody.
func TestMagicPeople(t *testing.T) {
	t.Parallel()
	began := time.Now()
	a := newAppTeam(t)
	for name, c := range map[string]func(){
		"people": a.everybodyIsListed, "closed": a.refusedWith("closed"), "too-young": a.refusedWith("not_eligible"), "full": a.full,
		"overloaded-once": a.overloaded, "overloaded in a batch": a.overloadedInABatch,
		"cut-answer": a.cut, "possible-duplicate": a.duplicate, "known": a.known, "unverified": a.unverified,
		"offered": a.offered, "drawn": a.drawn,
	} {
		t.Run(name, func(t *testing.T) {
			a.t = t
			c()
		})
	}
	a.t = t
	a.audited()
	a.everyTimeIsTheSandboxs(began, time.Now())
}

func (a *appTeam) everybodyIsListed() {
	r := a.call("GET", "/sandbox/people", secretOf("x"), nil)
	if people, ok := r.body["people"].([]any); !ok || len(people) != len(a.box.people) || r.body["campaign"] != a.campaign.Slug {
		a.t.Errorf("%d %v", r.status, r.body)
	}
	if r := a.call("GET", "/v1/agent/campaigns/"+a.campaign.Slug+"/queues/open/order", a.box.token, nil); r.status != http.StatusOK {
		a.t.Errorf("the agent: %d %v", r.status, r.body)
	}
}

func (a *appTeam) refusedWith(code string) func() {
	return func() {
		name := map[string]string{"closed": "closed", "not_eligible": "too-young"}[code]
		if r := a.apply(name); r.status != http.StatusForbidden || r.body["code"] != code {
			a.t.Errorf("%d %v", r.status, r.body)
		}
	}
}

func (a *appTeam) full() {
	a.path(a.apply("full"))
	a.shown(a.person("full").Phone, "자리가 없")
}

// overloaded: the stamp of the first try counts, also an hour later.
func (a *appTeam) overloaded() {
	const name = "overloaded-once"
	body := a.body(a.person(name))
	r := a.call("POST", a.registrations(), secretOf(name), body)
	if r.status != http.StatusServiceUnavailable || r.body["stamp"] == nil || r.header.Get("Retry-After") == "" {
		a.t.Fatalf("the first try: %d %v", r.status, r.body)
	}
	body["stamp"] = r.body["stamp"]
	asked := r.header.Get("Date")
	a.forward(time.Minute)
	r = a.call("POST", a.registrations(), secretOf(name), body)
	first, err := time.Parse(http.TimeFormat, asked)
	received, err2 := time.Parse(time.RFC3339, fmt.Sprint(r.body["received_at"]))
	if r.status != http.StatusOK || err != nil || err2 != nil || received.Sub(first).Abs() > 10*time.Second {
		a.t.Errorf("refused at %s, then: %d %v", asked, r.status, r.body)
	}
}

// cut: the answer breaks off once, alone and in a batch, and is the same afterwards.
func (a *appTeam) cut() {
	const name = "cut-answer"
	a.cutOnce(a.registrations(), name, a.body(a.person(name)))
	a.cutOnce("/v1/sync", name, a.batch(name, a.body(a.person(name))))
}

// batch is a sync of one application.
func (a *appTeam) batch(name string, request map[string]any) map[string]any {
	return map[string]any{"entries": []any{map[string]any{
		"campaign": a.campaign.Slug, "secret": secretOf(name), "operations": []any{map[string]any{"kind": "register", "request": request}},
	}}}
}

func (a *appTeam) cutOnce(path, name string, request any) {
	a.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		a.t.Fatal(err)
	}
	ask := func() ([]byte, error) {
		req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.apiURL+path, bytes.NewReader(body))
		if err != nil {
			a.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+secretOf(name))
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			a.t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			a.t.Fatalf("%s: %d", path, res.StatusCode)
		}
		return io.ReadAll(res.Body)
	}
	half, err := ask()
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(half) == 0 {
		a.t.Fatalf("%s: the first answer: %v, %q", path, err, half)
	}
	whole, err := ask()
	if err != nil || !bytes.HasPrefix(whole, half) {
		a.t.Errorf("%s: the second answer: %v, %q after %q", path, err, whole, half)
	}
}

// overloadedInABatch: the result says to hand the application in again, with a stamp.
func (a *appTeam) overloadedInABatch() {
	body := a.body(a.person("overloaded-once"))
	for i, want := range []float64{http.StatusServiceUnavailable, 0} {
		r := a.call("POST", "/v1/sync", secretOf("any"), a.batch("abatch", body))
		result := r.body["entries"].([]any)[0].(map[string]any)["results"].([]any)[0].(map[string]any)
		problem, _ := result["problem"].(map[string]any)
		status, _ := problem["status"].(float64)
		if status != want || want != 0 && problem["stamp"] == nil || result["done"] != (want == 0) {
			a.t.Errorf("try %d: %v", i+1, result)
		}
	}
}

func (a *appTeam) duplicate() {
	a.path(a.apply("possible-duplicate"))
	a.until("agents to see the pair", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM possible_duplicate`, nil, &n)
		return n > 0
	})
}

// known: whoever proves the phone has the entry of the device that came before, and its place.
func (a *appTeam) known() {
	path := a.path(a.apply("known"))
	a.prove("known", path)
	e := a.entry("known", path, "the place", func(e map[string]any) bool { return number(e) > 0 })
	var earlier bool
	a.scan(`SELECT r.arrival < $2 FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
		WHERE p.number = $1 AND r.cohort = 'open'`, []any{number(e), a.box.clock.Now().Add(-time.Second)}, &earlier)
	if !earlier {
		a.t.Errorf("the entry is not the earlier one: %v", e)
	}
}

// number is the announced place of an entry, 0 before.
func number(e map[string]any) int64 {
	place, _ := e["place"].(map[string]any)
	n, _ := place["number"].(float64)
	return int64(n)
}

func (a *appTeam) unverified() {
	path := a.path(a.apply("unverified"))
	if r := a.call("POST", path+"/code-requests", secretOf("unverified"), operation()); r.status != http.StatusOK {
		a.t.Fatalf("asking for a code: %d %v", r.status, r.body)
	}
	a.until("the code's fate to be known", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM message m JOIN registration r ON r.campaign_id = m.campaign_id AND r.id = m.registration_id
			WHERE m.kind = 'code' AND m.state = 'suppressed'`, nil, &n)
		return n == 1
	})
	if texts := a.phones.Inbox(a.person("unverified").Phone); len(texts) != 0 {
		a.t.Errorf("it shows %d texts", len(texts))
	}
}

func (a *appTeam) offered() {
	path := a.path(a.apply("offered"))
	a.shown(a.person("offered").Phone, "불참")
	a.prove("offered", path)
	e := a.entry("offered", path, "the offer", func(e map[string]any) bool { return e["appointment"] != nil })
	appointment := fmt.Sprint(e["appointment"].(map[string]any)["id"])
	if r := a.call("POST", path+"/confirmations", secretOf("offered"), operation("appointment", appointment)); r.status != http.StatusOK {
		a.t.Errorf("confirming %s: %d %v", appointment, r.status, r.body)
	}
	a.entry("offered", path, "the confirmation", func(e map[string]any) bool { return e["state"] == "confirmed" })
}

// drawn: no place before the draw; after the window and its grace the sandbox draws.
func (a *appTeam) drawn() {
	path := a.path(a.apply("drawn"))
	a.prove("drawn", path)
	if e := a.call("GET", path, secretOf("drawn"), nil); e.body["appointment"] != nil {
		a.t.Errorf("before the draw: %v", e.body)
	}
	a.forward(2 * time.Hour)
	a.entry("drawn", path, "the offer after the draw", func(e map[string]any) bool { return e["appointment"] != nil })
}
