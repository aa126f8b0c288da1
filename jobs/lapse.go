package jobs

import (
	"context"
	"time"
)

// actorLapse is who ends offers that nobody answered, in the audit trail.
const actorLapse = "job:lapse"

// lapseTask ends offers whose clock has run out. Campaigns whose offers stay valid without an answer cost it nothing.
func lapseTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "lapse", every: c.Lapse, timeout: 5 * time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := p.Lapse(ctx, actorLapse, p.Clock.Now())
		m.count("lapsed", n)
		return err
	}}
}
