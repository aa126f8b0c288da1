package api

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
)

// counting counts sites for tests: each count waits until it is let go.
type countingSites struct {
	*counts
	mu     sync.Mutex
	at     time.Time
	made   atomic.Int32 // counts
	atOnce atomic.Int32
	most   atomic.Int32
	began  chan struct{} // one for each count that has begun
	letGo  chan error
}

func newCountingSites() *countingSites {
	s := &countingSites{at: time.Unix(1_600_000_000, 0), began: make(chan struct{}, 1000), letGo: make(chan error)}
	s.counts = newCounts(func() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.at })
	return s
}

func (s *countingSites) later(d time.Duration) { s.mu.Lock(); defer s.mu.Unlock(); s.at = s.at.Add(d) }

func (s *countingSites) ask(ctx context.Context, site string) (*counted, error) {
	return s.get(ctx, countKey{1, site}, func(context.Context) (*counted, error) {
		s.made.Add(1)
		if n := s.atOnce.Add(1); n > s.most.Load() {
			s.most.Store(n)
		}
		defer s.atOnce.Add(-1)
		s.began <- struct{}{}
		if err := <-s.letGo; err != nil {
			return nil, err
		}
		return &counted{body: []byte(site), asOf: s.now()}, nil
	})
}

// However many ask for a site at once, it is counted once; also when whoever asked first has gone away.
func TestOneCountForAllWhoAsk(t *testing.T) {
	t.Parallel()
	s := newCountingSites()
	gone, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	var answered atomic.Int32
	ask := func(ctx context.Context) {
		all.Go(func() {
			if doc, err := s.ask(ctx, "a"); err == nil && string(doc.body) == "a" {
				answered.Add(1)
			}
		})
	}
	ask(gone)
	<-s.began
	leave()
	for range 500 {
		ask(t.Context())
	}
	close(s.letGo)
	all.Wait()
	if s.made.Load() != 1 || answered.Load() != 501 {
		t.Errorf("%d counts, %d answers of 501", s.made.Load(), answered.Load())
	}
	s.later(countEvery - time.Millisecond)
	if _, err := s.ask(t.Context(), "a"); err != nil || s.made.Load() != 1 {
		t.Errorf("just before its time: %d counts, %v", s.made.Load(), err)
	}
	s.later(time.Millisecond)
	if _, err := s.ask(t.Context(), "a"); err != nil || s.made.Load() != 2 {
		t.Errorf("at its time: %d counts, %v", s.made.Load(), err)
	}
}

// Whoever asks for every site there is gets few of them counted at a time; who is too many is sent away, and has the last count if there is one.
func TestManySitesAtOnce(t *testing.T) {
	t.Parallel()
	s := newCountingSites()
	s.kept[countKey{1, "known"}] = s.byAge.PushBack(&keptCount{key: countKey{1, "known"}, doc: &counted{body: []byte("old"), asOf: s.now().Add(-time.Minute)}})
	var all sync.WaitGroup
	for i := range countPending {
		all.Go(func() { _, _ = s.ask(t.Context(), string(rune('A'+i))) })
	}
	for range countAtOnce {
		<-s.began
	}
	for pending := 0; pending < countPending; { // all of them have come
		s.counts.mu.Lock()
		pending = len(s.underway)
		s.counts.mu.Unlock()
		runtime.Gosched()
	}
	if doc, err := s.ask(t.Context(), "one more"); doc != nil || booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("one too many: %v %v", doc, err)
	}
	if doc, err := s.ask(t.Context(), "known"); doc == nil || booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("one too many, counted a minute ago: %v %v", doc, err)
	}
	close(s.letGo)
	all.Wait()
	if s.most.Load() > countAtOnce || s.bytes > countBytes {
		t.Errorf("%d counts at one moment", s.most.Load())
	}
}

// A count that fails costs nobody the last one, for five minutes, and the database is asked again a second later.
func TestTheLastCountWhenThereIsNoNewOne(t *testing.T) {
	t.Parallel()
	s, broken := newCountingSites(), errors.New("away")
	ask := func(outcome error) (*counted, error) {
		go func() { <-s.began; s.letGo <- outcome }()
		return s.ask(t.Context(), "a")
	}
	if _, err := ask(broken); !errors.Is(err, broken) {
		t.Fatalf("never counted: %v", err)
	}
	if _, err := ask(nil); err != nil {
		t.Fatal(err)
	}
	s.later(time.Minute)
	if doc, err := ask(broken); doc == nil || !errors.Is(err, broken) {
		t.Errorf("a minute old: %v %v", doc, err)
	}
	made := s.made.Load()
	s.later(countPause - time.Millisecond)
	if doc, err := s.ask(t.Context(), "a"); doc == nil || err != nil || s.made.Load() != made {
		t.Errorf("within the pause: %v %v, %d counts", doc, err, s.made.Load()-made)
	}
	s.later(countOldest - time.Minute - countPause + time.Millisecond)
	if doc, err := ask(broken); doc == nil || !errors.Is(err, broken) {
		t.Errorf("five minutes old: %v %v", doc, err)
	}
	s.later(time.Second)
	if doc, err := ask(broken); doc != nil || !errors.Is(err, broken) {
		t.Errorf("older: %v %v", doc, err)
	}
}

// What is kept is bounded, and the oldest goes first.
func TestKeptCountsAreBounded(t *testing.T) {
	t.Parallel()
	k := newCounts(time.Now)
	const size = 1 << 20
	for i := range 100 {
		k.keep(countKey{1, string(rune('0' + i))}, &counted{body: make([]byte, size)})
	}
	if k.bytes > countBytes || len(k.kept) != k.byAge.Len() || len(k.kept) != countBytes/(size+countBeside) {
		t.Errorf("%d bytes, %d documents", k.bytes, len(k.kept))
	}
	if k.kept[countKey{1, string(rune('0' + 99))}] == nil || k.kept[countKey{1, "0"}] != nil {
		t.Error("not the oldest have gone")
	}
}
