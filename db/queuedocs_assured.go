package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

const (
	// assuredSlots bounds how many free slots of a campaign are added up; with more, nothing is said.
	assuredSlots = 500_000
	// assuredWaiting bounds how many of those who wait are counted; with more, the number is smaller than it could be.
	assuredWaiting = 50_000
)

// assured is what a queue's document says about seats. Both stand for the same instant.
type assured struct {
	To    *int64 `json:"to,omitempty"`    // nil: unknown
	Seats *int64 `json:"seats,omitempty"` // of the pool, as far as this queue's people can be given them
}

// assuredSQL works out up to which place number everybody who waits has a seat by what is free now, on one snapshot.
//
//	seats  = free seats of the pool that start after the queue's notice and that no reserve keeps; of those for which a site has a
//	         supply, no more than is left of it when everybody else who could use it has (reserves, other pools, earlier starts)
//	ahead  = all of the pool's other queues whom no round has looked at, those without a number included; and those of this
//	         queue whose number or whose standing does not show their key: late and moved ones
//	room   = seats − ahead
//
// The line are all who wait after a look (table waiting: every queue of the pool, whoever wants to swap and later doses too), in
// the order in which rounds serve them. If it is longer than room, the first of this queue beyond it, in the order of the numbers,
// ends the assurance. Otherwise what is left of room goes on into the numbers that no round has looked at.
//
// People who are not ready, or want something else than what is free, count as if they took a seat each. So it is never more than
// the truth; and it may sink, when those before it do not want what is free and others get it, when capacity is taken away, and
// when somebody comes who proves an earlier arrival.
const assuredSQL = `
WITH slots AS MATERIALIZED (
    SELECT s.supply_id, s.capacity - s.taken AS free, CASE WHEN s.pool_id = $2 AND s.starts_at >= $4 THEN greatest(0, s.capacity - s.taken
        - CASE WHEN s.reserve > 0 AND NOT s.released THEN greatest(0, s.reserved - s.kept_taken) ELSE 0 END) ELSE 0 END AS usable
    FROM slot s WHERE s.campaign_id = $3 AND s.taken < s.capacity AND s.starts_at > $5 LIMIT $6 + 1
), supplied AS (
    SELECT supply_id, sum(usable) AS usable, sum(free - usable) AS other FROM slots WHERE supply_id IS NOT NULL GROUP BY supply_id
), seats AS (
    SELECT (SELECT coalesce(sum(usable), 0) FROM slots WHERE supply_id IS NULL)
        + (SELECT coalesce(sum(least(x.usable, greatest(0, u.doses - u.taken - x.other))), 0) FROM supplied x JOIN supply u ON u.id = x.supply_id) AS n
), ahead AS (
    SELECT (SELECT coalesce(sum(greatest(q.sealed_to, b.base + coalesce(b.counts[cardinality(b.counts)], 0)) - wk.walked_to), 0)
            FROM queue q JOIN walk wk ON wk.queue_id = q.id LEFT JOIN queue_backlog b ON b.queue_id = q.id WHERE q.pool_id = $2 AND q.id <> $1)
        + (SELECT count(*) FROM place p WHERE p.queue_id = $1 AND p.number > own.walked_to AND p.late <> '')
        + (SELECT count(*) FROM place p LEFT JOIN waiting w ON w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id
            WHERE p.moved_at IS NOT NULL AND p.campaign_id = $3 AND (p.queue_id = $1 AND p.number > own.walked_to
                OR w.pool_id = $2 AND (w.arrival, w.tie) IS DISTINCT FROM (p.arrival, p.tie))) AS n, own.walked_to, own.sealed_to
    FROM (SELECT q.id, q.sealed_to, wk.walked_to FROM queue q JOIN walk wk ON wk.queue_id = q.id) own WHERE own.id = $1
), room AS (
    SELECT greatest(0, (SELECT n FROM seats) - n)::bigint AS n, walked_to, sealed_to FROM ahead
), cut AS (
    SELECT grade, arrival, tie, registration_id FROM waiting WHERE pool_id = $2 ORDER BY grade, arrival, tie, registration_id
    OFFSET (SELECT least(n, $7) FROM room) LIMIT 1
), ordinary AS (
    SELECT p.number FROM (` + beyondSQL + `) w JOIN place p ON p.campaign_id = w.campaign_id AND p.registration_id = w.registration_id
    WHERE w.queue_id = $1 AND p.late = '' AND p.moved_at IS NULL ORDER BY w.grade, w.arrival, w.tie, w.registration_id LIMIT 1
), odd AS (
    SELECT min(p.number) AS number FROM place p, cut c WHERE p.queue_id = $1 AND (p.late <> '' OR p.moved_at IS NOT NULL) AND EXISTS (SELECT FROM waiting w
        WHERE w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id AND (w.grade, w.arrival, w.tie, w.registration_id) >= (c.grade, c.arrival, c.tie, c.registration_id))
)
SELECT (SELECT n FROM seats)::bigint, (SELECT count(*) FROM slots) <= $6, CASE
    WHEN NOT EXISTS (SELECT FROM cut) THEN
        least(sealed_to, walked_to + greatest(0, n - (SELECT count(*) FROM (SELECT FROM waiting WHERE pool_id = $2 LIMIT $7 + 1) line)))
    WHEN (SELECT grade FROM cut) = 0 THEN 0
    WHEN NOT EXISTS (SELECT FROM ordinary) AND (SELECT count(*) FROM (` + beyondSQL + `) line) > $7 THEN NULL
    ELSE least(walked_to, (SELECT number FROM ordinary) - 1, (SELECT number FROM odd) - 1)
END FROM room`

// beyondSQL are the next in the line after what is assured, in order.
const beyondSQL = `SELECT w.campaign_id, w.registration_id, w.queue_id, w.grade, w.arrival, w.tie FROM cut c, waiting w
    WHERE w.pool_id = $2 AND (w.grade, w.arrival, w.tie, w.registration_id) >= (c.grade, c.arrival, c.tie, c.registration_id)
    ORDER BY w.grade, w.arrival, w.tie, w.registration_id LIMIT $7 + 1`

// assure works out the assurance of the queue.
func (s *queueState) assure(ctx context.Context, tx pgx.Tx, c *desk.Campaign) error {
	var notice time.Duration
	for i := range c.Cohorts {
		if c.Cohorts[i].Queue == s.code {
			notice = max(notice, c.Cohorts[i].Notice)
		}
	}
	var seats int64
	var known bool
	var to *int64
	err := tx.QueryRow(ctx, assuredSQL, s.id, s.pool, c.ID, s.now.Add(notice), s.now, assuredSlots, assuredWaiting).Scan(&seats, &known, &to)
	if err != nil {
		return err
	}
	if s.counted.Assured = (assured{}); known {
		s.counted.Assured = assured{To: to, Seats: &seats}
	}
	return nil
}
