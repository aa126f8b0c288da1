package journal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

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
