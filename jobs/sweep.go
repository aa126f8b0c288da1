package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// sweepTask finds in PostgreSQL what lost tasks and dead workers left behind: messages, and kept texts that nobody has
// handled. A text that fails does not keep the others waiting.
func sweepTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "sweep", every: c.Sweep, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		now := p.Clock.Now()
		requeued, unknown, err := p.Outbox.Sweep(ctx, now, c.QueuedAfter, c.SendingAfter)
		m.fate("swept_queued", requeued)
		m.fate("swept_sending", unknown)
		errs := []error{err, sweepTexts(ctx, p, now.Add(-c.InboundAfter), m)}
		stuck, err := p.Outbox.Stuck(ctx, now, c.StuckAfter)
		for state, n := range stuck {
			m.stuck.WithLabelValues(state).Set(float64(n))
		}
		return errors.Join(append(errs, err)...)
	}}
}

func sweepTexts(ctx context.Context, p Ports, before time.Time, m *metrics) error {
	open, err := p.OpenTexts(ctx, before)
	errs := []error{err}
	for _, id := range open {
		if ctx.Err() != nil {
			break
		}
		if err := p.HandleText(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("handle text %d: %w", id, err))
			continue
		}
		m.count("texts", 1)
	}
	return errors.Join(errs...)
}
