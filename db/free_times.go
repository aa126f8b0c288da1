package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// freeTimesSQL counts a site's seats as a round does that begins now (freeSQL, Board.Add): neither taken nor closing nor kept by a
// reserve, with something left of the supply that covers them, and not too soon for everybody whom the pool serves. It goes along the
// unique index (site_id, starts_at), so that it costs what the site has ahead, whatever the nation has. The instant is in the answer also
// where nothing is free.
const freeTimesSQL = `
WITH t AS MATERIALIZED (SELECT clock_timestamp() AS now)
SELECT t.now, f.starts_at, f.ends_at, f.pool_id, f.free FROM t LEFT JOIN LATERAL (
    SELECT s.starts_at, s.ends_at, s.pool_id, n.free::bigint FROM site si JOIN slot s ON s.site_id = si.id
    JOIN unnest($3::int[], $4::interval[]) AS p(id, notice) ON p.id = s.pool_id
    LEFT JOIN supply u ON u.id = s.supply_id
    CROSS JOIN LATERAL (SELECT least(` + freeSeats + ` - ` + keptSeats + `, u.doses - u.taken) AS free) n
    WHERE si.campaign_id = $1 AND si.code = $2 AND s.starts_at > t.now AND s.starts_at >= t.now + p.notice AND n.free > 0
    ORDER BY s.starts_at LIMIT $5) f ON true
ORDER BY f.starts_at`

// FreeTimes implements desk.Book. It locks nothing and waits for nobody.
func (b *Book) FreeTimes(ctx context.Context, campaign int32, site string, notice map[int32]time.Duration, limit int) (desk.FreeTimes, error) {
	pools := sortedKeys(notice)
	soonest := make([]time.Duration, len(pools))
	for i, id := range pools {
		soonest[i] = notice[id]
	}
	var out desk.FreeTimes
	rows, err := b.pool.Query(ctx, freeTimesSQL, campaign, site, pools, soonest, limit)
	if err != nil {
		return out, fmt.Errorf("count what is free at a site: %w", err)
	}
	var starts, ends *time.Time
	var pool *int32
	var free *int64
	_, err = pgx.ForEachRow(rows, []any{&out.AsOf, &starts, &ends, &pool, &free}, func() error {
		if starts != nil {
			out.Times = append(out.Times, desk.FreeTime{Starts: *starts, Ends: *ends, Pool: *pool, Free: *free})
		}
		return nil
	})
	if err != nil {
		return desk.FreeTimes{}, fmt.Errorf("count what is free at a site: %w", err)
	}
	return out, nil
}
