package db

import (
	"context"
	"math"
)

// advance moves the frontier up to the last moment whose transactions have all ended before this reading began: whatever
// they stored has been seen. A serial can be taken an instant before its transaction has an id, so the transactions that
// are asked for are those of a moment a little later.
func (v *sealView) advance(now horizon, xmin int64) {
	v.samples = append(v.samples, now)
	past := 0
	for i, h := range v.samples {
		ended := now.at.Sub(h.at) > inFlight
		for _, later := range v.samples[i+1:] {
			if later.at.Sub(h.at) >= firstWrite {
				ended = ended || later.xid < xmin
				break
			}
		}
		if !ended {
			break
		}
		v.frontier, past = h.head, i+1
	}
	v.samples = v.samples[past:]
	v.seen.drop(v.frontier)
	for serial := range v.moved {
		if serial <= v.numbered() {
			delete(v.moved, serial)
		}
	}
}

// settled writes down how far a queue has been dealt with, so that another sealer need not read it again.
func (s *Sealer) settled(ctx context.Context, q *sealQueue, sealed int) error {
	if s.view == nil || q.beyond != nil || q.draw.pending() {
		return nil
	}
	from := s.view.frontier
	for i := range q.waiting {
		from = min(from, q.waiting[i].serial-1)
	}
	if from <= q.scanFrom || sealed == 0 && from-q.scanFrom < scanFromStep {
		return nil
	}
	if _, err := s.pool.Exec(ctx, `UPDATE queue SET scan_from = $2 WHERE id = $1 AND scan_from < $2`, q.id, from); err != nil {
		return err
	}
	q.scanFrom = from
	return nil
}

// serialSet is a set of serials above a moving base.
type serialSet struct {
	base  int64 // a multiple of 64
	words []uint64
}

// add reports whether the serial is new and above the base.
func (s *serialSet) add(serial int64) bool {
	if serial < s.base {
		return false
	}
	i, bit := (serial-s.base)/64, uint64(1)<<((serial-s.base)%64)
	for int64(len(s.words)) <= i {
		s.words = append(s.words, 0)
	}
	was := s.words[i]&bit != 0
	s.words[i] |= bit
	return !was
}

// drop forgets what lies wholly at or below the serial.
func (s *serialSet) drop(serial int64) {
	base := (serial + 1) &^ 63
	gone := min((base-s.base)/64, int64(len(s.words)), math.MaxInt32)
	if base > s.base {
		s.words = append([]uint64(nil), s.words[gone:]...)
		s.base = base
	}
}
