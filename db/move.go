package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Mover moves people out of slots that are closing (ApplyOptions.Closing): the last in order lose a slot first. Each page is one transaction
// that moves people, tells them, and then lowers the capacity of what they left; killed anywhere, the next run goes on.
type Mover struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewMover makes a mover. page is how many people one transaction moves.
func NewMover(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Mover {
	return &Mover{pool: pool, campaigns: campaigns, page: page}
}

// Moved says how many people have another appointment now, and how many wait because nothing suited them.
type Moved struct{ Moved, Waiting int }

// Move moves everybody who must leave a slot of the campaign. progress is called after each page with the sum until then; nil: not.
func (m *Mover) Move(ctx context.Context, c *desk.Campaign, actor string, progress func(Moved)) (Moved, error) {
	var sum Moved
	r := &relocation{
		campaigns: m.campaigns, campaign: c, actor: actor, kind: words.Moved, cause: "moved", why: func(site string) string { return causeOf(c, site) },
		attempts: []func(leaving, *booking.Waiting){func(leaving, *booking.Waiting) {}},
	}
	next := func(ctx context.Context, tx pgx.Tx) ([]int64, error) { return m.mustLeave(ctx, tx, r) }
	lower := func(ctx context.Context, tx pgx.Tx, _ bool) error { return m.lower(ctx, tx, r) }
	for ctx.Err() == nil {
		page, end, err := r.page(ctx, m.pool, next, lower)
		if err != nil {
			return sum, fmt.Errorf("move people: %w", err)
		}
		sum.Moved, sum.Waiting = sum.Moved+page.Moved, sum.Waiting+page.Waiting
		if end {
			return sum, nil
		}
		if progress != nil {
			progress(sum)
		}
	}
	return sum, ctx.Err()
}

// causeOf is why somebody must leave a site: it is no longer one of the campaign's, or it has less room.
func causeOf(c *desk.Campaign, site string) string {
	if _, ok := c.Site(site); !ok {
		return words.CauseSiteClosed
	}
	return words.CauseCapacity
}

// mustLeave finds who leaves next: of each closing slot the last in order, as many as are too many, and of these the first in order.
// What has begun meanwhile closes no more: those people are there.
func (m *Mover) mustLeave(ctx context.Context, tx pgx.Tx, r *relocation) ([]int64, error) {
	if _, err := tx.Exec(ctx, `UPDATE slot SET target = NULL WHERE campaign_id = $1 AND target IS NOT NULL AND starts_at <= $2`, r.campaign.ID, r.now); err != nil {
		return nil, err
	}
	return collect(ctx, tx, pgx.RowTo[int64], `SELECT id FROM (`+leaveSQL+`) t ORDER BY last FETCH FIRST $2 ROWS WITH TIES`, r.campaign.ID, m.page)
}

// leaveSQL: last is the key of the last who leaves the slot with somebody, of a household. So no page parts them.
const leaveSQL = `
SELECT id, first_value(key) OVER (PARTITION BY slot_id, party ORDER BY key DESC) AS last FROM (
    SELECT a.id, a.slot_id, k.key, coalesce(CASE WHEN a.dose = 1 THEN r.wishes->'Household'->>'Code' END, a.id::text) AS party, s.taken - s.target AS excess,
        row_number() OVER (PARTITION BY s.id ORDER BY k.key DESC, a.id DESC) AS n
    FROM slot s JOIN appointment a ON a.slot_id = s.id AND a.state IN ('offered', 'confirmed')
    JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
    JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id CROSS JOIN LATERAL (SELECT (p.arrival, p.tie, p.registration_id) AS key) k
    WHERE s.campaign_id = $1 AND s.target IS NOT NULL) t
WHERE n <= excess`

// lastEvent is the last event that there is, of any appointment: what comes after it comes after what this transaction has locked.
const lastEvent = `(SELECT ` + takenSQL + ` FROM appointment_event_id_seq)`

// lower takes away what the people left behind.
func (m *Mover) lower(ctx context.Context, tx pgx.Tx, r *relocation) error {
	_, err := tx.Exec(ctx, `
WITH closing AS (SELECT id FROM slot WHERE campaign_id = $1 AND target IS NOT NULL ORDER BY id FOR UPDATE)
UPDATE slot s SET capacity = greatest(s.target, s.taken), target = CASE WHEN s.taken > s.target THEN s.target END, lowered_after = `+lastEvent+`,
    gained = greatest(0, greatest(s.target, s.taken) - s.taken),
    reserved = least(s.reserved, greatest(s.target, s.taken))
FROM closing c WHERE s.id = c.id AND (s.capacity <> greatest(s.target, s.taken) OR s.taken <= s.target)`, r.campaign.ID)
	return err
}
