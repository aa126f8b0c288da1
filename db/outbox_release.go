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
// Campaigns that share a route take turns, after what is urgent in any of them: none keeps it from the others.
// every is the time between two releases; an allowance for two of them may gather. After the commit a campaign's messages are
// handed on together; hand says how many it took. What it did not take stays queued, and Sweep brings it back.
func (o *Outbox) Release(ctx context.Context, at time.Time, routes desk.Routes, window int, every time.Duration,
	hand func(ctx context.Context, ms []desk.Released) (int, error),
) (int, error) {
	total := 0
	var errs []error
	release := func(c *desk.Campaign, still bool) error {
		out, err := o.releaseCampaign(ctx, c, at, routes, still, window, every)
		if err != nil {
			errs = append(errs, fmt.Errorf("release messages of campaign %d: %w", c.ID, err))
		}
		if len(out) == 0 {
			return nil
		}
		n, err := hand(ctx, out)
		if total += n; err != nil {
			return fmt.Errorf("hand over %d of %d messages: %w", len(out)-n, len(out), err)
		}
		return nil
	}
	campaigns := inTurn(o.campaigns.All(), at, every)
	if len(campaigns) > 1 { // of one, the urgent ones come first anyway
		for _, c := range campaigns {
			if err := release(c, true); err != nil {
				return total, errors.Join(append(errs, err)...)
			}
		}
	}
	for _, c := range campaigns {
		if err := release(c, c.Limits.WithDefaults().Quiet(at.In(c.Zone))); err != nil {
			return total, errors.Join(append(errs, err)...)
		}
	}
	return total, errors.Join(errs...)
}

// inTurn begins with another campaign at each release.
func inTurn(all []*desk.Campaign, at time.Time, every time.Duration) []*desk.Campaign {
	if len(all) < 2 {
		return all
	}
	first := int(at.UnixNano() / int64(max(every, 1)) % int64(len(all)))
	return slices.Concat(all[first:], all[:first])
}

// releaseCampaign releases a campaign's next messages, with still only urgent ones.
func (o *Outbox) releaseCampaign(ctx context.Context, c *desk.Campaign, at time.Time, routes desk.Routes, still bool, window int, every time.Duration) ([]desk.Released, error) {
	limits := c.Limits.WithDefaults()
	var out []desk.Released
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		out = nil
		if any, err := anythingDue(ctx, tx, c.ID, at, still); err != nil || !any {
			return err
		}
		b, quota, err := allowance(ctx, tx, c, limits, at, window, every)
		if err != nil || quota <= 0 {
			return err
		}
		next, err := nextOfLanes(ctx, tx, c.ID, routes, at, still, quota)
		if err != nil || len(next) == 0 {
			return err
		}
		if out, err = release(ctx, tx, routes, next, at); err != nil {
			return err
		}
		return b.take(ctx, tx, c, len(out), at)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// anythingDue keeps an idle campaign from costing more than a look. Where many wait for a later time the look is at the lanes' index; urgent ones stand
// at the head of each lane.
func anythingDue(ctx context.Context, tx pgx.Tx, campaign int32, at time.Time, still bool) (bool, error) {
	if err := byIndex(ctx, tx); err != nil {
		return false, err
	}
	any := `SELECT EXISTS (SELECT FROM message WHERE campaign_id = $1 AND state = 'pending' AND due_at <= $2)`
	if still {
		any = lanesSQL + `SELECT EXISTS (SELECT FROM l CROSS JOIN LATERAL (SELECT FROM message m
    WHERE m.campaign_id = $1 AND coalesce(m.route, '') = l.name AND m.state = 'pending' AND m.urgent AND m.due_at <= $2 LIMIT 1) head)`
	}
	var due bool
	err := tx.QueryRow(ctx, any+` AND NOT EXISTS (SELECT FROM brake WHERE campaign_id = $1 AND what = 'sending')`, campaign, at).Scan(&due)
	return due, err
}

// aheadMost is how far paced_at may lie ahead of us before it counts as one of a clock that was set back since.
const aheadMost = 2 * time.Minute

// bucket is a campaign's allowance of texts, which fills with time.
type bucket struct {
	allowance float64
	pacedAt   time.Time
}

// allowance says how many messages may be released now. Releases of one campaign happen one after the other. The row of the day's spending is not
// held meanwhile, because claims need it. A bucket that was filled far ahead is from before PostgreSQL's clock was set back, and begins anew.
func allowance(ctx context.Context, tx pgx.Tx, c *desk.Campaign, l booking.Limits, at time.Time, window int, every time.Duration) (bucket, int, error) {
	if err := lockName(ctx, tx, fmt.Sprintf("release/%d", c.ID)); err != nil {
		return bucket{}, 0, err
	}
	rate := float64(l.TextsPerSecond)
	b := bucket{allowance: math.Max(1, rate*2*every.Seconds()), pacedAt: at}
	var spent, underway int
	var left *float64
	var paced *time.Time
	err := tx.QueryRow(ctx, `SELECT coalesce(s.texts, 0), s.allowance, s.paced_at, (SELECT count(*) FROM message WHERE campaign_id = $1 AND state IN ('queued', 'sending'))
		FROM (SELECT 1) one LEFT JOIN spend s ON s.campaign_id = $1 AND s.day = $2`, c.ID, dayOf(c, at)).Scan(&spent, &left, &paced, &underway)
	if err != nil {
		return b, 0, err
	}
	if spent >= l.TextsPerDay {
		return b, 0, alarmCap(ctx, tx, c, actorRelay, at)
	}
	if paced != nil && !paced.After(at.Add(aheadMost)) {
		b.allowance = math.Min(b.allowance, *left+rate*max(0, at.Sub(*paced)).Seconds())
		if paced.After(at) {
			b.pacedAt = *paced
		}
	}
	return b, min(window-underway, int(math.Floor(b.allowance)), l.TextsPerDay-spent), nil
}

// take stores that n messages were released.
func (b bucket) take(ctx context.Context, tx pgx.Tx, c *desk.Campaign, n int, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO spend (campaign_id, day, allowance, paced_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign_id, day) DO UPDATE SET allowance = EXCLUDED.allowance, paced_at = EXCLUDED.paced_at`, c.ID, dayOf(c, at), b.allowance-float64(n), b.pacedAt)
	return err
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
