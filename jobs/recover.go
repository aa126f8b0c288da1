package jobs

import (
	"context"
	"errors"
	"time"

	"jari/booking/desk"
)

// Outages finds the times in which no node took texts; see db.Outages for what each step promises.
type Outages interface {
	// Find notes the outages that have ended.
	Find(ctx context.Context, now time.Time, after time.Duration) error
	// Due takes an outage whose texts are to be read from the provider's log, and leaves it alone until it is due again.
	Due(ctx context.Context, now time.Time, again time.Duration) (out desk.Outage, ok bool, err error)
	// Read notes that this was done.
	Read(ctx context.Context, out desk.Outage, kept int, now time.Time, again time.Duration) error
}

// recoverTask reads what people texted while no node took texts from the provider's log. Each outage is read twice, because providers list with a
// delay; a reading that failed is repeated.
func recoverTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "recover", every: c.Recover, timeout: 5 * time.Minute, run: func(ctx context.Context, _ int32) error {
		errs := []error{p.Outages.Find(ctx, p.Clock.Now(), c.RecoverAfter)}
		for ctx.Err() == nil {
			o, ok, err := p.Outages.Due(ctx, p.Clock.Now(), c.RecoverAgain)
			if errs = append(errs, err); !ok {
				break
			}
			kept, err := p.RecoverTexts(ctx, o)
			m.count("recovered", kept)
			if err == nil {
				err = p.Outages.Read(ctx, o, kept, p.Clock.Now(), c.RecoverAgain)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}}
}
