package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// Keep stores one record in PostgreSQL. fresh is false when it was there already. Any error means that it must be tried
// again; the error holds nothing personal. One with a code of package booking other than CodeOverloaded is about this record
// alone (its campaign is not here, say): it neither holds up others nor means that PostgreSQL is away, and when nothing else
// is left in a file, the file is set aside.
type Keep func(ctx context.Context, in desk.Inbound) (fresh bool, err error)

// Replayed says what a pass did.
type Replayed struct {
	Tried int
	Kept  int // in PostgreSQL now
	Fresh int // of those, not there before
}

const (
	replayers = 8 // phones that are replayed at once
	giveUp    = 3 // phones that fail in a row before a pass ends: PostgreSQL is away, and the rest would fail too

	minPause = 200 * time.Millisecond
	maxPause = 5 * time.Second
)

// Run replays whenever there is something to replay, with growing pauses while it fails, until the context ends.
func (j *Journal) Run(ctx context.Context, keep Keep, report func(error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-j.wake:
		}
		for pause := minPause; ; { // once at least: a damaged file may hold no record and is set aside all the same
			timer := time.NewTimer(pause)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			done, err := j.Replay(ctx, keep)
			if err != nil && ctx.Err() == nil {
				report(err)
			}
			if j.open() == 0 {
				break
			}
			if pause = min(2*pause, maxPause); done.Kept > 0 {
				pause = minPause
			}
		}
	}
}

// Drain replays until nothing that can be read is left, the context ends, or nothing was stored for as long as patience.
// The error says how much is left, and is nil only when all files are gone or set aside.
func (j *Journal) Drain(ctx context.Context, keep Keep, patience time.Duration) (Replayed, error) {
	var all Replayed
	last := time.Now()
	for pause := minPause; ; pause = min(2*pause, maxPause) {
		done, err := j.Replay(ctx, keep)
		all.Tried, all.Kept, all.Fresh = all.Tried+done.Tried, all.Kept+done.Kept, all.Fresh+done.Fresh
		if done.Kept > 0 {
			last, pause = time.Now(), minPause
		}
		if j.open() == 0 || time.Since(last) > patience {
			return all, errors.Join(j.left(), err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return all, errors.Join(j.left(), err)
		case <-timer.C:
		}
	}
}

// left is an error when records are left. It says where, and what to do.
func (j *Journal) left() error {
	s := j.Stats()
	if s.Records == 0 {
		return nil
	}
	return fmt.Errorf("%d texts or calls that are not in PostgreSQL yet stand in the journal in %s: start jari serve with this folder, or run jari journal replay %s "+
		"on a machine that has it, with the same master key (%d of them need another master key)", s.Records, j.o.Dir, j.o.Dir, s.Locked)
}

// open is how many records are worth trying again.
func (j *Journal) open() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, s := range j.segments {
		n += s.left - s.refused
	}
	return n
}

// ref names one record that is to be replayed.
type ref struct {
	s *segment
	i int
}

// Replay tries once to store everything that is not stored yet. The records of one phone are stored in their order; when
// one fails, those behind it wait. A phone whose records cannot be stored does not keep the others waiting for ever: each
// pass that gets nowhere begins behind the last one. Segments of which everything is stored are removed.
func (j *Journal) Replay(ctx context.Context, keep Keep) (Replayed, error) {
	j.replaying.Lock()
	defer j.replaying.Unlock()
	p := &pass{j: j, keep: keep}
	groups := j.byPhone()
	if n := len(groups); n > 0 {
		start := j.turn % n
		groups = slices.Concat(groups[start:], groups[:start])
	}
	// One after the other until PostgreSQL is seen to be there.
	var tried int
	for tried < len(groups) && p.kept.Load() == 0 && p.failures.Load() < giveUp && ctx.Err() == nil {
		p.phone(ctx, groups[tried])
		tried++
	}
	if p.kept.Load() == 0 {
		j.turn += tried
	} else {
		j.turn = 0
		p.rest(ctx, groups[tried:])
	}
	err := errors.Join(p.err(), j.tidy())
	return Replayed{Tried: int(p.tried.Load()), Kept: int(p.kept.Load()), Fresh: int(p.fresh.Load())}, err
}

// byPhone lists what is to be replayed, each phone's records in order of arrival, the longest waiting phone first.
func (j *Journal) byPhone() [][]ref {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := map[booking.Phone]int{}
	var groups [][]ref
	for _, s := range j.segments {
		for i, e := range s.entries {
			if e.done {
				continue
			}
			g, ok := at[e.from]
			if !ok || e.from.IsZero() { // calls without a number have nothing to do with each other
				g = len(groups)
				at[e.from] = g
				groups = append(groups, nil)
			}
			groups[g] = append(groups[g], ref{s, i})
		}
	}
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b ref) int { return int(a.s.entries[a.i].arrival - b.s.entries[b.i].arrival) })
	}
	return groups
}
