package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Introduce implements desk.Book. Whoever introduces the same person again keeps the first instant.
func (b *Book) Introduce(ctx context.Context, c desk.Change, i desk.Introduction) (time.Time, error) {
	wishes, err := wishesJSON(i.Wishes)
	if err != nil {
		return time.Time{}, err
	}
	err = b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		var removed bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM device_removed WHERE campaign_id = $1 AND registration_id = $2 AND device = $3)`,
			c.Campaign, [16]byte(c.ID), c.Device[:]).Scan(&removed); err != nil {
			return err
		}
		if removed {
			return booking.Fail(booking.CodeConflict, nil)
		}
		if _, err := tx.Exec(ctx, `
INSERT INTO introduction AS i (campaign_id, registration_id, device, person_ct, phone_hash, region, wishes, lang, introduced_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (campaign_id, registration_id, device) DO UPDATE SET person_ct = EXCLUDED.person_ct, phone_hash = EXCLUDED.phone_hash, region = EXCLUDED.region,
    wishes = EXCLUDED.wishes, lang = EXCLUDED.lang, verified_at = CASE WHEN i.phone_hash = EXCLUDED.phone_hash THEN i.verified_at END`,
			c.Campaign, [16]byte(c.ID), c.Device[:], i.PersonCT, i.Phone[:], i.Region, wishes, string(i.Lang), c.At); err != nil {
			return err
		}
		return audit(ctx, tx, c, "introduce", nil)
	})
	if err != nil {
		return time.Time{}, err
	}
	var at time.Time
	err = b.pool.QueryRow(ctx, `SELECT introduced_at FROM introduction WHERE campaign_id = $1 AND registration_id = $2 AND device = $3`,
		c.Campaign, [16]byte(c.ID), c.Device[:]).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) { // removed since
		return at, booking.Fail(booking.CodeConflict, nil)
	}
	if err != nil {
		return at, fmt.Errorf("read an introduction: %w", err)
	}
	return at, nil
}

// proveIntroduced notes that a device has proven the phone with which it introduced itself, if it is this one.
func proveIntroduced(ctx context.Context, tx pgx.Tx, c desk.Change, phone []byte) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE introduction SET verified_at = coalesce(verified_at, $5)
		WHERE campaign_id = $1 AND registration_id = $2 AND device = $3 AND phone_hash = $4`, c.Campaign, [16]byte(c.ID), c.Device[:], phone, c.At)
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	return true, audit(ctx, tx, c, "introduction.verify", nil)
}

// Carry implements desk.Book.
func (b *Book) Carry(ctx context.Context, c desk.Change) error {
	err := write(ctx, b.pool, func(ctx context.Context, tx pgx.Tx) error {
		return proven(ctx, tx, c, "code", c.Device[:])
	})
	if err != nil {
		return fmt.Errorf("carry a proof over: %w", err)
	}
	return nil
}

// proven makes an entry ready by the proof of a device (or of none), and has a round look at it that found it not ready.
func proven(ctx context.Context, tx pgx.Tx, c desk.Change, method string, device []byte) error {
	tag, err := tx.Exec(ctx, `INSERT INTO verification (campaign_id, registration_id, method, device, at, actor)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, c.Campaign, [16]byte(c.ID), method, device, c.At, c.Actor)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if err := wake(ctx, tx, c.Campaign, c.ID); err != nil {
		return err
	}
	return audit(ctx, tx, c, "verify."+method, nil)
}

// carryOver makes the proofs that devices gave before there was an entry the newcomers' own, for those whose phone on file is the one that was
// proven, and marks them as verified. The introductions are locked: a proof that comes at this moment finds the entry itself.
func carryOver(ctx context.Context, tx pgx.Tx, c *desk.Campaign, people []newcomer, phone map[booking.ID]vault.Hash, now time.Time) error {
	ids := make([][16]byte, len(people))
	for i, p := range people {
		ids[i] = p.id
	}
	rows, err := tx.Query(ctx, `SELECT registration_id, device, phone_hash, verified_at IS NOT NULL FROM introduction
		WHERE campaign_id = $1 AND registration_id = ANY($2) ORDER BY registration_id, device FOR UPDATE`, c.ID, ids)
	if err != nil {
		return err
	}
	var carried, devices = [][16]byte{}, [][]byte{}
	ready := map[booking.ID]bool{}
	var id booking.ID
	var device, hash []byte
	var verified bool
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&id), &device, &hash, &verified}, func() error {
		if own, known := phone[id]; known && verified && bytes.Equal(own[:], hash) {
			carried, devices, ready[id] = append(carried, id), append(devices, bytes.Clone(device)), true
		}
		return nil
	})
	if err != nil || len(carried) == 0 {
		return err
	}
	for i := range people {
		people[i].verified = people[i].verified || ready[people[i].id]
	}
	if _, err := tx.Exec(ctx, `
WITH carried AS (
    INSERT INTO verification (campaign_id, registration_id, method, device, at, actor) SELECT $1, t.id, 'code', t.device, $4, $5 FROM unnest($2::uuid[], $3::bytea[]) AS t(id, device)
    ON CONFLICT DO NOTHING RETURNING registration_id)
INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT $1, registration_id, $4, $5, 'verify.code' FROM carried`,
		c.ID, carried, devices, now, actorEnrol); err != nil {
		return err
	}
	return wakeAll(ctx, tx, c.ID, carried)
}

// wakeAll is wake for many.
func wakeAll(ctx context.Context, tx pgx.Tx, campaign int32, ids [][16]byte) error {
	if _, err := tx.Exec(ctx, `UPDATE waiting SET look = true, woken = woken + 1, since = clock_timestamp() WHERE campaign_id = $1 AND registration_id = ANY($2)`,
		campaign, ids); err != nil {
		return err
	}
	return wakeHousehold(ctx, tx, campaign, ids)
}

// actorEnrol carries proofs over.
const actorEnrol = "job:enrol"
