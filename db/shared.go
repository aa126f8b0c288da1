package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Texts to a number that several campaigns share. A text stands under one campaign's keys, so another one gets a copy: rows are
// never sealed anew, and what was answered to a text stays with it.

// Hold implements desk.Switchboard.
func (s *Switchboard) Hold(ctx context.Context, in desk.Inbound) error {
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE inbound SET held = true WHERE id = $1 AND shared AND handled_at IS NULL`, in.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold a text: %w", err)
	}
	return nil
}

// heldPage is how many held texts are listed at once.
const heldPage = 100

// Held implements desk.Switchboard.
func (s *Switchboard) Held(ctx context.Context, campaign int32, phone vault.Hash, since time.Time, behind desk.HeldText) ([]desk.HeldText, error) {
	page, err := collect(ctx, s.pool, pgx.RowToStructByPos[desk.HeldText], `SELECT id, arrival FROM inbound WHERE campaign_id = $1 AND phone_hash = $2
		AND held AND handled_at IS NOT NULL AND arrival >= $3 AND (arrival, id) > ($4, $5) ORDER BY arrival, id LIMIT $6`,
		campaign, phone[:], since, behind.Arrival, behind.ID, heldPage)
	if err != nil {
		return nil, fmt.Errorf("list held texts: %w", err)
	}
	return page, nil
}

// CloseWhich implements desk.Switchboard.
func (s *Switchboard) CloseWhich(ctx context.Context, campaign int32, phone vault.Hash, by desk.Inbound, answer string) error {
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE question SET answered_at = $4, answer = $3, answered_by = $5
			WHERE campaign_id = $1 AND phone_hash = $2 AND kind = $6 AND answered_at IS NULL`, campaign, phone[:], answer, by.Arrival, by.ID, desk.QuestionWhich)
		return err
	})
	if err != nil {
		return fmt.Errorf("close the question which campaign is meant: %w", err)
	}
	return nil
}

// PassOn implements desk.Switchboard.
func (s *Switchboard) PassOn(ctx context.Context, in desk.Inbound, copies []desk.Inbound, at time.Time) ([]int64, error) {
	var ids []int64
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		ids = ids[:0]
		var same bool
		err := tx.QueryRow(ctx, `UPDATE inbound SET handled_at = coalesce(handled_at, $2), held = false WHERE id = $1 RETURNING arrival = $3`, in.ID, at, in.Arrival).Scan(&same)
		if err == nil && !same {
			err = booking.Fail(booking.CodeConflict, nil)
		}
		for i := 0; i < len(copies) && err == nil; i++ {
			var id int64
			id, err = s.keepCopy(ctx, tx, copies[i])
			ids = append(ids, id)
		}
		return err
	})
	if err != nil && booking.CodeOf(err) == "" {
		err = fmt.Errorf("pass a text on: %w", err)
	}
	return ids, err
}

// keepCopy keeps a text under the keys of its campaign, or finds it.
func (s *Switchboard) keepCopy(ctx context.Context, tx pgx.Tx, in desk.Inbound) (id int64, err error) {
	k, err := s.seal(in)
	if err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, insertTextsSQL+` DO NOTHING RETURNING id`, textColumns([]kept{k})...).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = tx.QueryRow(ctx, `SELECT id FROM inbound WHERE provider = $1 AND provider_sid = $2`, in.Provider, in.ProviderSID).Scan(&id)
	}
	return id, err
}
