package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

func keysFrom(t testing.TB, masters ...string) *vault.JournalKeys {
	t.Helper()
	m, err := vault.NewMaster(masters[0], masters[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Journal()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// text is the n-th text. All texts of ten in a row are one phone's.
func text(n int) desk.Inbound {
	from, err := booking.ParseE164(fmt.Sprintf("+8210%08d", n/10))
	if err != nil {
		panic(err)
	}
	return desk.Inbound{
		Door: desk.DoorSMS, Campaign: 7, Provider: "twilio", ProviderSID: fmt.Sprintf("SM%032x", n), From: from,
		Body: "예약 홍길동\xff 680412", Arrival: time.UnixMicro(1626692400000000 + int64(n)).UTC(),
	}
}

// bench is a journal's folder with what a test needs around it.
type bench struct {
	t    *testing.T
	o    Options
	log  bytes.Buffer
	mu   sync.Mutex
	kept map[string]desk.Inbound // by provider id, as the unique key in PostgreSQL
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, kept: map[string]desk.Inbound{}}
	b.o = Options{Dir: filepath.Join(t.TempDir(), "journal"), Keys: keysFrom(t, vault.NewMasterKey()), Log: slog.New(slog.NewTextHandler(&b.log, nil))}
	t.Cleanup(func() {
		if log := b.log.String(); strings.Contains(log, "홍길동") || strings.Contains(log, "+8210") {
			t.Errorf("personal data in the log: %s", log)
		}
	})
	return b
}

func (b *bench) open() *Journal {
	b.t.Helper()
	j, err := Open(b.o)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = j.Close() })
	return j
}

func (b *bench) closed(j *Journal) {
	b.t.Helper()
	if err := j.Close(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) write(j *Journal, from, to int) {
	b.t.Helper()
	for n := from; n < to; n++ {
		if err := j.Append(b.t.Context(), text(n)); err != nil {
			b.t.Fatal(err)
		}
	}
}

// keep is PostgreSQL: the first copy of an id stays.
func (b *bench) keep(_ context.Context, in desk.Inbound) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, there := b.kept[in.ProviderSID]; there {
		return false, nil
	}
	b.kept[in.ProviderSID] = in
	return true, nil
}

func (b *bench) replay(j *Journal) Replayed {
	b.t.Helper()
	done, err := j.Replay(b.t.Context(), b.keep)
	if err != nil {
		b.t.Error(err)
	}
	return done
}

// has checks that texts from..to, and no others, are kept as they were written.
func (b *bench) has(from, to int) {
	b.t.Helper()
	b.hasAll(slices.Collect(func(yield func(int) bool) {
		for n := from; n < to && yield(n); n++ {
		}
	}))
}

func (b *bench) hasAll(numbers []int) {
	b.t.Helper()
	for _, n := range numbers {
		if got, want := b.kept[text(n).ProviderSID], text(n); got != want {
			b.t.Errorf("text %d: arrival %v, want %v (%d bytes and %d)", n, got.Arrival, want.Arrival, len(got.Body), len(want.Body))
		}
	}
	if len(b.kept) != len(numbers) {
		b.t.Errorf("%d texts are kept, want %d", len(b.kept), len(numbers))
	}
}

// files lists what is in the folder but the lock.
func (b *bench) files() []string {
	b.t.Helper()
	found, err := os.ReadDir(b.o.Dir)
	if err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, e := range found {
		if e.Name() != lockName {
			names = append(names, e.Name())
		}
	}
	return names
}

// segment is the only file's path and content.
func (b *bench) segment() (string, []byte) {
	b.t.Helper()
	names := b.files()
	if len(names) != 1 {
		b.t.Fatalf("files %v, want one", names)
	}
	path := filepath.Join(b.o.Dir, names[0])
	data, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return path, data
}

func (b *bench) put(path string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

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

func TestReplayedTwiceAndInterrupted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var calls int
	var mu sync.Mutex
	_, err := j.Replay(ctx, func(ctx context.Context, in desk.Inbound) (bool, error) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == 30 {
			cancel()
		}
		return b.keep(ctx, in)
	})
	if err != nil || len(b.kept) < 30 || len(b.kept) == 100 {
		t.Fatalf("%v, %d kept", err, len(b.kept))
	}
	kept := len(b.kept)
	b.closed(j) // as a crash: nothing in the files says what was replayed
	j = b.open()
	if done := b.replay(j); done.Kept != 100 || done.Fresh != 100-kept {
		t.Errorf("%+v after %d", done, kept)
	}
	b.has(0, 100)
	if done := b.replay(j); done != (Replayed{}) {
		t.Errorf("a third time: %+v", done)
	}
}

// The texts of one phone are stored in their order, and while PostgreSQL is away not everybody is tried.
func TestReplayWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 200)
	away := errors.New("away")
	tried := map[booking.Phone]int{}
	for range 20 {
		done, err := j.Replay(t.Context(), func(_ context.Context, in desk.Inbound) (bool, error) {
			tried[in.From]++
			return false, away
		})
		if !errors.Is(err, away) || done.Tried != giveUp || done.Kept != 0 {
			t.Fatalf("%+v, %v", done, err)
		}
	}
	if len(tried) != 20 {
		t.Errorf("%d of 20 phones had a turn", len(tried))
	}
	last := map[booking.Phone]time.Time{}
	_, err := j.Drain(t.Context(), func(ctx context.Context, in desk.Inbound) (bool, error) {
		fresh, err := b.keep(ctx, in)
		b.mu.Lock()
		defer b.mu.Unlock()
		if in.Arrival.Before(last[in.From]) {
			t.Errorf("%v after %v", in.Arrival, last[in.From])
		}
		last[in.From] = in.Arrival
		return fresh, err
	}, time.Minute)
	if err != nil {
		t.Error(err)
	}
	b.has(0, 200)
}

// A record that cannot be stored for a reason of its own neither holds up others nor is forgotten.
func TestARecordThatCannotBeStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 12)
	poisoned := text(0).ProviderSID
	keep := func(ctx context.Context, in desk.Inbound) (bool, error) {
		if in.ProviderSID == poisoned {
			return false, booking.Fail(booking.CodeNoCampaign, nil)
		}
		return b.keep(ctx, in)
	}
	done, err := j.Replay(t.Context(), keep)
	if err == nil || done.Kept != 11 || j.Stats().Records != 1 || j.Holds(text(0).From) {
		t.Errorf("%+v, %v, %+v", done, err, j.Stats())
	}
	_, err = j.Drain(t.Context(), keep, time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "1 texts or calls") || !strings.Contains(err.Error(), "jari journal replay "+b.o.Dir) {
		t.Errorf("%v", err)
	}
	b.closed(j)
	b.replay(b.open())
	b.has(0, 12)
}

func TestTheLoopReplays(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { j.Run(ctx, b.keep, func(err error) { t.Error(err) }) })
	for n := range 3 {
		b.write(j, n, n+1)
		for tick := time.NewTicker(10 * time.Millisecond); j.Stats().Records > 0; <-tick.C {
		}
	}
	cancel()
	wg.Wait()
	b.has(0, 3)
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
