package jobs

import (
	"context"
	"time"
)

// enrolTask derives look-ups, possible duplicates and the first message of sealed registrations, page by page until
// none is left.
func enrolTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "enrol", every: c.Enrol, timeout: 2 * time.Minute, run: func(ctx context.Context, _ int32) error {
		for {
			n, err := p.Enrol(ctx, c.EnrolPage)
			m.count("enrolled", n)
			if n < c.EnrolPage || ctx.Err() != nil {
				return err
			}
		}
	}}
}
