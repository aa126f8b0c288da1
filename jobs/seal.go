package jobs

import (
	"context"
	"sync"
	"time"
)

const (
	// sealRest is how long sealing rests after a run, as a multiple of what the run took: with many new rows it comes
	// less often, and never takes more than a part of a core.
	sealRest = 3
	// longestSealRest bounds the rest: after a long run there is much to do.
	longestSealRest = 10 * time.Second
)

// sealTask numbers arrivals that have settled.
func sealTask(c Config, s Sealer, m *metrics) *periodic {
	r := &rest{}
	return &periodic{name: "seal", every: c.Seal, timeout: 2 * time.Minute, run: func(ctx context.Context, _ int32) error {
		began := time.Now()
		if r.until(began) {
			return nil
		}
		n, err := s.SealAll(ctx)
		m.count("sealed", n)
		r.after(min(sealRest*time.Since(began), longestSealRest))
		return err
	}}
}

// rest is a pause between two runs of a task in this process.
type rest struct {
	mu   sync.Mutex
	over time.Time
}

func (r *rest) until(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Before(r.over)
}

func (r *rest) after(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = time.Now().Add(d)
}
