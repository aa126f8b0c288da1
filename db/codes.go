package db

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// RequestCode implements desk.Book.
func (b *Book) RequestCode(ctx context.Context, c desk.Change, r desk.CodeRequest) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		// The limits are counted under a lock per phone and per address, in this order always.
		for _, h := range []vault.Hash{r.Phone, r.Address} {
			if err := lockName(ctx, tx, "code/"+hex.EncodeToString(h[:])); err != nil {
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
		params := map[string]string{paramRequest: fmt.Sprint(id)}
		if r.Introduced {
			params[paramIntroduced] = "1"
		}
		return b.tell(ctx, tx, c, words.Code, fmt.Sprintf("code/%d", id), desk.Message{Urgent: true, UsefulUntil: c.At.Add(codeLife), Params: params})
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
		if method == "code" {
			return b.verifyCode(ctx, tx, c, request)
		}
		held, err := b.lockProof(ctx, tx, c)
		if err != nil {
			return err
		}
		return b.prove(ctx, tx, c, held, method, []byte{})
	})
}

// verifyCode uses a code up. It proves the phone that it was texted to: the one that the device introduced itself with, the one on file, or
// both. That it was not the one on file is no business of a device that introduced itself.
func (b *Book) verifyCode(ctx context.Context, tx pgx.Tx, c desk.Change, request int64) error {
	if request == 0 {
		return booking.Fail(booking.CodeWrongCode, nil) // before the entry's state, which is not this device's business
	}
	e, err := b.lockLed(ctx, tx, c)
	if err != nil {
		return err
	}
	var phone []byte
	err = tx.QueryRow(ctx, `UPDATE code_request SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND tries < $3 RETURNING phone_hash`, request, c.At, wrongTries).Scan(&phone)
	if errors.Is(err, pgx.ErrNoRows) {
		return booking.Fail(booking.CodeWrongCode, nil)
	}
	if err != nil {
		return err
	}
	introduced, err := proveIntroduced(ctx, tx, c, phone)
	if err != nil {
		return err
	}
	if !e.there && introduced { // it may have come meanwhile, and who came before this proof was enrolled without it
		if e, err = b.lockLed(ctx, tx, c); err != nil {
			return err
		}
	}
	onFile := e.there && bytes.Equal(e.phone[:], phone)
	switch {
	case introduced && !onFile:
		return nil
	case !e.there:
		return booking.Fail(booking.CodeUnauthorized, nil)
	case e.gone && !introduced:
		return booking.Fail(booking.CodeConflict, nil)
	case !onFile: // the phone was corrected a moment ago
		return booking.Fail(booking.CodeWrongCode, nil)
	}
	c.ID = e.id
	return b.prove(ctx, tx, c, e.held, "code", c.Device[:])
}

// prove makes an entry ready, and undoes a refusal by whoever has the phone.
func (b *Book) prove(ctx context.Context, tx pgx.Tx, c desk.Change, held bool, method string, device []byte) error {
	if err := proven(ctx, tx, c, method, device); err != nil {
		return err
	}
	return b.reconsider(ctx, tx, c, held, method)
}

// lockProof locks the entry for a proof. A proof that takes a refusal back changes whom rounds may serve, and waits for the page that is being
// written; others need not, because a round makes up for what came in its moment. held says which it was.
func (b *Book) lockProof(ctx context.Context, tx pgx.Tx, c desk.Change) (held bool, err error) {
	if held, err = refused(ctx, tx, c.Campaign, c.ID); err != nil {
		return held, err
	}
	if held {
		return held, lockForRounds(ctx, tx, c)
	}
	return held, lockEntry(ctx, tx, c)
}

// led is the entry that a change's id leads to.
type led struct {
	there bool
	id    booking.ID
	gone  bool
	held  bool       // refused by whoever has the phone on file; the pool is locked too
	phone vault.Hash // on file; zero when it cannot be read
}

// lockLed locks the entry that a change's id leads to, if there is one, as lockProof does.
func (b *Book) lockLed(ctx context.Context, tx pgx.Tx, c desk.Change) (led, error) {
	var e led
	err := tx.QueryRow(ctx, `SELECT `+leadsTo+` FROM registration r WHERE r.campaign_id = $1 AND r.id = $2`, c.Campaign, [16]byte(c.ID)).Scan((*[16]byte)(&e.id))
	if errors.Is(err, pgx.ErrNoRows) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	c.ID, e.there = e.id, true
	e.held, err = b.lockProof(ctx, tx, c)
	if e.gone = booking.CodeOf(err) == booking.CodeConflict; err != nil && !e.gone {
		return e, err
	}
	var ct []byte
	if err := tx.QueryRow(ctx, `SELECT person_ct FROM registration WHERE campaign_id = $1 AND id = $2`, c.Campaign, [16]byte(c.ID)).Scan(&ct); err != nil {
		return e, err
	}
	k, err := b.campaigns.ByID(c.Campaign)
	if err != nil {
		return e, err
	}
	if p, err := k.Keys.OpenPerson(e.id, ct); err == nil {
		e.phone = k.Keys.Phone(p.Phone)
	}
	return e, nil
}
