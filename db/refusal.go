package db

import (
	"context"
	"encoding/hex"
	"slices"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// reasonRefused is the item on the agents' list.
const reasonRefused = "refused"

// Refuse implements desk.Book.
func (b *Book) Refuse(ctx context.Context, c desk.Change, phone vault.Hash) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockForRounds(ctx, tx, c); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO refusal (campaign_id, registration_id, phone_hash, refused_at, actor) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			c.Campaign, [16]byte(c.ID), phone[:], c.At, c.Actor)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, reason, opened_at) VALUES ($1, $2, $3, $4)`,
			c.Campaign, [16]byte(c.ID), reasonRefused, c.At); err != nil {
			return err
		}
		if err := wake(ctx, tx, c.Campaign, c.ID); err != nil { // what a round says of the entry is another thing now
			return err
		}
		return audit(ctx, tx, c, "refuse", nil)
	})
}

// refused reports whether the phone on file knows nothing of the application.
func refused(ctx context.Context, q querier, campaign int32, id booking.ID) (bool, error) {
	var open bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM refusal WHERE campaign_id = $1 AND registration_id = $2 AND undone_at IS NULL)`,
		campaign, [16]byte(id)).Scan(&open)
	return open, err
}

// takeBackRefusal undoes a refusal: of any phone, or, after a correction, only that of another than is on file now. The caller holds the entry, and
// the pool unless the refusal has only just come: then a page that is being written may not have seen this, and is waited for.
func takeBackRefusal(ctx context.Context, tx pgx.Tx, c desk.Change, held bool, except *vault.Hash) (bool, error) {
	var keep []byte
	if except != nil {
		keep = except[:]
	}
	tag, err := tx.Exec(ctx, `UPDATE refusal SET undone_at = $3, undone_stored_at = clock_timestamp(), undone_by = $4
		WHERE campaign_id = $1 AND registration_id = $2 AND undone_at IS NULL AND phone_hash IS DISTINCT FROM $5::bytea`, c.Campaign, [16]byte(c.ID), c.At, c.Actor, keep)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	if !held {
		if err := lockPool(ctx, tx, c); err != nil {
			return false, err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE escalation SET closed_at = $3, closed_by = $4 WHERE campaign_id = $1 AND registration_id = $2 AND reason = $5 AND closed_at IS NULL`,
		c.Campaign, [16]byte(c.ID), c.At, c.Actor, reasonRefused); err != nil {
		return false, err
	}
	if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
		return false, err
	}
	return true, audit(ctx, tx, c, "refuse.undo", nil)
}

// reconsider undoes a refusal because the phone was proven after all. Whoever proved it by a code is told by text how the entry stands,
// because what there was to say meanwhile was kept from that phone; whoever texts is answered.
func (b *Book) reconsider(ctx context.Context, tx pgx.Tx, c desk.Change, held bool, method string) error {
	if method != "code" && method != "reply" {
		return nil
	}
	undone, err := takeBackRefusal(ctx, tx, c, held, nil)
	if err != nil || !undone || method != "code" {
		return err
	}
	return b.tell(ctx, tx, c, words.Status, "refuse.undo/"+hex.EncodeToString(c.ID[:])+"/"+c.Operation.String(), desk.Message{Urgent: true})
}

// readRefusal keeps from a phone what is about an application of which it knows nothing. What it asks for itself it is told, and a code is
// the way back for whoever did apply.
func (l *letter) readRefusal(ctx context.Context, f *facts, c *desk.Campaign, m outgoing) error {
	if m.helper != 0 || m.inbound != 0 || m.kind == words.Code {
		return nil
	}
	refusals, err := f.refusals(ctx, m.campaign, *m.entry)
	l.stale = l.stale || slices.Contains(refusals, c.Keys.Phone(l.to))
	return err
}
