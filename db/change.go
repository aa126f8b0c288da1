package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// once runs a change in one transaction and records its outcome under its operation id. A repetition gets the recorded
// outcome without running anything. A refusal with a code is an outcome too; an internal error is not, and leaves nothing. Nor is
// a limit, after which the very same operation is to be tried again.
func (b *Book) once(ctx context.Context, c desk.Change, run func(ctx context.Context, tx pgx.Tx) error) error {
	var refused error
	err := write(ctx, b.pool, func(ctx context.Context, tx pgx.Tx) error {
		refused = nil
		known, outcome, err := recall(ctx, tx, c)
		if known || err != nil {
			refused = outcome
			return err
		}
		inner, err := tx.Begin(ctx) // a savepoint: what a refusal did is undone, its record is kept
		if err != nil {
			return err
		}
		err = run(ctx, inner)
		if code := booking.CodeOf(err); code != "" && code != booking.CodeReused && code != booking.CodeTooMany {
			refused = err
			if err := inner.Rollback(ctx); err != nil {
				return err
			}
			if code == booking.CodeWrongCode { // the wrong try itself must count
				if err := countWrongTry(ctx, tx, c); err != nil {
					return err
				}
			}
			return record(ctx, tx, c, string(code))
		}
		if err != nil {
			return err
		}
		if err := inner.Commit(ctx); err != nil {
			return err
		}
		return record(ctx, tx, c, "")
	})
	if err != nil {
		if booking.CodeOf(err) != "" {
			return err
		}
		return fmt.Errorf("%s an entry: %w", c.Kind, err)
	}
	return refused
}

// recall finds an operation that was carried out before. The lock lets two copies of one request wait for each other.
func recall(ctx context.Context, tx pgx.Tx, c desk.Change) (known bool, outcome, err error) {
	if err := lockName(ctx, tx, "operation/"+hex.EncodeToString(c.ID[:])+c.Operation.String()); err != nil {
		return false, nil, err
	}
	var kind, code string
	var digest []byte
	err = tx.QueryRow(ctx, `SELECT kind, digest, outcome FROM operation
		WHERE campaign_id = $1 AND registration_id = $2 AND device = $3 AND operation_id = $4`,
		c.Campaign, [16]byte(c.ID), c.Device[:], c.Operation).Scan(&kind, &digest, &code)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil, nil
	case err != nil:
		return false, nil, err
	case kind == desk.KindEarly: // it was refused then, under whatever kind it comes now
		return true, booking.Fail(booking.Code(code), nil), nil
	case kind != c.Kind || string(digest) != string(c.Digest):
		return true, booking.Fail(booking.CodeReused, nil), nil
	case code != "":
		return true, booking.Fail(booking.Code(code), nil), nil
	}
	return true, nil, nil
}

func record(ctx context.Context, tx pgx.Tx, c desk.Change, outcome string) error {
	_, err := tx.Exec(ctx, `INSERT INTO operation (campaign_id, registration_id, device, operation_id, kind, digest, outcome, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, c.Campaign, [16]byte(c.ID), c.Device[:], c.Operation, c.Kind, c.Digest, outcome, c.At)
	return err
}

// audit adds to the trail. detail must hold no personal data.
func audit(ctx context.Context, tx pgx.Tx, c desk.Change, act string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.Campaign, [16]byte(c.ID), c.At, c.Actor, act, detail)
	return err
}

// tell queues one message to the phone on file.
func (b *Book) tell(ctx context.Context, tx pgx.Tx, c desk.Change, kind words.Kind, dedup string, m desk.Message) error {
	m.Campaign, m.Entry, m.Kind, m.Due = c.Campaign, &c.ID, string(kind), c.At
	m.Dedup, m.HelperAsked = dedup, c.Actor == desk.ActorHelper
	return insertMessages(ctx, tx, b.campaigns, []desk.Message{m}, c.At)
}

// byOperation is a purpose that is unique to one change.
func byOperation(c desk.Change) string {
	return c.Kind + "/" + hex.EncodeToString(c.ID[:]) + "/" + c.Operation.String()
}

// lockEntry locks the registration's row, so that changes of one entry happen one after the other. It returns
// CodeConflict for an entry that was withdrawn, and for one that does not stand as the change's base says.
func lockEntry(ctx context.Context, tx pgx.Tx, c desk.Change) error {
	var gone bool
	err := tx.QueryRow(ctx, `SELECT withdrawn_at IS NOT NULL OR alias_of IS NOT NULL FROM registration
		WHERE campaign_id = $1 AND id = $2 FOR UPDATE`, c.Campaign, [16]byte(c.ID)).Scan(&gone)
	if errors.Is(err, pgx.ErrNoRows) {
		return booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err == nil && gone {
		err = booking.Fail(booking.CodeConflict, nil)
	}
	if err != nil || c.Base == "" {
		return err
	}
	e, err := readEntry(ctx, tx, c.Campaign, c.ID)
	if err != nil {
		return err
	}
	now, err := desk.Revision(e)
	if err == nil && now != c.Base {
		err = booking.Fail(booking.CodeConflict, nil)
	}
	return err
}
