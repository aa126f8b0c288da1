package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// escalate puts the person on the agents' list, because a text cannot tell them. An answer to a phone that has no entry
// ends here: there is nobody to call. So does what a helper was to be told (the person is told by themselves), and a code for a device that
// has only introduced itself.
func escalate(ctx context.Context, tx pgx.Tx, m subject, actor, reason string, code int, at time.Time) error {
	if m.entry == nil || m.helper != 0 {
		return nil
	}
	if code != 0 {
		reason = fmt.Sprintf("%s:%d", reason, code)
	}
	tag, err := tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, message_id, reason, opened_at)
		SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM message WHERE id = $3 AND params ? 'introduced')
		ON CONFLICT (campaign_id, registration_id, message_id, reason) DO NOTHING`,
		m.campaign, [16]byte(*m.entry), m.id, reason, at)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return auditMessage(ctx, tx, m, actor, "message.escalated", map[string]any{"reason": reason}, at)
}
