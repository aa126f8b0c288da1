package jobs

import (
	"context"
	"time"
)

// enrolTask derives look-ups, possible duplicates and the first message of sealed registrations, page by page until
// none is left.
func enrolTask(c Config, e Enroller, m *metrics) *periodic {
	return &periodic{name: "enrol", every: c.Enrol, timeout: 2 * time.Minute, run: func(ctx context.Context, _ int32) error {
		for ctx.Err() == nil {
			n, err := e.EnrolPage(ctx, c.EnrolPage)
			m.count("enrolled", n)
			if err != nil || n < c.EnrolPage {
				return err
			}
		}
		return ctx.Err()
	}}
}
