package jobs

import (
	"context"
	"time"

	"jari/booking/desk"
)

// reconcileTask asks the provider about messages of which nobody knows whether they went out.
func reconcileTask(c Config, o Outbox, clock desk.Clock, provider desk.Sender, m *metrics) *periodic {
	return &periodic{name: "reconcile", every: c.Reconcile, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		counts, err := o.Reconcile(ctx, clock, provider, c.ReconcileAfter, c.AbsentGap, c.FinalAfter)
		for _, fate := range []string{"found", "double", "absent"} {
			m.fate(fate, counts[fate])
		}
		return err
	}}
}
