package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
	"jari/booking/vault"
)

// LastQuestion implements desk.Switchboard.
func (s *Switchboard) LastQuestion(ctx context.Context, campaign int32, phone vault.Hash, since time.Time) (desk.Asked, bool, error) {
	var q desk.Asked
	var entry *[16]byte
	err := s.pool.QueryRow(ctx, `SELECT q.id, q.kind, q.registration_id, q.answered_at IS NOT NULL, q.asked_at, coalesce(m.params->>'about', ''), coalesce(m.helper_id, 0),
    coalesce(m.inbound_id, 0), m.kind, m.params
FROM question q JOIN message m ON m.id = q.message_id WHERE q.campaign_id = $1 AND q.phone_hash = $2 ORDER BY q.id DESC LIMIT 1`, campaign, phone[:]).
		Scan(&q.ID, &q.Kind, &entry, &q.Answered, &q.AskedAt, &q.About, &q.Helper, &q.Inbound, &q.Said, &q.Params)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && q.AskedAt.Before(since) {
		return desk.Asked{}, false, nil
	}
	if err != nil {
		return desk.Asked{}, false, fmt.Errorf("find the last question: %w", err)
	}
	if entry != nil {
		q.Entry = *entry
	}
	return q, true, nil
}
