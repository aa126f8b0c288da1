package jobs

import (
	"context"
	"errors"
	"time"
)

// sweepTask finds in PostgreSQL what lost tasks and dead workers left behind among the messages, closes calls that nobody has to make any more, and forgets
// conversations that nobody completed. (For kept
// texts that nobody has handled see texts.go.)
func sweepTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "sweep", every: c.Sweep, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		now := p.Clock.Now()
		requeued, unknown, err := p.Outbox.Sweep(ctx, now, c.QueuedAfter, c.SendingAfter)
		m.fate("swept_queued", requeued)
		m.fate("swept_sending", unknown)
		told, closing := p.Outbox.CloseTold(ctx, now)
		m.count("calls_closed", told)
		errs := []error{err, closing, p.ForgetTexts(ctx, now)}
		stuck, err := p.Outbox.Stuck(ctx, now, c.StuckAfter)
		for state, n := range stuck {
			m.stuck.WithLabelValues(state).Set(float64(n))
		}
		return errors.Join(append(errs, err)...)
	}}
}
