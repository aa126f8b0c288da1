package db

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// Brake is something that stands still. Read with docs/decisions/0021-brakes.md.
type Brake struct {
	Campaign string        `json:"campaign"`
	What     booking.Brake `json:"what"`
	Since    time.Time     `json:"since"`
	Actor    string        `json:"actor"`
	Reason   string        `json:"reason"`
}

// mostReason is how many characters a reason may have; the table has the same bound.
const mostReason = 500

// SetBrake stops a part of a campaign's work, and reports whether that was new: what is braked already keeps its first
// operator and reason. Both are kept in the audit trail.
func SetBrake(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign, what booking.Brake, reason, actor string, at time.Time) (bool, error) {
	if !utf8.ValidString(reason) || utf8.RuneCountInString(reason) > mostReason {
		return false, fmt.Errorf("a reason has at most %d characters; this one has %d", mostReason, utf8.RuneCountInString(reason))
	}
	return setBrake(ctx, pool, c, "brake.on", `INSERT INTO brake (campaign_id, what, since, actor, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		what, reason, actor, at, at, actor, reason)
}

// ReleaseBrake lets a part of a campaign's work go on, and reports whether it stood still.
func ReleaseBrake(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign, what booking.Brake, reason, actor string, at time.Time) (bool, error) {
	return setBrake(ctx, pool, c, "brake.off", `DELETE FROM brake WHERE campaign_id = $1 AND what = $2`, what, reason, actor, at)
}

// setBrake runs sql with the campaign, the brake and further arguments, and notes it in the audit trail if it changed something.
func setBrake(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign, act, sql string, what booking.Brake, reason, actor string, at time.Time, further ...any) (bool, error) {
	changed := false
	err := write(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, append([]any{c.ID, string(what)}, further...)...)
		changed = tag.RowsAffected() > 0
		if err != nil || !changed {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, $2, $3, $4, $5)`,
			c.ID, at, actor, act, map[string]any{"what": what, "reason": reason})
		return err
	})
	if err != nil {
		return false, fmt.Errorf("%s %s of campaign %s: %w", act, what, c.Slug, err)
	}
	return changed, nil
}

// ListBrakes lists what stands still, of one campaign or, with an empty slug, of all.
func ListBrakes(ctx context.Context, pool *pgxpool.Pool, slug string) ([]Brake, error) {
	out, err := collect(ctx, pool, pgx.RowToStructByPos[Brake], `SELECT c.slug, b.what, b.since, b.actor, b.reason FROM brake b JOIN campaign c ON c.id = b.campaign_id
		WHERE $1 = '' OR c.slug = $1 ORDER BY c.slug, b.since, b.what`, slug)
	if err != nil {
		return nil, fmt.Errorf("list the brakes: %w", err)
	}
	return out, nil
}

// AwaitPages waits until no page of a round that began before the call is being written: from then on a brake on rounds
// that stood before the call holds everywhere. still is true if one has not ended within most.
func AwaitPages(ctx context.Context, pool *pgxpool.Pool, c *desk.Campaign, most time.Duration) (still bool, err error) {
	err = writeWithin(ctx, pool, most+writeTimeout, func(ctx context.Context, tx pgx.Tx) error {
		still = false
		if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", most.Milliseconds())); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `SELECT FROM pool WHERE campaign_id = $1 ORDER BY id FOR UPDATE`, c.ID)
		return err
	})
	if sqlState(err) == pgerrcode.LockNotAvailable {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("wait for the rounds of campaign %s: %w", c.Slug, err)
	}
	return still, nil
}

// UnderWay is how many of a campaign's texts the provider is being given at this moment. A brake cannot call them back.
func (o *Outbox) UnderWay(ctx context.Context, campaign int32) (int, error) {
	var n int
	err := o.pool.QueryRow(ctx, `SELECT count(*) FROM message WHERE campaign_id = $1 AND state = 'sending'`, campaign).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the texts under way: %w", err)
	}
	return n, nil
}

// braked asks the database, and not the memory, whether something stands still: memory may be some seconds old.
func braked(ctx context.Context, tx pgx.Tx, campaign int32, what booking.Brake) (bool, error) {
	var on bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM brake WHERE campaign_id = $1 AND what = $2)`, campaign, string(what)).Scan(&on)
	return on, err
}
