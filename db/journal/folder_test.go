package journal

import (
	"bytes"
	"context"
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
