package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// A draw has four steps: the commitment (draw_apply.go, before the opening), the list's digest (CloseDraw, after the
// window), the public value (RunDraw), and the numbers (seal_draw.go). The database takes each once, in this order.

const (
	// DrawGrace is how long after the window and the settle time a list stays open, for arrival stamps that come back and
	// journals that are replayed. What comes later still is placed by its lot, and marked late.
	DrawGrace = 10 * time.Minute
	// drawLimit bounds the making of a list of millions.
	drawLimit = 5 * time.Minute
	// listPart is how many ids one row of a list holds.
	listPart = 50_000
)

var (
	// ErrDraw is returned for a step of a draw that is not its turn yet, or was taken already.
	ErrDraw = errors.New("the draw is not at this step")
	// ErrNoDraw is returned for a queue that is not drawn.
	ErrNoDraw = errors.New("no such draw")
)

// DrawState is a draw as it stands.
type DrawState struct {
	booking.DrawRule
	Commitment  []byte
	Digest      []byte // nil before the list is closed
	Entries     int64  // of the list
	ListedAt    time.Time
	Value       string // "" before the draw
	DrawnAt     time.Time
	CommittedAt time.Time
	Secret      booking.DrawSecret // open, whoever has the keys
}

// drawnQueue finds a campaign and the id of its queue.
func drawnQueue(campaigns desk.Campaigns, slug, queue string) (*desk.Campaign, int32, error) {
	c, err := campaigns.BySlug(slug)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: there is no campaign %q", ErrNoDraw, slug)
	}
	q, ok := c.Queues[queue]
	if !ok {
		return nil, 0, fmt.Errorf("%w: campaign %s has no queue %q", ErrNoDraw, slug, queue)
	}
	return c, q.ID, nil
}

// readDraw reads a draw and, with lock, keeps others from taking a step. It returns ErrNoDraw.
func readDraw(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32, lock string) (DrawState, error) {
	var d DrawState
	var secret []byte
	var entries *int64
	var listed, drawn *time.Time
	var value *string
	err := tx.QueryRow(ctx, `SELECT opens_at, window_closes, public_value_name, secret_ct, commitment, committed_at, list_digest, entries, listed_at, public_value, drawn_at
		FROM draw WHERE queue_id = $1 `+lock, queue).Scan(&d.Opens, &d.Window, &d.PublicValue, &secret, &d.Commitment, &d.CommittedAt, &d.Digest, &entries,
		&listed, &value, &drawn)
	if errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("%w: the queue goes by arrival", ErrNoDraw)
	}
	if err != nil {
		return d, err
	}
	if listed != nil && entries != nil {
		d.ListedAt, d.Entries = *listed, *entries
	}
	if drawn != nil && value != nil {
		d.DrawnAt, d.Value = *drawn, *value
	}
	d.Secret, err = openDrawSecret(c, queue, secret)
	return d, err
}

// inDraw runs a step of a draw in one transaction of its own limits.
func inDraw(ctx context.Context, pool *pgxpool.Pool, f func(ctx context.Context, tx pgx.Tx) error) error {
	return writeWithin(ctx, pool, drawLimit, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`); err != nil { // millions are hashed between two statements
			return err
		}
		return f(ctx, tx)
	})
}

// CloseDraw closes the list of a queue: whoever arrived in the window and is stored by now. It writes the list and its
// digest, which the queue's public document shows from then on. It is refused (ErrDraw) until DrawGrace after the window
// has settled. Closing twice changes nothing. It returns ErrNoDraw or ErrDraw.
func CloseDraw(ctx context.Context, pool *pgxpool.Pool, campaigns desk.Campaigns, slug, queue, actor string) (DrawState, error) {
	c, id, err := drawnQueue(campaigns, slug, queue)
	if err != nil {
		return DrawState{}, err
	}
	var d DrawState
	err = inDraw(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		if d, err = readDraw(ctx, tx, c, id, "FOR UPDATE"); err != nil || d.Digest != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&d.ListedAt); err != nil {
			return err
		}
		if from := d.Window.Add(c.Settle + DrawGrace); d.ListedAt.Before(from) {
			return fmt.Errorf("%w: the list stays open until %s, for applications that are still on their way", ErrDraw, from.In(c.Zone).Format("2006-01-02 15:04:05 MST"))
		}
		ids, err := listed(ctx, tx, c, id, d.Window)
		if err != nil {
			return err
		}
		digest := booking.DrawListDigest(ids)
		d.Digest, d.Entries = digest[:], int64(len(ids))
		if err := writeList(ctx, tx, id, ids); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
WITH d AS (UPDATE draw SET list_digest = $2, entries = $3, listed_at = $4, listed_by = $5 WHERE queue_id = $1)
INSERT INTO audit_log (campaign_id, at, actor, act, detail)
VALUES ($6, $4, $5, 'draw.close', jsonb_build_object('queue', $7::text, 'digest', encode($2, 'hex'), 'entries', $3::int))`,
			id, d.Digest, d.Entries, d.ListedAt, actor, c.ID, queue)
		return err
	})
	if err != nil {
		return DrawState{}, fmt.Errorf("close the list of queue %s: %w", queue, err)
	}
	return d, nil
}

