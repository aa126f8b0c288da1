package jobs

import (
	"context"
	"time"
)

// countTask writes the public documents of the queues.
func countTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "count", every: c.Count, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := p.Count(ctx)
		m.count("documents", n)
		return err
	}}
}
