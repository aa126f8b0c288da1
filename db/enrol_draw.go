package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// serialWindow is how many serials one look at a queue before its draw goes through.
const serialWindow = 20_000

// enrolAfter is how old an entry must be, so that those stored before it can be seen too: longer than a short write lasts.
const enrolAfter = 10 * time.Second

// enrolBeforeDraw enrols people of a queue that waits for its draw, by their serials: nobody has a place, and nobody should
// wait days for a first text. It may miss who became visible late. After the draw everybody is gone through again, by the
// places, and whatever was done already is not done twice.
func (e *Enroller) enrolBeforeDraw(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32, now time.Time, limit int) (int, error) {
	var from, head int64
	err := tx.QueryRow(ctx, `SELECT e.serial, `+takenSQL+` FROM enrol_cursor e JOIN draw d ON d.queue_id = e.queue_id AND d.drawn_at IS NULL, registration_serial_seq s
		WHERE e.queue_id = $1`, queue).Scan(&from, &head)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && from >= head {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	to, old := min(from+serialWindow, head), now.Add(-enrolAfter)
	last, err := lastEnrolled(ctx, tx, from, to, old)
	if err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `SELECT `+newcomerColumns+` FROM registration r WHERE r.serial > $2 AND r.serial <= $3 AND r.stored_at < $5
		AND r.queue_id = $1 AND r.alias_of IS NULL AND r.withdrawn_at IS NULL ORDER BY r.serial LIMIT $4 FOR UPDATE`, queue, from, to, limit, old)
	if err != nil {
		return 0, err
	}
	people, err := collectNewcomers(rows)
	if err != nil {
		return 0, err
	}
	if len(people) > 0 {
		if err := e.enrol(ctx, tx, c, people, now); err != nil {
			return 0, err
		}
	}
	if len(people) == limit {
		id := [16]byte(people[limit-1].id)
		if err := tx.QueryRow(ctx, `SELECT serial FROM registration WHERE campaign_id = $1 AND id = $2`, c.ID, id).Scan(&last); err != nil {
			return 0, err
		}
	}
	_, err = tx.Exec(ctx, `UPDATE enrol_cursor SET serial = $2 WHERE queue_id = $1 AND serial < $2`, queue, last)
	return len(people), err
}

// lastEnrolled is up to which serial of a stretch everything is old enough to be seen: writes under way have ended.
func lastEnrolled(ctx context.Context, tx pgx.Tx, from, to int64, old time.Time) (int64, error) {
	var last int64
	err := tx.QueryRow(ctx, `SELECT coalesce(min(serial) FILTER (WHERE stored_at >= $3) - 1, $2) FROM registration WHERE serial > $1 AND serial <= $2`,
		from, to, old).Scan(&last)
	return last, err
}