// listed reads who takes part, by draw id.
func listed(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32, window time.Time) ([]booking.DrawID, error) {
	return collect(ctx, tx, func(row pgx.CollectableRow) (booking.DrawID, error) {
		var id booking.ID
		err := row.Scan((*[16]byte)(&id))
		return c.Keys.DrawID(id), err
	}, `SELECT id FROM registration WHERE campaign_id = $1 AND queue_id = $2 AND arrival < $3 AND alias_of IS NULL AND withdrawn_at IS NULL`, c.ID, queue, window)
}

// writeList stores a sorted list.
func writeList(ctx context.Context, tx pgx.Tx, queue int32, ids []booking.DrawID) error {
	part := 0
	for page := range slices.Chunk(ids, listPart) {
		var b bytes.Buffer
		for _, id := range page {
			b.Write(id[:])
		}
		if _, err := tx.Exec(ctx, `INSERT INTO draw_list (queue_id, part, ids) VALUES ($1, $2, $3)`, queue, part, b.Bytes()); err != nil {
			return err
		}
		part++
	}
	return nil
}

// RunDraw takes the public value, after the list's digest was published. From then on the sealer numbers the entries by
// their lots. The same value again changes nothing; another one is refused. It returns ErrNoDraw, ErrDraw or
// booking.ErrPublicValue.
func RunDraw(ctx context.Context, pool *pgxpool.Pool, campaigns desk.Campaigns, slug, queue, value, actor string) (DrawState, error) {
	c, id, err := drawnQueue(campaigns, slug, queue)
	if err != nil {
		return DrawState{}, err
	}
	if value, err = booking.PublicValue(value); err != nil {
		return DrawState{}, err
	}
	var d DrawState
	err = inDraw(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		d, err = readDraw(ctx, tx, c, id, "FOR UPDATE")
		switch {
		case err != nil:
			return err
		case d.Digest == nil:
			return fmt.Errorf("%w: the list is not closed yet, and its digest must be public before the value is known", ErrDraw)
		case d.Value == value:
			return nil
		case d.Value != "":
			return fmt.Errorf("%w: it was drawn with %q", ErrDraw, d.Value)
		}
		d.Value = value
		return tx.QueryRow(ctx, `
WITH d AS (UPDATE draw SET public_value = $2, drawn_at = clock_timestamp(), drawn_by = $3 WHERE queue_id = $1 RETURNING drawn_at), trail AS (
    INSERT INTO audit_log (campaign_id, at, actor, act, detail)
    SELECT $4, d.drawn_at, $3, 'draw.run', jsonb_build_object('queue', $5::text, 'value', $2::text) FROM d)
SELECT drawn_at FROM d`, id, value, actor, c.ID, queue).Scan(&d.DrawnAt)
	})
	if err != nil {
		return DrawState{}, fmt.Errorf("draw queue %s: %w", queue, err)
	}
	return d, nil
}
