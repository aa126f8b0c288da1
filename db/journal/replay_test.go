package journal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
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

// A record that cannot be stored for a reason of its own neither holds up others nor is forgotten: its file is set aside,
// which is said once, and tried again when the folder is opened next.
func TestARecordThatCannotBeStored(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	j := b.open()
	b.write(j, 0, 12)
	poisoned, away := text(0).ProviderSID, true
	keep := func(ctx context.Context, in desk.Inbound) (bool, error) {
		switch {
		case in.ProviderSID == poisoned:
			return false, booking.Fail(booking.CodeNoCampaign, nil)
		case in.ProviderSID == text(10).ProviderSID && away:
			return false, errors.New("away")
		}
		return b.keep(ctx, in)
	}
	done, err := j.Replay(t.Context(), keep)
	if err == nil || strings.Contains(err.Error(), string(booking.CodeNoCampaign)) || done.Kept != 9 || j.Stats().Records != 3 || j.Holds(text(0).From) {
		t.Errorf("%+v, %v, %+v", done, err, j.Stats())
	}
	if files := b.files(); len(files) != 1 || strings.HasSuffix(files[0], suffixRefused) {
		t.Errorf("set aside while others wait in it: %v", files)
	}
	away = false
	if _, err = j.Drain(t.Context(), keep, time.Minute); err != nil || j.Stats() != (Stats{}) {
		t.Errorf("%v, %+v", err, j.Stats())
	}
	files := b.files()
	if len(files) != 1 || !strings.HasSuffix(files[0], suffixRefused) {
		t.Fatalf("%v", files)
	}
	c, err := Show(b.o.Dir, b.o.Keys)
	damaged, refused, asideErr := Aside(b.o.Dir)
	if err != nil || len(c.Files) != 1 || !c.Files[0].Refused || asideErr != nil || damaged != 0 || refused != 1 {
		t.Errorf("%+v, %v; %d damaged, %d refused, %v", c, err, damaged, refused, asideErr)
	}
	b.write(j, 12, 13) // goes to another file
	if done, err := j.Replay(t.Context(), keep); err != nil || done.Tried != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if log := b.log.String(); strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, files[0]) || !strings.Contains(log, "jari journal replay") {
		t.Errorf("log: %s", log)
	}
	b.closed(j)
	j = b.open()
	if _, err := j.Drain(t.Context(), keep, time.Minute); err != nil { // its campaign is still not here
		t.Error(err)
	}
	if again := b.files(); len(again) != 1 || again[0] != files[0] {
		t.Errorf("%v", again)
	}
	b.closed(j)
	b.replay(b.open())
	b.has(0, 13)
	if files := b.files(); len(files) != 0 {
		t.Errorf("%v", files)
	}
}

// looping runs the loop in a bubble, where time passes when everybody waits, and gives it one pass to get through.
func looping(t *testing.T, j *Journal, keep Keep) (pass func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { j.Run(ctx, keep, func(err error) { t.Error(err) }) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
	})
	return func() {
		time.Sleep(minPause) // of the bubble's clock
		synctest.Wait()
	}
}

func TestTheLoopReplays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		j := b.open()
		pass := looping(t, j, b.keep)
		for n := range 3 {
			b.write(j, n, n+1)
			pass()
			if s := j.Stats(); s.Records != 0 {
				t.Errorf("after text %d: %+v", n, s)
			}
		}
		b.has(0, 3)
	})
}

// The loop sets a damaged file aside also when no record can be read in it, and rests when all that is left is refused.
func TestTheLoopSetsFilesAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		j := b.open()
		b.write(j, 0, 2)
		b.closed(j)
		path, data := b.segment()
		for i := range data {
			data[i] ^= 0x55
		}
		b.put(path, data)
		j = b.open()
		refuse := func(context.Context, desk.Inbound) (bool, error) {
			return false, booking.Fail(booking.CodeInvalid, nil)
		}
		pass := looping(t, j, refuse)
		for refused := range 2 {
			pass()
			if d, r, err := Aside(b.o.Dir); err != nil || d != 1 || r != refused {
				t.Errorf("%d damaged, %d refused, %v: %v", d, r, err, b.files())
			}
			b.write(j, 2, 3)
		}
		pass()
		if _, err := j.Drain(t.Context(), refuse, time.Minute); err != nil {
			t.Error(err)
		}
	})
}
