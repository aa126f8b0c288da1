package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"jari/cmd/jari/textbench"
)

// Some hundred texts through asynq to phones in another process, without trouble, with all of it and two deaths of the worker, and by a
// number with a limit: each arrives once. How long it takes is not judged.
func TestTextsLeaveOnceWhateverHappens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "figures.json")
	args := []string{"bench-texts", "--quick", "--kind", "offer", "--program", testProgram(t), "--dir", filepath.Join(dir, "servers"), "--json", file}
	if err := run(t.Context(), args, os.Getenv, io.Discard, os.Stderr); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r textbench.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Runs) != 3 {
		t.Fatalf("%d runs, want 3", len(r.Runs))
	}
	for _, run := range r.Runs { // run failed if a text was lost or doubled
		if run.Noop <= 0 || run.Handsets.Rate <= 0 || run.Delivered != run.Messages {
			t.Errorf("%+v", run)
		}
	}
	if r.Runs[1].Kills != 2 || r.Runs[1].Unknown == 0 {
		t.Errorf("no trouble was made: %+v", r.Runs[1])
	}
}
