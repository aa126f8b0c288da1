package jobs

import (
	"context"
	"time"
)

// actorAssign is who gives slots, in the audit trail.
const actorAssign = "job:assign"

// assignTask runs one round per pool. A second assigner writes nothing: every page locks the pool's row and checks the
// round.
func assignTask(c Config, a Assigner, m *metrics) *periodic {
	return &periodic{name: "assign", every: c.Assign, timeout: 5 * time.Minute, parts: a.Pools, run: func(ctx context.Context, pool int32) error {
		_, assigned, _, err := a.RunRound(ctx, pool, actorAssign)
		m.count("assigned", assigned)
		return err
	}}
}
