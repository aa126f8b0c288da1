package jobs

import (
	"context"
	"time"
)

// actorAssign stands in the audit trail.
const actorAssign = "job:assign"

// assignTask holds rounds, one pool beside another. A pool rests after one, because reading what is free costs the same however
// few people there are to look at.
func assignTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "assign", every: c.Assign, timeout: 5 * time.Minute, rest: 2, parts: p.Pools, run: func(ctx context.Context, pool int32) error {
		assigned, err := p.Round(ctx, pool, actorAssign)
		m.count("assigned", assigned)
		return err
	}}
}
