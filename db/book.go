package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// once runs a change in one transaction and records its outcome under its operation id. A repetition gets the recorded
// outcome without running anything. A refusal with a code is an outcome too; an internal error is not, and leaves nothing.
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
		if code := booking.CodeOf(err); code != "" && code != booking.CodeReused {
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
	lock := hex.EncodeToString(c.ID[:]) + c.Operation.String()
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext($1))`, lock); err != nil {
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
	m.Dedup = dedup
	return insertMessages(ctx, tx, b.campaigns, []desk.Message{m}, c.At)
}

// byOperation is a purpose that is unique to one change.
func byOperation(c desk.Change) string {
	return c.Kind + "/" + hex.EncodeToString(c.ID[:]) + "/" + c.Operation.String()
}

// lockEntry locks the registration's row, so that changes of one entry happen one after the other. It returns
// CodeConflict for an entry that was withdrawn.
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
	return err
}

// SetWishes implements desk.Book.
func (b *Book) SetWishes(ctx context.Context, c desk.Change, region string, w booking.Wishes) error {
	wishes, err := wishesJSON(w)
	if err != nil {
		return err
	}
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockPool(ctx, tx, c); err != nil {
			return err
		}
		if err := lockEntry(ctx, tx, c); err != nil {
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
		return b.tell(ctx, tx, c, words.Corrected, byOperation(c), desk.Message{})
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
		id, changed, err := b.move(ctx, tx, c, appointment, to)
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
			if err := backToWaiting(ctx, tx, k, []int64{id}); err != nil {
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

// move changes the state of the entry's open appointment and frees its slot when it no longer holds it. Confirming what
// is confirmed already changes nothing and is no error.
func (b *Book) move(ctx context.Context, tx pgx.Tx, c desk.Change, appointment int64, to booking.AppointmentState) (_ int64, changed bool, _ error) {
	var id, slot int64
	var state booking.AppointmentState
	var past bool
	err := tx.QueryRow(ctx, `
SELECT a.id, a.slot_id, a.state, s.starts_at <= $4 FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.campaign_id = $1 AND a.registration_id = $2 AND a.state IN ('offered', 'confirmed') AND ($3 = 0 OR a.id = $3)
ORDER BY s.starts_at LIMIT 1 FOR UPDATE OF a`,
		c.Campaign, [16]byte(c.ID), appointment, c.At).Scan(&id, &slot, &state, &past)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, booking.Fail(booking.CodeConflict, nil)
	}
	if err != nil {
		return 0, false, err
	}
	if state == to {
		return id, false, nil
	}
	if past || !state.CanBecome(to) {
		return 0, false, booking.Fail(booking.CodeConflict, nil)
	}
	if to.Holds() {
		_, err = tx.Exec(ctx, `UPDATE appointment SET state = $2, changed_at = $3, changed_by = $4 WHERE id = $1`, id, to, c.At, c.Actor)
	} else {
		err = endAppointments(ctx, tx, []int64{id}, to, "", c.Actor, c.At)
	}
	if sqlState(err) == pgerrcode.CheckViolation {
		return 0, false, booking.Fail(booking.CodeConflict, err)
	}
	if err != nil {
		return 0, false, err
	}
	return id, true, audit(ctx, tx, c, "appointment."+string(to), map[string]any{"appointment": id, "slot": slot})
}

// Withdraw implements desk.Book.
func (b *Book) Withdraw(ctx context.Context, c desk.Change) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockPool(ctx, tx, c); err != nil {
			return err
		}
		err := lockEntry(ctx, tx, c)
		if booking.CodeOf(err) == booking.CodeConflict {
			return nil // withdrawn already: what was asked for is so
		}
		if err != nil {
			return err
		}
		if _, _, err := b.move(ctx, tx, c, 0, booking.Cancelled); err != nil && booking.CodeOf(err) != booking.CodeConflict {
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
		return b.tell(ctx, tx, c, words.Withdrawn, byOperation(c), desk.Message{Urgent: true})
	})
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

// RequestCode implements desk.Book.
func (b *Book) RequestCode(ctx context.Context, c desk.Change, r desk.CodeRequest) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		// The limits are counted under a lock per phone and per address, in this order always.
		for _, h := range []vault.Hash{r.Phone, r.Address} {
			if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext($1))`, "code/"+hex.EncodeToString(h[:])); err != nil {
				return err
			}
		}
		var device, address, hour, day int
		err := tx.QueryRow(ctx, `
SELECT (SELECT count(*) FROM code_request WHERE campaign_id = $1 AND registration_id = $2 AND device = $3 AND requested_at > $6::timestamptz - interval '1 hour'),
       (SELECT count(*) FROM code_request WHERE campaign_id = $1 AND address_hash = $5 AND requested_at > $6::timestamptz - interval '1 hour'),
       (SELECT count(*) FROM code_request WHERE campaign_id = $1 AND phone_hash = $4 AND NOT silent AND requested_at > $6::timestamptz - interval '1 hour'),
       (SELECT count(*) FROM code_request WHERE campaign_id = $1 AND phone_hash = $4 AND NOT silent AND requested_at > $6::timestamptz - interval '1 day')`,
			c.Campaign, [16]byte(c.ID), c.Device[:], r.Phone[:], r.Address[:], c.At).Scan(&device, &address, &hour, &day)
		if err != nil {
			return err
		}
		if device >= r.Limits.CodesPerPhoneHour || address >= r.Limits.CodesPerAddrHour {
			return &booking.Error{Code: booking.CodeTooMany, At: c.At.Add(time.Hour).UTC().Format(time.RFC3339)}
		}
		silent := hour >= r.Limits.CodesPerPhoneHour || day >= r.Limits.CodesPerPhoneDay
		var id int64
		err = tx.QueryRow(ctx, `INSERT INTO code_request (campaign_id, registration_id, device, phone_hash, address_hash, requested_at, silent)
			VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`, c.Campaign, [16]byte(c.ID), c.Device[:], r.Phone[:], r.Address[:], c.At, silent).Scan(&id)
		if err != nil {
			return err
		}
		if silent { // counted for this device like any other, so that its own limit comes as soon as everybody's
			return audit(ctx, tx, c, "code.limit", nil)
		}
		return b.tell(ctx, tx, c, words.Code, fmt.Sprintf("code/%d", id), desk.Message{
			Urgent: true, UsefulUntil: c.At.Add(codeLife), Params: map[string]string{"request": fmt.Sprint(id)},
		})
	})
}

