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

const askedSQL = `SELECT q.id, q.kind, q.registration_id, q.answered_at IS NOT NULL, q.asked_at, coalesce(m.params->>'about', ''), coalesce(m.helper_id, 0),
    coalesce(m.inbound_id, 0), m.kind, m.params
FROM question q JOIN message m ON m.id = q.message_id WHERE q.campaign_id = $1 AND q.phone_hash = $2 `

// LastQuestion implements desk.Switchboard.
func (s *Switchboard) LastQuestion(ctx context.Context, campaign int32, phone vault.Hash, since time.Time) (desk.Asked, bool, error) {
	q, ok, err := s.asked(ctx, askedSQL+`ORDER BY q.id DESC LIMIT 1`, campaign, phone[:])
	if err != nil {
		return q, false, fmt.Errorf("find the last question: %w", err)
	}
	if q.AskedAt.Before(since) {
		return desk.Asked{}, false, nil
	}
	return q, ok, nil
}

// AskedAs implements desk.Switchboard.
func (s *Switchboard) AskedAs(ctx context.Context, campaign int32, phone vault.Hash, question int64) (desk.Asked, bool, error) {
	q, ok, err := s.asked(ctx, askedSQL+`AND q.id = $3`, campaign, phone[:], question)
	if err != nil {
		return q, false, fmt.Errorf("find a question: %w", err)
	}
	return q, ok, nil
}

func (s *Switchboard) asked(ctx context.Context, sql string, args ...any) (q desk.Asked, ok bool, err error) {
	var entry *[16]byte
	err = s.pool.QueryRow(ctx, sql, args...).Scan(&q.ID, &q.Kind, &entry, &q.Answered, &q.AskedAt, &q.About, &q.Helper, &q.Inbound, &q.Said, &q.Params)
	if errors.Is(err, pgx.ErrNoRows) {
		return desk.Asked{}, false, nil
	}
	if entry != nil {
		q.Entry = *entry
	}
	return q, err == nil, err
}
