package db

import (
	"context"
	"time"
)

const (
	// sweepWindow is how many serials one step of the sweep looks at.
	sweepWindow = 50_000
	// sweepRest is how long the sweep rests after a step, as a multiple of what the step took: it costs at most two
	// hundredths of a core.
	sweepRest = 50
)

// sweep walks the whole table in small steps, again and again, for registrations that every other reading has missed: a
// commit that became visible after minutes because a standby stalled, a restored row, a mistake of ours.
type sweep struct {
	at   int64
	rest time.Time // of this machine; only a pause depends on it
}

// sweepSome takes one step, unless the sweep rests. What lies above scan_from is read anyway.
func (s *Sealer) sweepSome(ctx context.Context) error {
	v := s.view
	end := v.numbered()
	began := time.Now()
	if end == 0 || began.Before(v.sweep.rest) {
		return nil
	}
	if v.sweep.at >= end {
		v.sweep.at = 0
	}
	to := min(v.sweep.at+sweepWindow, end)
	err := s.read(ctx, unplacedSQL, v.sweep.at, to, func(queue int32, a unsealed) {
		if q := v.byID[queue]; q != nil {
			q.keep(a, s.most)
		}
	})
	if err != nil {
		return err
	}
	v.sweep.at = to
	v.sweep.rest = began.Add(max(sweepRest*time.Since(began), time.Second))
	return nil
}
