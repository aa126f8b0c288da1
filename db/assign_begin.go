package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// begin opens a round if none is under way, rounds are not braked or this one is approved, and there is something to do:
// otherwise nothing is written and it is nil.
func (a *Assigner) begin(ctx context.Context, pool int32, actor string, approved *approval) (*round, error) {
	var r *round
	var now time.Time
	err := writeWithin(ctx, a.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		r = nil
		// Nor must it gather all places behind a queue that lags to find the first of them.
		if _, err := tx.Exec(ctx, nearby+`; SET LOCAL enable_bitmapscan = off`); err != nil {
			return err
		}
		if err := turn(ctx, tx, pool); err != nil {
			return err
		}
		var campaign, version int32
		var number int64
		var busy bool
		if err := tx.QueryRow(ctx, `SELECT p.campaign_id, c.version, p.round, coalesce(p.busy_until > clock_timestamp(), false), clock_timestamp()
			FROM pool p JOIN campaign c ON c.id = p.campaign_id WHERE p.id = $1 FOR UPDATE OF p`,
			pool).Scan(&campaign, &version, &number, &busy, &now); err != nil || busy {
			return err
		}
		if on, err := braked(ctx, tx, campaign, booking.BrakeRounds); err != nil || on && approved == nil {
			return err
		}
		c, err := a.campaigns.ByID(campaign)
		if err != nil || c.Version != version { // read anew in a moment: by old rules a round would pass over what is new, for good
			return err
		}
		begun := &round{campaign: c, pool: pool, number: number + 1, actor: actor, after: beforeAll, approved: approved}
		if begun.queues, err = walks(ctx, tx, c, pool, now); err != nil {
			return err
		}
		due, err := begun.due(ctx, tx, now)
		if err != nil || !due {
			return err
		}
		r = begun
		if err := approved.note(ctx, tx, r, now); err != nil {
			return err
		}
		return r.hold(ctx, tx)
	})
	if err == nil && r != nil { // without the lock: a nation's slots take their time, and people go on changing their wishes
		err = writeWithin(ctx, a.pool, roundRests, func(ctx context.Context, tx pgx.Tx) (err error) { // longer, and it would be another's turn
			// On one snapshot: a seat is given back together with what it used of a supply.
			if _, err := tx.Exec(ctx, `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`); err != nil {
				return err
			}
			r.stock, err = readStock(ctx, tx, r.campaign, pool, now)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("begin a round of pool %d: %w", pool, err)
	}
	return r, nil
}

// beforeAll stands before everybody who waits.
var beforeAll = waitKey{key: booking.OrderKey{Arrival: time.Unix(0, 0)}}

// walksSQL: a queue is behind while the seal knows of arrivals that it has not numbered. The first of them may stand before people of the pool's
// other queues who have their numbers: a round goes no further than the queue that is furthest behind, up to the key of the last number there, or
// to the first arrival that waits for one. One that waits for its draw keeps nobody.
const walksSQL = `
WITH q AS MATERIALIZED (
    SELECT q.id, w.walked_to, q.sealed_to, l.arrival, l.tie, l.registration_id, to_timestamp(b.arrivals[1] / 1e6) AS first,
        b.base + b.counts[cardinality(b.counts)] > q.sealed_to OR to_timestamp((b.arrivals[cardinality(b.arrivals)] - 1) / 1e6) > l.arrival AS behind
    FROM queue q JOIN walk w ON w.queue_id = q.id
    LEFT JOIN queue_backlog b ON b.queue_id = q.id AND NOT EXISTS (SELECT FROM draw d WHERE d.queue_id = q.id AND d.drawn_at IS NULL)
    LEFT JOIN LATERAL (SELECT arrival, tie, registration_id FROM place WHERE queue_id = q.id ORDER BY arrival DESC, tie DESC, registration_id DESC LIMIT 1) l ON true
    WHERE q.id = ANY($1) AND q.first_round_at <= $2
), bound AS MATERIALIZED (
    SELECT greatest(arrival, first) AS arrival, CASE WHEN arrival >= first THEN tie ELSE -9223372036854775808 END AS tie,
        coalesce(registration_id, '00000000-0000-0000-0000-000000000000') AS entry
    FROM q WHERE behind ORDER BY 1, 2, 3 LIMIT 1
)
SELECT q.id, q.walked_to, q.sealed_to, greatest(q.walked_to, least(q.sealed_to, (SELECT p.number - 1 FROM place p
    WHERE p.queue_id = q.id AND p.late = '' AND p.arrival >= b.arrival AND (p.arrival, p.tie, p.registration_id) > (b.arrival, b.tie, b.entry)
    ORDER BY p.arrival, p.tie, p.registration_id LIMIT 1))), b.arrival, b.tie, b.entry
FROM q LEFT JOIN bound b ON true ORDER BY q.id`

// walks reads where the pool's queues stand, without those whose first round has not come: nobody in them is served.
func walks(ctx context.Context, tx pgx.Tx, c *desk.Campaign, pool int32, now time.Time) ([]*walk, error) {
	var id []int32
	for _, q := range c.Queues {
		if q.Pool == pool {
			id = append(id, q.ID)
		}
	}
	return collect(ctx, tx, func(row pgx.CollectableRow) (*walk, error) {
		var w walk
		return &w, row.Scan(&w.id, &w.to, &w.sealedTo, &w.end, &w.bound[0], &w.bound[1], &w.bound[2])
	}, walksSQL, id, now)
}

func (r *round) queueIDs() []int32 {
	id := make([]int32, len(r.queues))
	for i, q := range r.queues {
		id[i] = q.id
	}
	return id
}

// recently is how long ago something may have been written that only now can be seen: longer than a page's transaction lasts.
const recently = pageLimit + 10*time.Second

// due brings the marks up to date and reports whether there is anything to do. It costs a few look-ups when there is not.
func (r *round) due(ctx context.Context, tx pgx.Tx, now time.Time) (bool, error) {
	if len(r.queues) == 0 {
		return false, nil
	}
	// What was kept for some becomes anybody's.
	if _, err := tx.Exec(ctx, `UPDATE slot SET released = true, gained = capacity - taken WHERE reserve > 0 AND NOT released AND release_at <= $2 AND pool_id = $1`, r.pool, now); err != nil {
		return false, err
	}
	since, err := r.checked(ctx, tx, now)
	if err != nil {
		return false, err
	}
	// A key that has become earlier since somebody waits.
	if _, err := tx.Exec(ctx, `
WITH moved AS MATERIALIZED (SELECT campaign_id, registration_id, arrival, tie FROM place WHERE moved_at > $2)
UPDATE waiting w SET arrival = p.arrival, tie = p.tie FROM moved p
WHERE w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id AND w.pool_id = $1 AND (w.arrival, w.tie) IS DISTINCT FROM (p.arrival, p.tie)`,
		r.pool, since); err != nil {
		return false, err
	}
	if err := r.recheck(ctx, tx, since); err != nil {
		return false, err
	}
	due := false
	for _, q := range r.queues {
		if q.to == q.sealedTo {
			continue
		}
		due = due || q.to < q.end
		// Late places do not stand in the order of their numbers: they are looked at among those who wait, once no queue is behind them.
		if _, err := tx.Exec(ctx, `
INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look)
SELECT p.campaign_id, p.registration_id, $4, p.queue_id, p.arrival, p.tie, true FROM place p
WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $3 AND p.late <> '' AND ($5::timestamptz IS NULL OR (p.arrival, p.tie, p.registration_id) <= ($5, $6::bigint, $7::uuid))
ORDER BY p.number ON CONFLICT DO NOTHING`,
			q.id, q.to, q.sealedTo, r.pool, q.bound[0], q.bound[1], q.bound[2]); err != nil {
			return false, err
		}
	}
	if due {
		return true, nil
	}
	err = tx.QueryRow(ctx, `
SELECT EXISTS (SELECT FROM waiting WHERE pool_id = $1 AND look AND queue_id = ANY($2))
    OR EXISTS (SELECT FROM slot WHERE pool_id = $1 AND gained > 0 AND taken < least(capacity, target) AND starts_at > $3) AND EXISTS (SELECT FROM waiting WHERE pool_id = $1 AND queue_id = ANY($2))`,
		r.pool, r.queueIDs(), now).Scan(&due)
	return due, err
}

// checked returns from when on something may have come about that no round has seen, and notes that it is looked for now.
func (r *round) checked(ctx context.Context, tx pgx.Tx, now time.Time) (time.Time, error) {
	var before *time.Time // NULL: never
	err := tx.QueryRow(ctx, `WITH old AS (SELECT id, nullif(checked_to, '-infinity') AS at FROM pool WHERE id = $1)
		UPDATE pool p SET checked_to = $2 FROM old WHERE p.id = old.id RETURNING old.at`, r.pool, now).Scan(&before)
	if err != nil || before == nil {
		return time.Unix(0, 0), err
	}
	return before.Add(-recently), nil
}

// recheck wakes those for whom something changed in the very moment in which a page let them wait, so that neither saw the other, and
// whoever wants to come with them.
func (r *round) recheck(ctx context.Context, tx pgx.Tx, since time.Time) error {
	found, err := collect(ctx, tx, pgx.RowTo[[16]byte], `
WITH late AS MATERIALIZED (
    SELECT campaign_id, registration_id, dose FROM waiting w
    WHERE pool_id = $1 AND since > $2 AND NOT look AND reason IN ('not_ready', 'incomplete')
      AND CASE reason WHEN 'not_ready' THEN EXISTS (SELECT FROM verification v WHERE v.campaign_id = w.campaign_id AND v.registration_id = w.registration_id)
          ELSE EXISTS (SELECT FROM household m JOIN household h ON h.campaign_id = m.campaign_id AND h.code = m.code AND h.joined_at > $2
              WHERE m.campaign_id = w.campaign_id AND m.registration_id = w.registration_id) END)
UPDATE waiting w SET look = true, woken = w.woken + 1 FROM late l
WHERE w.campaign_id = l.campaign_id AND w.registration_id = l.registration_id AND w.dose = l.dose RETURNING w.registration_id`, r.pool, since)
	if err != nil {
		return err
	}
	return wakeHousehold(ctx, tx, r.campaign.ID, found)
}
