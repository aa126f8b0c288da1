package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jari/booking/desk"
)

// sweepTask finds in PostgreSQL what lost tasks and dead workers left behind: messages, and kept texts that nobody has
// handled. A text that fails does not keep the others waiting.
func sweepTask(c Config, o Outbox, in Inbound, clock desk.Clock, m *metrics) *periodic {
	return &periodic{name: "sweep", every: c.Sweep, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		now := clock.Now()
		requeued, unknown, err := o.Sweep(ctx, now, c.QueuedAfter, c.SendingAfter)
		m.fate("swept_queued", requeued)
		m.fate("swept_sending", unknown)
		errs := []error{err, sweepInbound(ctx, in, now.Add(-c.InboundAfter), m)}
		stuck, err := o.Stuck(ctx, now, c.StuckAfter)
		for state, n := range stuck {
			m.stuck.WithLabelValues(state).Set(float64(n))
		}
		return errors.Join(append(errs, err)...)
	}}
}

func sweepInbound(ctx context.Context, in Inbound, before time.Time, m *metrics) error {
	open, err := in.OpenInbound(ctx, before)
	errs := []error{err}
	for _, id := range open {
		if ctx.Err() != nil {
			break
		}
		if err := in.HandleInbound(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("handle text %d: %w", id, err))
			continue
		}
		m.count("texts", 1)
	}
	return errors.Join(errs...)
}
