package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"jari/cmd/jari/bench"
)

// The measurement runs from end to end with numbers that mean nothing. Its servers are this test's binary again.
func TestBenchMeasuresEverything(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "figures.json")
	args := []string{"bench", "--quick", "--program", testProgram(t), "--campaign", "../../examples/seoul-2021.yaml", "--dir", filepath.Join(dir, "servers"), "--json", file, "--profile", filepath.Join(dir, "profiles")}
	if err := run(t.Context(), args, os.Getenv, io.Discard, os.Stderr); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"texts":      r.Texts.Ratio > 0 && r.Texts.Registered == r.Texts.Sent && r.Texts.Told == r.Texts.Sent && r.Texts.Drained.Handled+r.Texts.ByDoor == r.Texts.Kept,
		"ratio_bare": r.RatioBare > 0, "ratio_one_insert": r.RatioOneInsert > 0, "cap": r.Cap.Stored > 0, "refusal": r.Refusal.Refused > 0,
		// What its rate allows in the time, what had waited in line, and a burst.
		"refusals store": r.Refusal.Stored <= int64(float64(r.Refusal.Limit)*(r.Refusal.Seconds+2)), "queue": r.Queue.Polls > 0, "memory": r.Memory.Answered > 0,
	} {
		if !ok {
			t.Errorf("%s is not right:\n%s", name, text)
		}
	}
	for _, round := range r.Peaks[0].Rounds {
		stores := round.Kind == "group" || round.Kind == "one"
		if stores && round.Stored < round.Answered || !stores && round.Stored != 0 || round.Other+round.Broken > 0 {
			t.Errorf("what was stored does not fit the answers: %+v", round)
		}
	}
}
