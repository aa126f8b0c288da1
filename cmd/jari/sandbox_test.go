package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/cmd/jari/sandbox"
	"jari/db"
)

// exampleSandbox is the sandbox's campaign, as the tests find it.
const exampleSandbox = "../../examples/sandbox.yaml"

// appTeam is a sandbox, and a town's ways to talk to it.
type appTeam struct {
	*town
	box *sandboxHouse
}

func newAppTeam(t *testing.T) *appTeam {
	t.Helper()
	a := &app{getenv: noSettings, out: io.Discard, errs: io.Discard}
	s, err := a.openSandbox(context.WithoutCancel(t.Context()), sandboxOptions{listen: "127.0.0.1:0", data: t.TempDir(), logLevel: "error", file: exampleSandbox})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := inTime(context.Background(), 2*stopTime, s.Stop); err != nil {
			t.Errorf("stop the sandbox: %v", err)
		}
	})
	return &appTeam{town: &town{t: t, apiURL: s.config.PublicURL, phones: s.phones, campaign: s.campaign}, box: s}
}

// person is the magic person of a case.
func (a *appTeam) person(name string) booking.Person {
	a.t.Helper()
	for _, p := range a.box.people {
		if p.Case == name {
			return p.Person
		}
	}
	a.t.Fatalf("there is no %s", name)
	return booking.Person{}
}

// body is an application, as the documentation shows it.
func (a *appTeam) body(p booking.Person) map[string]any {
	body := application(p)
	body["region"] = "gangnam"
	return body
}

// apply sends a person's first application with a secret of that name.
func (a *appTeam) apply(name string) reply {
	a.t.Helper()
	return a.call("POST", a.registrations(), secretOf(name), a.body(a.person(name)))
}

// path is where an applied person's entry is.
func (a *appTeam) path(r reply) string {
	a.t.Helper()
	if r.status != http.StatusOK {
		a.t.Fatalf("applying: %d %v", r.status, r.body)
	}
	return a.registrations() + "/" + fmt.Sprint(r.body["reference"])
}

// prove proves the phone with the code that is texted to it.
func (a *appTeam) prove(name, path string) {
	a.t.Helper()
	if r := a.call("POST", path+"/code-requests", secretOf(name), operation()); r.status != http.StatusOK {
		a.t.Fatalf("asking for a code: %d %v", r.status, r.body)
	}
	code := ""
	a.until("a code", time.Minute, func() bool {
		r := a.call("GET", "/sandbox/texts?phone=%2B"+a.person(name).Phone.E164()[1:], secretOf(name), nil)
		for _, text := range r.body["texts"].([]any) {
			if c := sixDigits.FindString(fmt.Sprint(text)); c != "" {
				code = c
			}
		}
		return code != ""
	})
	if r := a.call("POST", path+"/verifications", secretOf(name), operation("code", code)); r.status != http.StatusOK {
		a.t.Fatalf("proving the phone with %s: %d %v", code, r.status, r.body)
	}
}

// entry waits until the entry holds what is asked for.
func (a *appTeam) entry(name, path, what string, holds func(map[string]any) bool) map[string]any {
	a.t.Helper()
	var last map[string]any
	a.until(what, time.Minute, func() bool {
		last = a.call("GET", path, secretOf(name), nil).body
		return holds(last)
	})
	return last
}

func (a *appTeam) forward(d time.Duration) {
	a.t.Helper()
	if r := a.call("POST", "/sandbox/clock", secretOf("clock"), map[string]any{"forward_seconds": int(d.Seconds())}); r.status != http.StatusOK {
		a.t.Fatalf("moving the clock: %d %v", r.status, r.body)
	}
}

// scan reads one row of the sandbox's database.
func (a *appTeam) scan(sql string, args []any, into ...any) {
	a.t.Helper()
	if err := a.box.api.house.pool.QueryRow(a.t.Context(), sql, args...).Scan(into...); err != nil {
		a.t.Fatalf("%s: %v", sql, err)
	}
}

// audited waits for an audit without findings: what fell due by a move takes some seconds.
func (a *appTeam) audited() {
	a.t.Helper()
	h := a.box.api.house
	for end := time.Now().Add(time.Minute); ; {
		report, err := db.Audit(a.t.Context(), h.pool, h.campaigns, db.AuditOptions{})
		if err != nil {
			a.t.Fatal(err)
		}
		if report.Violations == 0 {
			return
		}
		if time.Now().After(end) {
			a.t.Fatalf("the audit found violations:\n%s", report.Text())
		}
	}
}

// Whoever the sandbox could be reached by from elsewhere would read every text.
func TestTheSandboxStaysOnItsMachine(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, listen := range []string{taken.Addr().String(), ":8080", "0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080", "localhost:8080", "here"} {
		dir := filepath.Join(t.TempDir(), "data")
		out := &lockedBuffer{}
		err := run(t.Context(), []string{"serve", "--sandbox", "--listen", listen, "--data", dir, "--campaign", exampleSandbox}, noSettings, out, out)
		_, began := os.Stat(dir)
		if err == nil || !strings.Contains(err.Error(), "--listen") || !errors.Is(began, os.ErrNotExist) {
			t.Errorf("%s: %v", listen, err)
		}
	}
	if err := run(t.Context(), []string{"serve", "--listen", "127.0.0.1:1"}, noSettings, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "--sandbox") {
		t.Errorf("--listen without --sandbox: %v", err)
	}
}

// Every phone that a case needs is one of a person, and no two cases meet in one.
func TestMagicPeopleAreDifferent(t *testing.T) {
	t.Parallel()
	phones, cases := map[booking.Phone]bool{}, map[string]bool{}
	for _, p := range sandbox.People() {
		if phones[p.Phone] || cases[p.Case] || p.What == "" || p.Name == "" {
			t.Errorf("%s is not different", p.Case)
		}
		phones[p.Phone], cases[p.Case] = true, true
	}
}
