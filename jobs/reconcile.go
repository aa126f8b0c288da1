package jobs

import (
	"context"
	"time"
)

// reconcileTask asks the providers about messages of which nobody knows whether they went out.
func reconcileTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "reconcile", every: c.Reconcile, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		counts, err := p.Outbox.Reconcile(ctx, p.Clock, p.Routes, c.ReconcileAfter, c.AbsentGap, c.FinalAfter)
		for _, fate := range []string{"found", "double", "absent"} {
			m.fate(fate, counts[fate])
		}
		return err
	}}
}
