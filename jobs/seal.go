package jobs

import (
	"context"
	"time"
)

// sealTask numbers arrivals that have settled. With many new rows it comes less often, and never takes more than a part of a
// core.
func sealTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "seal", every: c.Seal, timeout: 2 * time.Minute, rest: 3, run: func(ctx context.Context, _ int32) error {
		n, err := p.Seal(ctx)
		m.count("sealed", n)
		return err
	}}
}
