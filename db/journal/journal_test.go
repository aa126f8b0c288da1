package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking/vault"
)

func TestWrittenAndReplayed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.segmentBytes = 4 << 10 // several files
	j := b.open()
	const texts = 400
	var wg sync.WaitGroup
	for n := range texts {
		wg.Go(func() {
			if err := j.Append(t.Context(), text(n)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s := j.Stats(); s.Records != texts || s.Bytes == 0 || s.Oldest.IsZero() {
		t.Errorf("%+v", s)
	}
	if !j.Holds(text(1).From) || j.Holds(text(texts).From) {
		t.Error("whose texts wait is not known")
	}
	for _, name := range b.files() {
		data, err := os.ReadFile(filepath.Join(b.o.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, piece := range []string{"홍길동", "680412", "+8210", "twilio", "SM000"} {
			if bytes.Contains(data, []byte(piece)) || strings.Contains(name, piece) {
				t.Errorf("%s can be read in a file", piece)
			}
		}
	}
	if info, err := os.Stat(b.o.Dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	b.closed(j)
	if err := j.Append(t.Context(), text(0)); !errors.Is(err, ErrClosed) {
		t.Errorf("written after closing: %v", err)
	}

	j = b.open()
	b.write(j, texts, texts+5)
	if done := b.replay(j); done.Kept != texts+5 || done.Fresh != texts+5 {
		t.Errorf("%+v", done)
	}
	b.has(0, texts+5)
	if files := b.files(); len(files) != 0 {
		t.Errorf("replayed, and still there: %v", files)
	}
	if s := j.Stats(); s != (Stats{}) || j.Holds(text(1).From) {
		t.Errorf("%+v", s)
	}
	b.write(j, texts+5, texts+6) // the file that it wrote to is gone; another begins
	b.replay(j)
	b.has(0, texts+6)
	if b.log.Len() != 0 {
		t.Errorf("nothing was wrong, but: %s", b.log.String())
	}
}

func TestABoundedJournalRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.o.MaxBytes, b.o.segmentBytes = 4000, 1000
	j := b.open()
	var n int
	var err error
	for err == nil {
		if err = j.Append(t.Context(), text(n)); err == nil {
			n++
		}
	}
	if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "JARI_JOURNAL_MAX") || n < 10 || j.Stats().Bytes > 4000 {
		t.Fatalf("%d records, %+v: %v", n, j.Stats(), err)
	}
	b.replay(j)
	b.has(0, n)
	b.write(j, n, 2*n) // there is room again
	huge := text(0)
	huge.Body = strings.Repeat("x", maxPlain)
	if err := j.Append(t.Context(), huge); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
}

func TestKeysAreChanged(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old, young := vault.NewMasterKey(), vault.NewMasterKey()
	b.o.Keys = keysFrom(t, old)
	j := b.open()
	b.write(j, 0, 5)
	b.closed(j)

	b.o.Keys = keysFrom(t, young) // somebody forgot the earlier key
	j = b.open()
	b.write(j, 5, 10)
	if done := b.replay(j); done.Kept != 5 {
		t.Errorf("%+v", done)
	}
	if s := j.Stats(); s.Locked != 5 || s.Records != 5 || !strings.Contains(b.log.String(), "JARI_MASTER_KEYS_BEFORE") {
		t.Errorf("%+v, log: %s", s, b.log.String())
	}
	if _, err := j.Drain(t.Context(), b.keep, time.Minute); err == nil || !strings.Contains(err.Error(), "5 of them need another master key") {
		t.Errorf("%v", err)
	}
	b.closed(j)

	b.o.Keys = keysFrom(t, young, old)
	j = b.open()
	b.replay(j)
	b.has(0, 10)
	if files := b.files(); len(files) != 0 {
		t.Errorf("%v", files)
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 3, 8)
	c, err := Show(b.o.Dir, b.o.Keys) // while a process uses it
	if err != nil || len(c.Files) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if f := c.Files[0]; f.Records != 5 || !f.Oldest.Equal(text(3).Arrival) || !f.Newest.Equal(text(7).Arrival) || f.Bytes != j.Stats().Bytes || f.Unfinished != 0 || f.Damaged {
		t.Errorf("%+v", f)
	}
	if _, err := Show(filepath.Join(b.o.Dir, "elsewhere"), b.o.Keys); err == nil {
		t.Error("a folder that is not there was shown")
	}
}

// The names of folders that were made are durable before anything is written in them.
func TestTheFolderIsMadeDurable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	above := filepath.Dir(b.o.Dir)
	b.o.Dir = filepath.Join(above, "a", "b", "journal")
	var synced []string
	b.o.syncDir = func(dir string) error {
		synced = append(synced, strings.TrimPrefix(dir, above))
		return syncDir(dir)
	}
	b.closed(b.open())
	if got := strings.Join(synced, " "); got != " /a /a/b /a/b/journal" {
		t.Errorf("synced %q", got)
	}
	broken := errors.New("broken")
	b.o.Dir += "-2"
	b.o.syncDir = func(string) error { return broken }
	if _, err := Open(b.o); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
