package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// moveReminders lets the texts that people asked for at an opening come when it is now. One that is on its way already stays what it is, and one
// whose cohort is gone goes when it was due: its text says nothing that is wrong then.
func moveReminders(ctx context.Context, tx pgx.Tx, campaign int32, c *booking.Campaign) error {
	limits := c.Limits.WithDefaults()
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		_, err := tx.Exec(ctx, `UPDATE message SET due_at = $3, priority_at = $3, useful_until = $4, urgent = $5
			WHERE campaign_id = $1 AND kind = 'opened' AND state = 'pending' AND params->>'`+desk.ParamAbout+`' = $2 AND due_at <> $3`,
			campaign, k.Code, k.Opens, k.Closes, limits.Quiet(k.Opens.In(c.Zone)))
		if err != nil {
			return err
		}
	}
	return nil
}
