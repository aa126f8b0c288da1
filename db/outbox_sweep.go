package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	sweepPage = 1000
	// stuckMost bounds the counting of stuck messages: beyond it the exact number does not matter.
	stuckMost = 10_000
)

// Sweep brings back what a lost task or a dead worker left behind: messages queued for longer than queued wait for their
// turn again, under a new task id; those being sent for longer than sending become unknown, and Reconcile asks. It returns
// how many there were of each. sending must be longer than a call to the provider can last.
func (o *Outbox) Sweep(ctx context.Context, at time.Time, queued, sending time.Duration) (requeued, unknown int, err error) {
	err = write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
UPDATE message SET state = 'pending', state_at = $1 WHERE id IN (
    SELECT id FROM message WHERE state = 'queued' AND state_at <= $2 ORDER BY state_at LIMIT $3 FOR UPDATE SKIP LOCKED)`,
			at, at.Add(-queued), sweepPage)
		if err != nil {
			return err
		}
		requeued = int(tag.RowsAffected())
		tag, err = tx.Exec(ctx, `
WITH lost AS (
    UPDATE message SET state = 'unknown', state_at = $1 WHERE id IN (
        SELECT id FROM message WHERE state = 'sending' AND state_at <= $2 ORDER BY state_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING id
), noted AS (
    UPDATE send_attempt SET outcome = 'unknown', finished_at = $1 WHERE message_id IN (SELECT id FROM lost) AND outcome = 'claimed'
)
SELECT FROM lost`, at, at.Add(-sending), sweepPage)
		unknown = int(tag.RowsAffected())
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("sweep messages: %w", err)
	}
	return requeued, unknown, nil
}

// Stuck counts, up to 10,000 each, messages that have not moved for older, by state ("pending" counts from when they were
// due), open escalations ("escalated"), and campaigns whose spend cap was reached in the last day ("capped").
func (o *Outbox) Stuck(ctx context.Context, at time.Time, older time.Duration) (map[string]int, error) {
	out := map[string]int{}
	count := func(name, sql string, args ...any) error {
		var n int
		err := o.pool.QueryRow(ctx, `SELECT count(*) FROM (`+sql+`) few`, args...).Scan(&n)
		out[name] = n
		return err
	}
	before := at.Add(-older)
	// The state stands in the text, so that the partial index on live states is used.
	for _, state := range []string{msgQueued, msgSending, msgUnknown, msgAccepted, "sent"} {
		if err := count(state, `SELECT FROM message WHERE state = '`+state+`' AND state_at <= $1 LIMIT $2`, before, stuckMost); err != nil {
			return nil, fmt.Errorf("count %s messages: %w", state, err)
		}
	}
	if err := count(msgPending, `SELECT FROM message WHERE state = 'pending' AND due_at <= $1 LIMIT $2`, before, stuckMost); err != nil {
		return nil, fmt.Errorf("count pending messages: %w", err)
	}
	if err := count("escalated", `SELECT FROM escalation WHERE closed_at IS NULL LIMIT $1`, stuckMost); err != nil {
		return nil, fmt.Errorf("count open escalations: %w", err)
	}
	if err := count("capped", `SELECT FROM spend WHERE day >= $1::date AND alarmed_at > $2 LIMIT $3`, at.Add(-48*time.Hour), at.Add(-24*time.Hour), stuckMost); err != nil {
		return nil, fmt.Errorf("count spend caps: %w", err)
	}
	return out, nil
}