// codeLife is how long after its sending a code can be used; wrongTries is how many wrong tries close it. A code that was not sent
// yet opens nothing: nobody can know it, and wrong tries at it are not counted.
const (
	codeLife   = time.Hour
	wrongTries = 5
)

// OpenCodes implements desk.Book.
func (b *Book) OpenCodes(ctx context.Context, campaign int32, id booking.ID, device vault.Device, phone vault.Hash, now time.Time) ([]int64, error) {
	rows, err := b.pool.Query(ctx, `SELECT id FROM code_request WHERE campaign_id = $1 AND registration_id = $2 AND device = $3
		AND phone_hash = $6 AND NOT silent AND sent_at > $4 AND used_at IS NULL AND tries < $5
		ORDER BY requested_at DESC, id DESC LIMIT 5`, campaign, [16]byte(id), device[:], now.Add(-codeLife), wrongTries, phone[:])
	if err != nil {
		return nil, fmt.Errorf("read open codes: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func countWrongTry(ctx context.Context, tx pgx.Tx, c desk.Change) error {
	_, err := tx.Exec(ctx, `UPDATE code_request SET tries = tries + 1 WHERE campaign_id = $1 AND registration_id = $2 AND device = $3
		AND sent_at > $4 AND used_at IS NULL`, c.Campaign, [16]byte(c.ID), c.Device[:], c.At.Add(-codeLife))
	return err
}

// Verify implements desk.Book.
func (b *Book) Verify(ctx context.Context, c desk.Change, method string, request int64) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		if method == "code" && request == 0 {
			return booking.Fail(booking.CodeWrongCode, nil) // before the entry's state, which is not this device's business
		}
		if err := lockEntry(ctx, tx, c); err != nil {
			return err
		}
		device := []byte{}
		if method == "code" {
			tag, err := tx.Exec(ctx, `UPDATE code_request SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND tries < $3`, request, c.At, wrongTries)
			if err != nil {
				return err
			}
			if tag.RowsAffected() == 0 {
				return booking.Fail(booking.CodeWrongCode, nil)
			}
			device = c.Device[:]
		}
		tag, err := tx.Exec(ctx, `INSERT INTO verification (campaign_id, registration_id, method, device, at, actor)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), method, device, c.At, c.Actor)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
			return err
		}
		return audit(ctx, tx, c, "verify."+method, nil)
	})
}

var _ desk.Book = (*Book)(nil)
