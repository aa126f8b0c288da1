package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

const actorRelay = "job:relay"

// Release lets the next messages go: urgent ones first, then the earliest appointment, at most window per campaign under
// way at once, outside quiet hours unless urgent, at most TextsPerSecond on average, however many workers release, and no more
// than each route takes soon (outbox_lane.go). Of a campaign whose sending is braked nothing goes, urgent or not.
// every is the time between two releases; an allowance for two of them may gather. After the commit a campaign's messages are
// handed on together; hand says how many it took. What it did not take stays queued, and Sweep brings it back.
func (o *Outbox) Release(ctx context.Context, at time.Time, routes desk.Routes, window int, every time.Duration,
	hand func(ctx context.Context, ms []desk.Released) (int, error),
) (int, error) {
	total := 0
	var errs []error
	for _, c := range o.campaigns.All() {
		out, err := o.releaseCampaign(ctx, c, at, routes, window, every)
		if err != nil {
			errs = append(errs, fmt.Errorf("release messages of campaign %d: %w", c.ID, err))
		}
		if len(out) == 0 {
			continue
		}
		n, err := hand(ctx, out)
		total += n
		if err != nil {
			return total, errors.Join(append(errs, fmt.Errorf("hand over %d of %d messages: %w", len(out)-n, len(out), err))...)
		}
	}
	return total, errors.Join(errs...)
}

func (o *Outbox) releaseCampaign(ctx context.Context, c *desk.Campaign, at time.Time, routes desk.Routes, window int, every time.Duration) ([]desk.Released, error) {
	limits := c.Limits.WithDefaults()
	still := limits.Quiet(at.In(c.Zone))
	var any bool // an idle campaign costs no write
	if err := o.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM message WHERE campaign_id = $1 AND state = 'pending' AND due_at <= $2
		AND (urgent OR NOT $3)) AND NOT EXISTS (SELECT FROM brake WHERE campaign_id = $1 AND what = 'sending')`, c.ID, at, still).Scan(&any); err != nil || !any {
		return nil, err
	}
	var out []desk.Released
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		out = nil
		quota, err := allowance(ctx, tx, c, limits, at, window, every)
		if err != nil || quota <= 0 {
			return err
		}
		if err := byIndex(ctx, tx); err != nil {
			return err
		}
		next, err := nextOfLanes(ctx, tx, c.ID, routes, at, still, quota)
		if err != nil || len(next) == 0 {
			return err
		}
		if out, err = release(ctx, tx, routes, next, at); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE spend SET allowance = allowance - $3 WHERE campaign_id = $1 AND day = $2`, c.ID, dayOf(c, at), len(out))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// aheadMost is how far paced_at may lie ahead of us before it counts as one of a clock that was set back since.
const aheadMost = 2 * time.Minute

// allowance says how many messages may be released now. It fills the campaign's bucket for the time that has passed and
// holds the bucket's row, so that releases of one campaign happen one after the other. A bucket that was filled far ahead
// is from before PostgreSQL's clock was set back, and begins anew.
func allowance(ctx context.Context, tx pgx.Tx, c *desk.Campaign, l booking.Limits, at time.Time, window int, every time.Duration) (int, error) {
	rate := float64(l.TextsPerSecond)
	burst := math.Max(1, rate*2*every.Seconds())
	var spent, allowed, underway int
	err := tx.QueryRow(ctx, `
INSERT INTO spend AS s (campaign_id, day, allowance, paced_at) VALUES ($1, $2, $3, $5)
ON CONFLICT (campaign_id, day) DO UPDATE SET
    allowance = CASE WHEN s.paced_at <= $6 THEN least($3, s.allowance + $4 * greatest(0, extract(epoch FROM $5::timestamptz - s.paced_at)::float8)) ELSE $3 END,
    paced_at = CASE WHEN s.paced_at <= $6 THEN greatest(s.paced_at, $5) ELSE $5 END
RETURNING texts, floor(allowance)::int`, c.ID, dayOf(c, at), burst, rate, at, at.Add(aheadMost)).Scan(&spent, &allowed)
	if err != nil {
		return 0, err
	}
	if spent >= l.TextsPerDay {
		return 0, alarmCap(ctx, tx, c, actorRelay, at)
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM message WHERE campaign_id = $1 AND state IN ('queued', 'sending')`, c.ID).Scan(&underway)
	return min(window-underway, allowed, l.TextsPerDay-spent), err
}

// release moves what is next to queued, in their order. Where there is only one route it is decided here, which saves the claim a write.
func release(ctx context.Context, tx pgx.Tx, routes desk.Routes, next []waitingText, at time.Time) ([]desk.Released, error) {
	ids := make([]int64, len(next))
	place := make(map[int64]int, len(next))
	for i, m := range next {
		ids[i], place[m.id] = m.id, i
	}
	var only *string
	if len(routes) == 1 {
		only = &routes[0].Name
	}
	out, err := collect(ctx, tx, func(row pgx.CollectableRow) (desk.Released, error) {
		var m desk.Released
		err := row.Scan(&m.Message, &m.N, &m.Kind, &m.Urgent, &m.Route)
		return m, err
	}, `UPDATE message SET state = 'queued', enqueued = enqueued + 1, state_at = $2, route = coalesce($3, route) WHERE id = ANY($1)
		RETURNING id, enqueued, kind, urgent, coalesce(route, '')`, ids, at, only)
	slices.SortFunc(out, func(a, b desk.Released) int { return cmp.Compare(place[a.Message], place[b.Message]) })
	return out, err
}
