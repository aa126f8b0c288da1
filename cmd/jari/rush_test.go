package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jari/cmd/jari/rush"
)

// A whole opening, small: real processes, two nodes whose clocks are six seconds apart, lines that break, every kind of
// cheater, and an intake so slow that many first requests are stamped.
func TestRush(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out, errs lockedBuffer
	a := &app{getenv: func(string) string { return "" }, out: &out, errs: &errs}
	err := a.rush(t.Context(), rushOptions{
		crowd: rush.Config{
			People: 1000, PerPerson: 5, Over: 6 * time.Second, Drop: 0.15, Early: 0.1, Cheat: 0.1, Seed: 2021, Conns: 2000, Patience: 3 * time.Minute,
			// Under the race detector, beside other tests, clocks are known to some milliseconds only.
			Margin: 20 * time.Millisecond,
		},
		doors: "app=97,sms=2,agent=1", json: true, report: filepath.Join(dir, "rush.html"),
		private: true, dir: dir, nodes: 2, settle: 15 * time.Second, workers: 1, clocksApart: true, intakeRate: 75,
		childEnv: []string{asProgram + "=1"},
	})
	if err != nil {
		t.Errorf("%v\n%s", err, out.String())
		for _, log := range []string{"serve-0.log", "serve-1.log", "work-0.log"} {
			if b, err := os.ReadFile(filepath.Join(dir, log)); err == nil {
				t.Logf("%s: %.2000s", log, b)
			}
		}
		return
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var res rush.Result
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &res); err != nil {
		t.Fatalf("the last line is no JSON: %v", err)
	}
	if res.Registered != 1000 || res.Stamped < 100 || res.Dropped == 0 || res.Early == 0 || res.FalseRefused == 0 || res.TextServed != res.TextPeople {
		t.Errorf("the run was not what it should be: %s", lines[len(lines)-1])
	}
	page, err := os.ReadFile(filepath.Join(dir, "rush.html"))
	if err != nil || !bytes.Contains(page, []byte("<svg")) || bytes.Contains(page, []byte("NaN")) {
		t.Errorf("the report: %v, %d bytes", err, len(page))
	}
}

func TestRushRefuses(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.open()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a live campaign":    {[]string{"--url", w.apiURL, "--agent-token", "x", "--campaign", w.campaign.Slug}, "live"},
		"no system":          {nil, "--private"},
		"two systems":        {[]string{"--private", "--url", w.apiURL}, "either"},
		"no token":           {[]string{"--url", w.apiURL}, "--agent-token"},
		"a foreign setting":  {[]string{"--url", w.apiURL, "--agent-token", "x", "--intake-rate", "5"}, "--private"},
		"texts without them": {[]string{"--url", w.apiURL, "--agent-token", "x", "--campaign", "none", "--doors", "sms=1"}, "campaign"},
		"too few people":     {[]string{"--private", "--people", "0"}, "--people"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			var out lockedBuffer
			err := run(ctx, append([]string{"rush"}, c.args...), func(string) string { return "" }, &out, &out)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want an error about %s", err, c.want)
			}
		})
	}
}

// All nodes are killed while people text, and nobody delivers those texts again: everybody is registered all the same, in the order of the seconds in
// which the network had their texts. (At full length: jari rush --private --people 2000 --doors sms=1 --over 60s --stop-nodes 62s --stop-nodes-at 0s.)
func TestTextsWhileNoNodeIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var out, errs lockedBuffer
	a := &app{getenv: func(string) string { return "" }, out: &out, errs: &errs}
	err := a.rush(t.Context(), rushOptions{
		crowd: rush.Config{People: 80, PerPerson: 1, Over: 12 * time.Second, Seed: 2021, Conns: 100, Patience: 3 * time.Minute, Margin: 20 * time.Millisecond},
		doors: "sms=1", json: true, private: true, dir: dir, nodes: 2, settle: 3 * time.Second, workers: 1, stopNodes: 6 * time.Second, stopNodesAt: 2 * time.Second, childEnv: []string{asProgram + "=1"},
	})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var res rush.Result
	if err := errors.Join(err, json.Unmarshal([]byte(lines[len(lines)-1]), &res)); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if res.Registered != 80 || res.TextServed != 80 || res.FromLog == 0 {
		t.Errorf("the run was not what it should be: %s", lines[len(lines)-1])
	}
}
