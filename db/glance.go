package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// leadsTo is the id of the entry that an id, of the registration r, leads to: another one's when a correction gave it this identity. What was
// given up stays what it was.
const leadsTo = `CASE WHEN r.withdrawn_at IS NULL THEN coalesce(r.alias_of, r.id) ELSE r.id END`

// Glance implements desk.Book.
func (b *Book) Glance(ctx context.Context, campaign int32, id booking.ID, device vault.Device) (desk.Glance, error) {
	var g desk.Glance
	var applied, introduced *time.Time
	var phone, wishes []byte
	var region, lang *string
	var removed bool
	var entry *[16]byte
	var i desk.Introduction
	err := b.pool.QueryRow(ctx, `
SELECT e.id, EXISTS (SELECT FROM verification v WHERE v.campaign_id = $1 AND v.registration_id = e.id AND v.device = $3),
    CASE WHEN r.device = $3 THEN r.received_at
        ELSE (SELECT k.arrival FROM claim k WHERE k.campaign_id = r.campaign_id AND k.registration_id = r.id AND k.device = $3) END,
    i.person_ct, i.phone_hash, i.region, i.wishes, i.lang, i.introduced_at, i.verified_at IS NOT NULL,
    EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = $1 AND x.registration_id = t.id AND x.device = $3)
        OR EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = $1 AND x.registration_id = e.id AND x.device = $3 AND x.proven)
FROM (SELECT $2::uuid AS id) t
LEFT JOIN registration r ON r.campaign_id = $1 AND r.id = t.id
LEFT JOIN LATERAL (SELECT `+leadsTo+` AS id) e ON true
LEFT JOIN introduction i ON i.campaign_id = $1 AND i.registration_id = t.id AND i.device = $3`, campaign, [16]byte(id), device[:]).Scan(
		&entry, &g.Proven, &applied, &i.PersonCT, &phone, &region, &wishes, &lang, &introduced, &i.Proven, &removed)
	if err != nil {
		return g, fmt.Errorf("glance at an entry: %w", err)
	}
	if removed || applied == nil && introduced == nil && !g.Proven {
		return desk.Glance{}, booking.Fail(booking.CodeUnauthorized, nil)
	}
	g.Entry = (*booking.ID)(entry)
	if applied != nil {
		g.Applied, g.ReceivedAt = true, *applied
	}
	if introduced == nil {
		return g, nil
	}
	g.Introduced = &i
	i.Phone, i.Region, i.Lang, i.At = vault.Hash(phone), *region, booking.Lang(*lang), *introduced
	return g, parseWishes(wishes, &i.Wishes)
}

// Stands implements desk.Book.
func (b *Book) Stands(ctx context.Context, campaign int32, ids []booking.ID, device vault.Device) (map[booking.ID]desk.Stand, error) {
	list := make([][16]byte, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	rows, err := b.pool.Query(ctx, `
SELECT t.id, r.withdrawn_at IS NOT NULL, r.alias_of,
    (i.device IS NOT NULL OR coalesce(r.device = $3, false) OR EXISTS (SELECT FROM claim k WHERE k.campaign_id = $1 AND k.registration_id = t.id AND k.device = $3))
        AND NOT EXISTS (SELECT FROM registration e JOIN verification v ON v.campaign_id = e.campaign_id AND v.registration_id = e.id AND v.device = $3
            WHERE e.campaign_id = $1 AND e.id = `+leadsTo+` AND e.withdrawn_at IS NOT NULL),
    r.withdrawn_at IS NOT NULL AND EXISTS (SELECT FROM verification v WHERE v.campaign_id = $1 AND v.registration_id = t.id AND v.device = $3),
    EXISTS (SELECT FROM device_removed x WHERE x.campaign_id = $1 AND x.registration_id = t.id AND x.device = $3)
FROM unnest($2::uuid[]) AS t(id)
LEFT JOIN registration r ON r.campaign_id = $1 AND r.id = t.id
LEFT JOIN introduction i ON i.campaign_id = $1 AND i.registration_id = t.id AND i.device = $3`, campaign, list, device[:])
	if err != nil {
		return nil, fmt.Errorf("look where a device stands: %w", err)
	}
	known := make(map[booking.ID]desk.Stand, len(ids))
	var id booking.ID
	var s desk.Stand
	var alias *[16]byte
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&id), &s.Gone, &alias, &s.Bound, &s.Left, &s.Removed}, func() error {
		s.AliasOf = (*booking.ID)(alias)
		known[id] = s
		return nil
	})
	return known, err
}
