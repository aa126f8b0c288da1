package jobs

import (
	"context"
	"sync"
	"time"
)

// actorAssign stands in the audit trail.
const actorAssign = "job:assign"

const (
	// assignRest is how long a pool's rounds rest after one, as a multiple of what it took: reading what is free costs the same however few
	// people there are to look at.
	assignRest = 2
	// longestAssignRest bounds the rest: after a long round there is much to do.
	longestAssignRest = 10 * time.Second
)

// assignTask holds rounds, one pool beside another.
func assignTask(c Config, a Assigner, m *metrics) *periodic {
	var rests sync.Map // by pool
	return &periodic{name: "assign", every: c.Assign, timeout: 5 * time.Minute, parts: a.Pools, run: func(ctx context.Context, pool int32) error {
		began := time.Now()
		kept, _ := rests.LoadOrStore(pool, &rest{})
		r := kept.(*rest) //nolint:forcetypeassert // stored two lines above
		if r.until(began) {
			return nil
		}
		_, assigned, _, err := a.RunRound(ctx, pool, actorAssign)
		m.count("assigned", assigned)
		r.after(min(assignRest*time.Since(began), longestAssignRest))
		return err
	}}
}
