package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Book implements desk.Book: it reads and changes entries.
type Book struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
}

// NewBook makes a book.
func NewBook(pool *pgxpool.Pool, campaigns desk.Campaigns) *Book {
	return &Book{pool: pool, campaigns: campaigns}
}

var _ desk.Book = (*Book)(nil)

// SetWishes implements desk.Book.
func (b *Book) SetWishes(ctx context.Context, c desk.Change, region string, w booking.Wishes) error {
	wishes, err := wishesJSON(w)
	if err != nil {
		return err
	}
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockForRounds(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE registration SET region = $3, wishes = $4 WHERE campaign_id = $1 AND id = $2`,
			c.Campaign, [16]byte(c.ID), region, wishes); err != nil {
			return err
		}
		if err := b.joinHousehold(ctx, tx, c, w.Household); err != nil {
			return err
		}
		if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
			return err
		}
		if err := audit(ctx, tx, c, "wishes", map[string]any{"region": region, "sites": w.Sites}); err != nil {
			return err
		}
		return b.tell(ctx, tx, c, words.Corrected, byOperation(c), desk.Message{Urgent: c.Actor == desk.ActorPhone}) // who texts waits for the answer
	})
}

// Answer implements desk.Book.
func (b *Book) Answer(ctx context.Context, c desk.Change, appointment int64, to booking.AppointmentState) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockSwap(ctx, tx, c); err != nil {
			return err
		}
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		id, changed, err := b.step(ctx, tx, c, appointment, to)
		if err != nil || !changed {
			return err
		}
		kind := words.Confirmed
		if to == booking.Declined {
			kind = words.Declined
			if err := b.declineLimit(ctx, tx, c, id); err != nil {
				return err
			}
			k, err := b.campaigns.ByID(c.Campaign)
			if err != nil {
				return err
			}
			if err := waitFor(ctx, tx, k, []int64{id}, another); err != nil {
				return err
			}
		}
		return b.tell(ctx, tx, c, kind, byOperation(c), desk.Message{Appointment: id, Urgent: true})
	})
}

// declineLimit puts somebody who may decline no more on the agents' list: the next offer is a conversation. The place
// is kept. Each dose of a series has its own count.
func (b *Book) declineLimit(ctx context.Context, tx pgx.Tx, c desk.Change, appointment int64) error {
	k, err := b.campaigns.ByID(c.Campaign)
	if err != nil {
		return err
	}
	var cohort string
	var declined int
	err = tx.QueryRow(ctx, `SELECT r.cohort, (SELECT count(*) FROM appointment a WHERE a.campaign_id = r.campaign_id AND a.registration_id = r.id AND a.state = 'declined'
			AND a.dose = (SELECT d.dose FROM appointment d WHERE d.id = $3))
		FROM registration r WHERE r.campaign_id = $1 AND r.id = $2`, c.Campaign, [16]byte(c.ID), appointment).Scan(&cohort, &declined)
	rule, known := k.Cohort(cohort)
	if err != nil || !known || declined < rule.Declines {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, reason, opened_at) VALUES ($1, $2, 'decline_limit', $3)`,
		c.Campaign, [16]byte(c.ID), c.At)
	return err
}

// step changes the state of the entry's open appointment and frees its slot when it no longer holds it. Confirming what
// is confirmed already changes nothing and is no error.
func (b *Book) step(ctx context.Context, tx pgx.Tx, c desk.Change, appointment int64, to booking.AppointmentState) (_ int64, changed bool, _ error) {
	var id int64
	var state booking.AppointmentState
	var past bool
	err := tx.QueryRow(ctx, `
SELECT a.id, a.state, s.starts_at <= $4 FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.campaign_id = $1 AND a.registration_id = $2 AND a.state IN ('offered', 'confirmed') AND ($3 = 0 OR a.id = $3)
ORDER BY s.starts_at LIMIT 1 FOR UPDATE OF a`,
		c.Campaign, [16]byte(c.ID), appointment, c.At).Scan(&id, &state, &past)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, booking.Fail(booking.CodeConflict, nil)
	}
	if err != nil {
		return 0, false, err
	}
	if state == to {
		return id, false, nil
	}
	if past {
		return 0, false, booking.Fail(booking.CodeConflict, nil)
	}
	return id, true, becomes(ctx, tx, c, id, state, to)
}

// Withdraw implements desk.Book.
func (b *Book) Withdraw(ctx context.Context, c desk.Change) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		err := lockForRounds(ctx, tx, c)
		if booking.CodeOf(err) == booking.CodeConflict {
			return nil // withdrawn already: what was asked for is so
		}
		if err != nil {
			return err
		}
		if _, _, err := b.step(ctx, tx, c, 0, booking.Cancelled); err != nil && booking.CodeOf(err) != booking.CodeConflict {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE registration SET withdrawn_at = $3 WHERE campaign_id = $1 AND id = $2`, c.Campaign, [16]byte(c.ID), c.At); err != nil {
			return err
		}
		if err := wakeHousehold(ctx, tx, c.Campaign, [][16]byte{c.ID}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM waiting WHERE campaign_id = $1 AND registration_id = $2`, c.Campaign, [16]byte(c.ID)); err != nil {
			return err
		}
		if err := audit(ctx, tx, c, "withdraw", nil); err != nil {
			return err
		}
		if err := b.tell(ctx, tx, c, words.Withdrawn, byOperation(c), desk.Message{Urgent: true}); err != nil {
			return err
		}
		_, err = endHelper(ctx, tx, c, 0, "withdrawn") // who reads this last text too
		return err
	})
}

// Early implements desk.Book.
func (b *Book) Early(ctx context.Context, c desk.Change) error {
	return b.once(ctx, c, func(context.Context, pgx.Tx) error { return booking.Fail(booking.CodeConflict, nil) })
}

// Note implements desk.Book.
func (b *Book) Note(ctx context.Context, c desk.Change, reason string) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, reason, opened_at) VALUES ($1, $2, $3, $4)`,
			c.Campaign, [16]byte(c.ID), reason, c.At); err != nil {
			return err
		}
		return audit(ctx, tx, c, "note", map[string]any{"reason": reason})
	})
}
