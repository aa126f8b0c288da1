package db

import (
	"context"
	"encoding/hex"
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
		held, err := b.lockProof(ctx, tx, c)
		if err != nil {
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
		if err != nil {
			return err
		}
		if err := b.reconsider(ctx, tx, c, held, method); err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
			return err
		}
		return audit(ctx, tx, c, "verify."+method, nil)
	})
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
