package assignbench

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// The comparison: the way that most systems assign. Several workers each take a batch of people whom nobody else has, in the order of the
// queue, look up what is free for each, take it, and write the same rows. It keeps no order between the workers, knows no households, and is
// written with care: batches of 500, one statement a person to find and take the slot, bulk statements for the rest.
const (
	skipBatch   = 500
	skipWorkers = 2
)

// skipLocked assigns everybody who stands in the queue and returns how many got a slot and how long it took.
func skipLocked(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign) (assigned int64, took time.Duration, err error) {
	if _, err := pool.Exec(ctx, `CREATE UNLOGGED TABLE skip_todo AS SELECT p.campaign_id, p.registration_id, p.number, p.arrival, p.tie, r.region, r.wishes
		FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id`); err != nil {
		return 0, 0, err
	}
	for _, sql := range []string{
		`ALTER TABLE skip_todo SET LOGGED`, `CREATE UNIQUE INDEX ON skip_todo (number)`, `CREATE INDEX ON slot (site_id, starts_at) WHERE taken < capacity`, `VACUUM ANALYZE skip_todo`, `CHECKPOINT`,
	} {
		if _, err := pool.Exec(ctx, sql); err != nil {
			return 0, 0, err
		}
	}
	near, err := nearest(ctx, pool, c)
	if err != nil {
		return 0, 0, err
	}
	var sum atomic.Int64
	errs := make([]error, skipWorkers)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range skipWorkers {
		wg.Go(func() {
			for n := -1; n != 0 && errs[i] == nil && ctx.Err() == nil; {
				var got int
				n, got, errs[i] = skipOne(ctx, pool, c, near)
				sum.Add(int64(got))
			}
		})
	}
	wg.Wait()
	for _, e := range errs {
		if e != nil {
			return sum.Load(), time.Since(began), e
		}
	}
	return sum.Load(), time.Since(began), ctx.Err()
}

// nearest lists each region's sites, the nearest first, by their numbers.
func nearest(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign) (map[string][]int32, error) {
	rows, err := pool.Query(ctx, `SELECT code, id FROM site WHERE campaign_id = $1`, c.ID)
	if err != nil {
		return nil, err
	}
	ids := map[string]int32{}
	var code string
	var id int32
	if _, err := pgx.ForEachRow(rows, []any{&code, &id}, func() error { ids[code] = id; return nil }); err != nil {
		return nil, err
	}
	out := map[string][]int32{}
	for _, r := range c.Regions {
		for _, s := range booking.Nearest(c.Campaign, r.Code) {
			out[r.Code] = append(out[r.Code], ids[s])
		}
	}
	for code, id := range ids {
		out["site "+code] = []int32{id}
	}
	return out, nil
}

type skipped struct {
	id      [16]byte
	number  int64
	arrival time.Time
	tie     int64
	region  string
	wishes  []byte
	slot    int64
	starts  time.Time
}

const takeSQL = `
UPDATE slot SET taken = taken + 1 WHERE id = (SELECT id FROM slot WHERE site_id = $1 AND taken < capacity AND starts_at >= $2
    AND ($3::int[] IS NULL OR extract(dow FROM starts_at AT TIME ZONE 'Asia/Seoul') = ANY($3))
    AND ($4::int IS NULL OR extract(hour FROM starts_at AT TIME ZONE 'Asia/Seoul') < $4)
    ORDER BY starts_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, starts_at`

// skipOne takes and serves one batch.
func skipOne(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign, near map[string][]int32) (n, got int, err error) {
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; SET LOCAL enable_seqscan = off`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `DELETE FROM skip_todo WHERE number IN (SELECT number FROM skip_todo ORDER BY number LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING registration_id, number, arrival, tie, region, wishes`, skipBatch)
		if err != nil {
			return err
		}
		people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (skipped, error) {
			var p skipped
			return p, row.Scan(&p.id, &p.number, &p.arrival, &p.tie, &p.region, &p.wishes)
		})
		if err != nil {
			return err
		}
		n = len(people)
		served := people[:0]
		for _, p := range people {
			if err := p.take(ctx, tx, near); err != nil {
				return err
			}
			if p.slot != 0 {
				served = append(served, p)
			}
		}
		got = len(served)
		return writeServed(ctx, tx, c, served)
	})
	if err != nil {
		return n, got, fmt.Errorf("a batch with SKIP LOCKED: %w", err)
	}
	return n, got, nil
}

// take finds the first free slot at the person's sites.
func (p *skipped) take(ctx context.Context, tx pgx.Tx, near map[string][]int32) error {
	var w booking.Wishes
	if p.wishes != nil {
		if err := json.Unmarshal(p.wishes, &w); err != nil {
			return err
		}
	}
	sites := near[p.region]
	if len(w.Sites) > 0 {
		sites = nil
		for _, s := range w.Sites {
			sites = append(sites, near["site "+s]...)
		}
	}
	var days []int32
	for _, d := range w.Weekdays {
		days = append(days, int32(d))
	}
	var before *int32
	if len(w.Times) > 0 {
		hour := int32(w.Times[0].To / 60)
		before = &hour
	}
	from := time.Now().Add(24 * time.Hour)
	for _, s := range sites {
		err := tx.QueryRow(ctx, takeSQL, s, from, days, before).Scan(&p.slot, &p.starts)
		if err == nil || err != pgx.ErrNoRows { //nolint:errorlint // QueryRow returns it bare
			return err
		}
	}
	return nil
}

// writeServed writes the same rows as a round does.
func writeServed(ctx context.Context, tx pgx.Tx, c *desk.Campaign, served []skipped) error {
	if len(served) == 0 {
		return nil
	}
	n := len(served)
	id, slot, arrival, tie, starts := make([][16]byte, n), make([]int64, n), make([]time.Time, n), make([]int64, n), make([]time.Time, n)
	for i, p := range served {
		id[i], slot[i], arrival[i], tie[i], starts[i] = p.id, p.slot, p.arrival, p.tie, p.starts
	}
	_, err := tx.Exec(ctx, `
WITH made AS (
    INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
    SELECT $1, t.id, t.slot, $2, 0, 'offered', t.arrival, t.tie, $3, $3, 'bench' FROM unnest($4::uuid[], $5::bigint[], $6::timestamptz[], $7::bigint[]) AS t(id, slot, arrival, tie)
    RETURNING id, registration_id)
INSERT INTO message (campaign_id, registration_id, appointment_id, kind, dedup, reference, priority_at, due_at, useful_until, state_at, created_at)
SELECT $1, m.registration_id, m.id, 'offer', 'offer/' || m.id, 'AAAA', t.starts, $3, t.starts, $3, $3
FROM made m JOIN unnest($4::uuid[], $8::timestamptz[]) AS t(id, starts) ON t.id = m.registration_id`,
		c.ID, c.Queues["queue"].Pool, time.Now(), id, slot, arrival, tie, starts)
	return err
}
