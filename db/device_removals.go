package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// RemoveThis implements desk.Book.
func (b *Book) RemoveThis(ctx context.Context, c desk.Change, entry *booking.ID) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		ids := [][16]byte{c.ID}
		if entry != nil && *entry != c.ID {
			ids = append(ids, *entry)
		}
		tag, err := tx.Exec(ctx, `INSERT INTO device_removed (campaign_id, registration_id, device, proven, at, actor, operation_id)
			SELECT $1, t.id, $3, $4, $5, $6, $7 FROM unnest($2::uuid[]) AS t(id) ON CONFLICT DO NOTHING`,
			c.Campaign, ids, c.Device[:], entry != nil, c.At, c.Actor, c.Operation)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return booking.Fail(booking.CodeUnauthorized, nil)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM introduction WHERE campaign_id = $1 AND registration_id = ANY($2) AND device = $3`,
			c.Campaign, ids, c.Device[:]); err != nil {
			return err
		}
		return audit(ctx, tx, c, "devices.remove", map[string]any{"devices": "this"})
	})
}

// RemoveOthers implements desk.Book. The entry is locked, so that a device which proves the phone at this moment either stands in the list or
// comes after it.
func (b *Book) RemoveOthers(ctx context.Context, c desk.Change, entry *booking.ID, phone vault.Hash) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		on := c.ID
		if entry != nil {
			on = *entry
			if _, err := tx.Exec(ctx, `SELECT FROM registration WHERE campaign_id = $1 AND id = $2 FOR UPDATE`, c.Campaign, [16]byte(on)); err != nil {
				return err
			}
		}
		// What a device introduced under an identity that leads to this entry counts as well.
		var removed int
		err := tx.QueryRow(ctx, `
WITH forgotten AS (
    DELETE FROM introduction i WHERE i.campaign_id = $1 AND i.phone_hash = $4 AND i.verified_at IS NOT NULL AND i.device <> $5
        AND (i.registration_id IN ($2, $3) OR EXISTS (SELECT FROM registration r WHERE r.campaign_id = $1 AND r.id = i.registration_id AND `+leadsTo+` = $3))
    RETURNING i.registration_id, i.device
), others AS (
    SELECT registration_id, device, $6::bool AS proven FROM forgotten
    UNION SELECT $3, device, true FROM verification WHERE $6 AND campaign_id = $1 AND registration_id = $3 AND device NOT IN (''::bytea, $5)
), shut AS (
    INSERT INTO device_removed (campaign_id, registration_id, device, proven, at, actor, operation_id)
    SELECT $1, registration_id, device, proven, $7, $8, $9 FROM others ON CONFLICT DO NOTHING RETURNING device)
SELECT count(DISTINCT device) FROM shut`, c.Campaign, [16]byte(c.ID), [16]byte(on), phone[:], c.Device[:], entry != nil, c.At, c.Actor, c.Operation).Scan(&removed)
		if err != nil {
			return err
		}
		return audit(ctx, tx, c, "devices.remove", map[string]any{"devices": "others", "removed": removed})
	})
}
