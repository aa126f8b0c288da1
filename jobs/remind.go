package jobs

import (
	"context"
	"time"
)

// remindTask reminds people of their appointments.
func remindTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "remind", every: c.Remind, timeout: 5 * time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := p.Remind(ctx, p.Clock.Now())
		m.count("reminded", n)
		return err
	}}
}
