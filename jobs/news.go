package jobs

import (
	"context"
	"time"
)

// newsTask tells those who wait, once a week, that they still do and why.
func newsTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "news", every: c.News, timeout: 5 * time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := p.News(ctx, p.Clock.Now())
		m.count("news", n)
		return err
	}}
}
