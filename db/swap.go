package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// AskSwap implements desk.Book. The rounds look for another slot as for anybody who waits, by the same order key, and give up the
// old appointment only together with the new one.
func (b *Book) AskSwap(ctx context.Context, c desk.Change, region string, w booking.Wishes) error {
	wishes, err := wishesJSON(w)
	if err != nil {
		return err
	}
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		k, err := b.campaigns.ByID(c.Campaign)
		if err != nil {
			return err
		}
		if err := lockForRounds(ctx, tx, c); err != nil {
			return err
		}
		var id int64
		err = tx.QueryRow(ctx, `SELECT a.id FROM appointment a JOIN slot s ON s.id = a.slot_id
			WHERE a.campaign_id = $1 AND a.registration_id = $2 AND a.state IN ('offered', 'confirmed') AND s.starts_at > $3
			ORDER BY s.starts_at LIMIT 1 FOR UPDATE OF a`, c.Campaign, [16]byte(c.ID), c.At).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return booking.Fail(booking.CodeConflict, nil)
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE registration SET region = $3, wishes = $4 WHERE campaign_id = $1 AND id = $2`,
			c.Campaign, [16]byte(c.ID), region, wishes); err != nil {
			return err
		}
		if err := waitFor(ctx, tx, k, []int64{id}, exchange); err != nil {
			return err
		}
		if err := audit(ctx, tx, c, "wishes", map[string]any{"region": region, "sites": w.Sites}); err != nil {
			return err
		}
		if err := audit(ctx, tx, c, "swap.asked", map[string]any{"appointment": id}); err != nil {
			return err
		}
		return b.tell(ctx, tx, c, words.SwapNoted, byOperation(c), desk.Message{Urgent: true})
	})
}

// DropSwap implements desk.Book.
func (b *Book) DropSwap(ctx context.Context, c desk.Change) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockForRounds(ctx, tx, c); err != nil {
			return err
		}
		var id int64
		err := tx.QueryRow(ctx, `DELETE FROM waiting WHERE campaign_id = $1 AND registration_id = $2 AND swap_of IS NOT NULL RETURNING swap_of`,
			c.Campaign, [16]byte(c.ID)).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return booking.Fail(booking.CodeConflict, nil)
		}
		if err != nil {
			return err
		}
		if err := audit(ctx, tx, c, "swap.dropped", map[string]any{"appointment": id}); err != nil {
			return err
		}
		return b.tell(ctx, tx, c, words.SwapDropped, byOperation(c), desk.Message{Urgent: true})
	})
}

// lockSwap makes an answer wait for the page that a round is writing, where the round may be giving up the very appointment. For
// others an answer waits for nothing.
func lockSwap(ctx context.Context, tx pgx.Tx, c desk.Change) error {
	var open bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM waiting WHERE campaign_id = $1 AND registration_id = $2 AND swap_of IS NOT NULL)`, c.Campaign, [16]byte(c.ID)).Scan(&open)
	if err != nil || !open {
		return err
	}
	return lockPool(ctx, tx, c)
}
