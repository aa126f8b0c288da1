package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAreWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "report")
	say := func(what string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, what)
			return err
		}
	}
	if err := writeFile(path, 0o644, say("nowhere", nil)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if err := errors.Join(canWrite(path), writeFile(path, 0o644, say("first", nil))); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	if err := writeFile(path, 0o644, say("half of the sec", full)); !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("a write that failed: %v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "first" {
		t.Errorf("the file says %q (%v), want what it said before", b, err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("beside it stand %v (%v)", left, err)
	}
}

// What runs for minutes says at once that it could not write its report.
func TestReportsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(file, "report")
	for name, args := range map[string][]string{
		"rush":         {"rush", "--private", "--dir", dir, "--report", below},
		"bench":        {"bench", "--quick", "--dir", dir, "--json", below},
		"bench-assign": {"bench-assign", "--quick", "--dir", dir, "--json", below},
		"a folder":     {"rush", "--private", "--dir", dir, "--report", dir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out lockedBuffer
			err := run(t.Context(), args, noSettings, &out, &out)
			if err == nil || !strings.Contains(err.Error(), "write "+args[len(args)-1]) || out.String() != "" {
				t.Errorf("%v; it printed %q", err, out.String())
			}
		})
	}
}

func TestProgressElsewhereThanOnATerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	show := progress(f)
	for range 9 {
		show(0.5, "half")
	}
	show(1, "")
	if b, err := os.ReadFile(f.Name()); err != nil || string(b) != "half\nhalf\n" {
		t.Errorf("it wrote %q (%v), want a line every eighth time", b, err)
	}
}
