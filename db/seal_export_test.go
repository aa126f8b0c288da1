package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// KeepAtMost lets a sealer keep few arrivals, so that a test reaches the bound.
func (s *Sealer) KeepAtMost(n int) { s.most = n }

// Hurry lets the sweep take its next step at once.
func (s *Sealer) Hurry() {
	if s.view != nil {
		s.view.sweep.rest = time.Time{}
	}
}

// PassOver makes the sealer believe that it has read every serial so far, as if a commit had shown up too late.
func (s *Sealer) PassOver(serial int64) {
	s.view.frontier, s.view.samples = serial, nil // a moment from before would take the frontier back
	s.view.seen.drop(serial)
	for _, q := range s.view.queues {
		q.scanFrom = serial
	}
}

// Earlier gives an entry an earlier arrival, as the intake does when two tries of a person meet.
func Earlier(ctx context.Context, tx pgx.Tx, a desk.Application) error {
	_, err := resolve(ctx, tx, []*caller{{app: a}})
	return err
}

// EstimateBefore is what a backlog of these arrivals says about one more.
func EstimateBefore(base int64, waiting []time.Time, at time.Time) int64 {
	all := make([]unsealed, len(waiting))
	for i, w := range waiting {
		all[i] = unsealed{arrival: w.UnixMicro(), id: booking.ID{byte(i)}}
	}
	return backlogOf(base, 0, all).before(at)
}

// OneRun numbers a burst of pages of each queue and stops there.
func (s *Sealer) OneRun(ctx context.Context) (int, error) {
	n, _, err := s.run(ctx)
	return n, err
}

// Age makes what the sealer looked at so far lie so much further back.
func (s *Sealer) Age(by time.Duration) {
	for i := range s.view.samples {
		s.view.samples[i].at = s.view.samples[i].at.Add(-by)
	}
}
