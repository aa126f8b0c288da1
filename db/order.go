package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// Order lists the announced places of a queue by number, after one of them, at most limit.
func (b *Book) Order(ctx context.Context, queue int32, after int64, limit int) ([]desk.Ordered, error) {
	out, err := collect(ctx, b.pool, func(row pgx.CollectableRow) (desk.Ordered, error) {
		var o desk.Ordered
		var device []byte
		err := row.Scan(&o.Number, &o.Arrival, &o.Late, (*[16]byte)(&o.ID), &o.Serial, &o.Door, &device)
		o.Device = deviceOf(device)
		return o, err
	}, `
SELECT p.number, p.arrival, p.late, r.id, r.serial, r.door, r.device
FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE p.queue_id = $1 AND p.number > $2 ORDER BY p.number LIMIT $3`, queue, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the order of a queue: %w", err)
	}
	return out, nil
}
