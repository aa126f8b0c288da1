package jobs

import (
	"context"
	"time"
)

// sealTask numbers arrivals that have settled.
func sealTask(c Config, s Sealer, m *metrics) *periodic {
	return &periodic{name: "seal", every: c.Seal, timeout: 2 * time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := s.SealAll(ctx)
		m.count("sealed", n)
		return err
	}}
}
