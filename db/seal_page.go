package db

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// nearby keeps the planner to look-ups: it must neither read a whole table for one page nor take more than one core. Every statement is
// planned for the tables as they are: a plan that was kept from when a table was empty can walk a whole index for each row.
const nearby = `SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL max_parallel_workers_per_gather = 0`

// number gives the page's people the next numbers. The queue's row is locked, so that there is one sealer at a time and
// numbers are gapless; what is numbered never changes. It writes nothing, and mine is false, when another sealer has been
// at work since this run began: that one goes on.
//
// The people's rows are locked in the order of their ids, as intake_known does it (migrations/00009_introductions.sql). So an arrival
// that is being made earlier is either seen here, or waits and then sees the place.
func (s *Sealer) number(ctx context.Context, q *sealQueue, page []unsealed) (n int, mine bool, err error) {
	id := make([][16]byte, len(page))
	for i, a := range page {
		id[i] = a.id
	}
	slices.SortFunc(id, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	id = slices.Compact(id) // whoever became earlier is read twice
	lots, opens, window := q.draw.pageKeys(id)
	err = writeWithin(ctx, s.pool, sealLimit, func(ctx context.Context, tx pgx.Tx) error {
		n, mine = 0, false
		if _, err := tx.Exec(ctx, nearby); err != nil {
			return err
		}
		var now time.Time
		var to int64
		err := tx.QueryRow(ctx, `SELECT sealed_to, clock_timestamp() FROM queue WHERE id = $1 FOR NO KEY UPDATE`, q.id).Scan(&to, &now)
		if err != nil || to != q.sealedTo {
			return err
		}
		mine = true
		if err := tx.QueryRow(ctx, sealSQL, q.id, q.campaign.ID, to, id, now, lots, opens, window).Scan(&n); err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE queue SET sealed_to = sealed_to + $2 WHERE id = $1`, q.id, n)
		return err
	})
	if err != nil {
		return 0, false, err
	}
	q.sealedTo += int64(n)
	return n, mine, nil
}

// sealSQL numbers and writes the audit trail's first line for each registration. Whoever stands after the last key that
// has a place has none, by definition; only the others are looked up. Those are late. The rows are found and locked one by
// one, in the order in which the ids are given, whatever the planner thinks of the table.
//
// The order key is the registration's own, or in a draw ($6 the lots, $7 the opening, $8 the end of the window), for
// whoever arrived in the window, the opening and the lot.
const sealSQL = `
WITH last AS MATERIALIZED (
    SELECT arrival, tie, registration_id FROM place WHERE queue_id = $1 ORDER BY arrival DESC, tie DESC, registration_id DESC LIMIT 1
), due AS MATERIALIZED (
    SELECT r.* FROM unnest($4::uuid[], $6::bigint[]) AS t(id, lot) CROSS JOIN LATERAL (
        SELECT r.id, k.arrival, k.tie, r.arrival AS arrived, r.door, r.via, r.actor, r.cohort_version, r.stored_at, r.cohort, r.region, r.wishes,
            r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id) AS ready FROM registration r
        CROSS JOIN LATERAL (SELECT CASE WHEN r.arrival < $8::timestamptz THEN $7::timestamptz ELSE r.arrival END,
            CASE WHEN r.arrival < $8::timestamptz THEN t.lot ELSE r.tie END) AS k(arrival, tie)
        WHERE r.campaign_id = $2 AND r.id = t.id AND r.queue_id = $1 AND r.alias_of IS NULL AND r.withdrawn_at IS NULL
          AND CASE WHEN coalesce((k.arrival, k.tie, r.id) > (SELECT * FROM last), true) THEN true
              ELSE (SELECT p.number FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id) IS NULL END
        FOR NO KEY UPDATE OF r) r
), placed AS (
    INSERT INTO place (campaign_id, registration_id, queue_id, number, arrival, tie, late, sealed_at, cohort, region, wishes, ready)
    SELECT $2, d.id, $1, $3 + row_number() OVER (ORDER BY d.arrival, d.tie, d.id), d.arrival, d.tie,
        CASE WHEN coalesce((d.arrival, d.tie, d.id) > (SELECT * FROM last), true) THEN ''
             WHEN d.via <> '' THEN d.via
             WHEN d.stored_at - d.arrived > interval '5 seconds' THEN 'slow_' || d.door
             ELSE 'stored_late' END, $5, d.cohort, d.region, d.wishes, d.ready
    FROM due d
    RETURNING number
), trail AS (
    INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail)
    SELECT $2, d.id, d.arrived, d.actor, 'register', jsonb_build_object('door', d.door, 'cohort_version', d.cohort_version)
    FROM due d
)
SELECT count(*) FROM placed`
