package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
)

// Sealer numbers arrivals: order becomes places.
type Sealer struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewSealer makes a sealer. page is how many arrivals one transaction numbers.
func NewSealer(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Sealer {
	return &Sealer{pool: pool, campaigns: campaigns, page: page}
}

// SealAll seals every queue of every campaign and returns how many places were announced.
func (s *Sealer) SealAll(ctx context.Context) (int, error) {
	sealed := 0
	for _, c := range s.campaigns.All() {
		for _, q := range c.Queues {
			for {
				n, err := s.sealPage(ctx, c, q.ID)
				sealed += n
				if err != nil {
					return sealed, fmt.Errorf("seal queue %d: %w", q.ID, err)
				}
				if n < s.page || ctx.Err() != nil {
					break
				}
			}
		}
	}
	return sealed, nil
}

// inFlight is how long a stored row can stay invisible: longer than any write may take. A scan may leave out serials
// only when everything stored that long ago, and the settle window before, has been looked at.
const inFlight = 2 * time.Minute

// sealPage numbers the next page of one queue. The queue's row is locked, so that there is one sealer at a time and
// numbers are gapless; what is numbered never changes. Arrivals within the settle window wait, because an earlier one
// may still come in. What comes later than its turn gets the next number and is marked late; it is served by its order
// key all the same.
func (s *Sealer) sealPage(ctx context.Context, c *desk.Campaign, queue int32) (int, error) {
	var n int
	err := writeWithin(ctx, s.pool, time.Minute, func(ctx context.Context, tx pgx.Tx) error {
		var now time.Time
		var from, to int64
		err := tx.QueryRow(ctx, `SELECT scan_from, sealed_to, clock_timestamp() FROM queue WHERE id = $1 FOR UPDATE`, queue).Scan(&from, &to, &now)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sealSQL, queue, c.ID, from, to, now, now.Add(-c.Settle), s.page).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			if _, err := tx.Exec(ctx, `UPDATE queue SET sealed_to = sealed_to + $2 WHERE id = $1`, queue, n); err != nil {
				return err
			}
		}
		if n == s.page {
			return nil
		}
		_, err = tx.Exec(ctx, `
UPDATE queue SET scan_from = greatest(scan_from, coalesce((SELECT max(serial) FROM registration
    WHERE serial > $2 AND stored_at < $3), 0)) WHERE id = $1`, queue, from, now.Add(-inFlight-c.Settle))
		return err
	})
	return n, err
}

// sealSQL numbers and writes the audit trail's first line for each registration. A registration is late when somebody who arrived after it has a number already.
const sealSQL = `
WITH due AS (
    SELECT r.campaign_id, r.id, r.arrival, r.tie, r.door, r.actor, r.cohort_version, r.stored_at, r.generation
    FROM registration r
    WHERE r.serial > $3 AND r.queue_id = $1 AND r.campaign_id = $2 AND r.arrival <= $6
      AND r.alias_of IS NULL AND r.withdrawn_at IS NULL
      AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)
    ORDER BY r.arrival, r.tie, r.id LIMIT $7
), last AS (
    SELECT arrival, tie, registration_id FROM place WHERE queue_id = $1 ORDER BY arrival DESC, tie DESC, registration_id DESC LIMIT 1
), placed AS (
    INSERT INTO place (campaign_id, registration_id, queue_id, number, arrival, tie, late, sealed_at)
    SELECT d.campaign_id, d.id, $1, $4 + row_number() OVER (ORDER BY d.arrival, d.tie, d.id), d.arrival, d.tie,
        CASE WHEN NOT EXISTS (SELECT FROM last l WHERE (d.arrival, d.tie, d.id) < (l.arrival, l.tie, l.registration_id)) THEN ''
             WHEN d.stored_at - d.arrival > interval '5 seconds' THEN 'slow_' || d.door
             ELSE 'stored_late' END, $5
    FROM due d
    RETURNING number
), trail AS (
    INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail)
    SELECT d.campaign_id, d.id, d.arrival, d.actor, 'register', jsonb_build_object('door', d.door, 'cohort_version', d.cohort_version)
    FROM due d
)
SELECT count(*) FROM placed`
