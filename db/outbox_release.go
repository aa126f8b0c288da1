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
	"jari/booking/words"
)

const actorRelay = "job:relay"

// released is a message on its way to the task queue.
type released struct {
	id       int64
	n        int
	kind     words.Kind
	urgent   bool
	priority time.Time
}

// Release lets the next messages go: urgent ones first, then the earliest appointment, at most window per campaign under
// way at once, outside quiet hours unless urgent, and at most TextsPerSecond on average, however many workers release. Of a
// campaign whose sending is braked nothing goes, urgent or not.
// every is the time between two releases; an allowance for two of them may gather. After the commit each message is
// handed on; when that fails the rest stays queued and Sweep brings it back.
func (o *Outbox) Release(ctx context.Context, at time.Time, window int, every time.Duration,
	hand func(ctx context.Context, id int64, n int, kind words.Kind, urgent bool) error,
) (int, error) {
	total := 0
	var errs []error
	for _, c := range o.campaigns.All() {
		out, err := o.releaseCampaign(ctx, c, at, window, every)
		if err != nil {
			errs = append(errs, fmt.Errorf("release messages of campaign %d: %w", c.ID, err))
		}
		for i, m := range out {
			if err := hand(ctx, m.id, m.n, m.kind, m.urgent); err != nil {
				return total, errors.Join(append(errs, fmt.Errorf("hand over %d of %d messages: %w", len(out)-i, len(out), err))...)
			}
			total++
		}
	}
	return total, errors.Join(errs...)
}

func (o *Outbox) releaseCampaign(ctx context.Context, c *desk.Campaign, at time.Time, window int, every time.Duration) ([]released, error) {
	limits := c.Limits.WithDefaults()
	still := limits.Quiet(at.In(c.Zone))
	var any bool // an idle campaign costs no write
	if err := o.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM message WHERE campaign_id = $1 AND state = 'pending' AND due_at <= $2
		AND (urgent OR NOT $3)) AND NOT EXISTS (SELECT FROM brake WHERE campaign_id = $1 AND what = 'sending')`, c.ID, at, still).Scan(&any); err != nil || !any {
		return nil, err
	}
	var out []released
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		out = nil
		quota, err := allowance(ctx, tx, c, limits, at, window, every)
		if err != nil || quota <= 0 {
			return err
		}
		if out, err = release(ctx, tx, c.ID, at, still, quota); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE spend SET allowance = allowance - $3 WHERE campaign_id = $1 AND day = $2`, c.ID, dayOf(c, at), len(out))
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b released) int {
		if a.urgent != b.urgent {
			if a.urgent {
				return -1
			}
			return 1
		}
		return cmp.Or(a.priority.Compare(b.priority), cmp.Compare(a.id, b.id))
	})
	return out, nil
}

// allowance says how many messages may be released now. It fills the campaign's bucket for the time that has passed and
// holds the bucket's row, so that releases of one campaign happen one after the other. A bucket that was filled further ahead
// than a provider can ask us to wait is from before PostgreSQL's clock was set back, and begins anew.
func allowance(ctx context.Context, tx pgx.Tx, c *desk.Campaign, l booking.Limits, at time.Time, window int, every time.Duration) (int, error) {
	rate := float64(l.TextsPerSecond)
	burst := math.Max(1, rate*2*every.Seconds())
	var spent, allowed, underway int
	err := tx.QueryRow(ctx, `
INSERT INTO spend AS s (campaign_id, day, allowance, paced_at) VALUES ($1, $2, $3, $5)
ON CONFLICT (campaign_id, day) DO UPDATE SET
    allowance = CASE WHEN s.paced_at <= $6 THEN least($3, s.allowance + $4 * greatest(0, extract(epoch FROM $5::timestamptz - s.paced_at)::float8)) ELSE $3 END,
    paced_at = CASE WHEN s.paced_at <= $6 THEN greatest(s.paced_at, $5) ELSE $5 END
RETURNING texts, floor(allowance)::int`, c.ID, dayOf(c, at), burst, rate, at, at.Add(2*mostPause)).Scan(&spent, &allowed)
	if err != nil {
		return 0, err
	}
	if spent >= l.TextsPerDay {
		return 0, alarmCap(ctx, tx, c, actorRelay, at)
	}
	err = tx.QueryRow(ctx, `SELECT count(*) FROM message WHERE campaign_id = $1 AND state IN ('queued', 'sending')`, c.ID).Scan(&underway)
	return min(window-underway, allowed, l.TextsPerDay-spent), err
}

func release(ctx context.Context, tx pgx.Tx, campaign int32, at time.Time, still bool, quota int) ([]released, error) {
	rows, err := tx.Query(ctx, `
UPDATE message m SET state = 'queued', enqueued = m.enqueued + 1, state_at = $2
FROM (SELECT id FROM message WHERE campaign_id = $1 AND state = 'pending' AND due_at <= $2 AND (urgent OR NOT $3)
      ORDER BY urgent DESC, priority_at, id LIMIT $4 FOR UPDATE SKIP LOCKED) next
WHERE m.id = next.id
RETURNING m.id, m.enqueued, m.kind, m.urgent, m.priority_at`, campaign, at, still, quota)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (released, error) {
		var m released
		err := row.Scan(&m.id, &m.n, &m.kind, &m.urgent, &m.priority)
		return m, err
	})
}
