package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// contractTested is what jari contract test --json prints.
type contractTested struct {
	Checks []struct {
		Name     string `json:"name"`
		Verdict  string `json:"verdict"`
		Expected string `json:"expected"`
		Got      string `json:"got"`
		Reason   string `json:"reason"`
	} `json:"checks"`
}

// contractTest runs the command and reports whether it found something.
func contractTest(t *testing.T, url string, args ...string) (tested contractTested, found bool) {
	t.Helper()
	var out, errs lockedBuffer
	err := run(t.Context(), append([]string{"contract", "test", "--json", "--url", url}, args...), noSettings, &out, &errs)
	if err != nil && !errors.Is(err, errFound) {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	if e := json.Unmarshal([]byte(out.String()), &tested); e != nil {
		t.Fatalf("%v: %.300s", e, out.String())
	}
	return tested, err != nil
}

// holds fails unless every check was tried and passed.
func (r contractTested) holds(t *testing.T) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Verdict != "pass" {
			t.Errorf("%s: %s: expected %s, got %s%s", c.Name, c.Verdict, c.Expected, c.Got, c.Reason)
		}
	}
	if len(r.Checks) < 60 {
		t.Errorf("only %d checks", len(r.Checks))
	}
}

// Our own server keeps every promise of the contract.
func TestContractHolds(t *testing.T) {
	t.Parallel()
	tested, found := contractTest(t, newAppTeam(t).apiURL, "--strict")
	tested.holds(t)
	if found && !t.Failed() {
		t.Error("it ends as if something had been found")
	}
}

// Each of these servers breaks one promise, and the check that is meant for it sees that. The same server unbroken passes all.
func TestBrokenServersFail(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	whole := forwarding(t, a.apiURL)
	t.Run("broken", func(t *testing.T) {
		all := brokenServers()
		maps.Copy(all, quietBrokenServers())
		for name, b := range all {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tested, found := contractTest(t, serving(t, b.breaks(whole)), "--only", b.tries())
				if !found {
					t.Error("nothing was found")
				}
				for _, c := range tested.Checks {
					if c.Name != b.check {
						continue
					}
					t.Logf("%s: expected %s, got %s", c.Name, c.Expected, c.Got)
					if c.Verdict != "fail" {
						t.Errorf("%s: %s %s", c.Name, c.Verdict, c.Reason)
					}
				}
			})
		}
	})
	// After the others, because it moves the clock.
	tested, _ := contractTest(t, serving(t, whole), "--strict")
	tested.holds(t)
}

// A run without a server, or with names that are none, says so and is no finding.
func TestContractTestCannotTry(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"nobody there": {"--url", "http://127.0.0.1:1"},
		"no address":   {"--url", "here"},
		"no check":     {"--only", "none"},
	} {
		var out lockedBuffer
		if err := run(t.Context(), append([]string{"contract", "test"}, args...), noSettings, &out, &out); err == nil || errors.Is(err, errFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// relayed is a server's answer on its way through.
type relayed struct {
	status int
	header http.Header
	body   []byte
	cut    bool // the server has broken it off
}

// relay is something that answers, in one piece.
type relay func(r *http.Request, body []byte) relayed

// forwarding answers what the server at an address answers.
func forwarding(t *testing.T, address string) relay {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	t.Cleanup(client.CloseIdleConnections)
	return func(r *http.Request, body []byte) relayed {
		out, err := http.NewRequestWithContext(r.Context(), r.Method, address+r.URL.RequestURI(), bytes.NewReader(body))
		if err != nil {
			return relayed{status: http.StatusBadGateway}
		}
		out.Header = r.Header.Clone()
		resp, err := client.Do(out)
		if err != nil {
			return relayed{cut: true}
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		return relayed{resp.StatusCode, resp.Header, answer, err != nil}
	}
}

// serving listens for a server, and returns its address.
func serving(t *testing.T, s relay) string {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler) // the client has cut it
		}
		// What was received whole is carried out, also when the client has gone meanwhile.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
		defer cancel()
		got := s(r.WithContext(ctx), body)
		if got.cut {
			panic(http.ErrAbortHandler)
		}
		h := w.Header()
		for name, values := range got.header {
			if name != "Content-Length" {
				h[name] = slices.Clone(values)
			}
		}
		w.WriteHeader(got.status)
		_, _ = w.Write(got.body)
	}))
	t.Cleanup(web.Close)
	return web.URL
}
