package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Mark implements desk.Book.
func (b *Book) Mark(ctx context.Context, c desk.Change, to booking.AppointmentState) error {
	return b.once(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
		k, err := b.campaigns.ByID(c.Campaign)
		if err != nil {
			return err
		}
		if err := lockPool(ctx, tx, c); err != nil {
			return err
		}
		// Whoever withdrew after the appointment had begun has come, or not, all the same.
		if err := lockEntry(ctx, tx, c); err != nil && booking.CodeOf(err) != booking.CodeConflict {
			return err
		}
		id, dose, err := b.markOne(ctx, tx, c, k, to)
		if err != nil || id == 0 {
			return err
		}
		// A wish for another time than the one that is past is over.
		if _, err := tx.Exec(ctx, `DELETE FROM waiting WHERE campaign_id = $1 AND registration_id = $2 AND swap_of = $3`, c.Campaign, [16]byte(c.ID), id); err != nil {
			return err
		}
		if to == booking.Attended {
			return nextDose(ctx, tx, k, id, dose)
		}
		m := desk.Message{Appointment: id}
		if k.Series != nil {
			if err := backToWaiting(ctx, tx, k, []int64{id}); err != nil {
				return err
			}
			m.Params = map[string]string{paramAgain: "yes"}
		}
		return b.tell(ctx, tx, c, words.Missed, fmt.Sprintf("missed/%d", id), m)
	})
}

// markOne marks the first open appointment. 0 means that the last one is marked like this already.
func (b *Book) markOne(ctx context.Context, tx pgx.Tx, c desk.Change, k *desk.Campaign, to booking.AppointmentState) (id int64, dose int, err error) {
	var state booking.AppointmentState
	var starts, ends time.Time
	err = tx.QueryRow(ctx, `
SELECT a.id, a.dose, a.state, s.starts_at, s.ends_at FROM appointment a JOIN slot s ON s.id = a.slot_id
WHERE a.campaign_id = $1 AND a.registration_id = $2 AND (a.state IN `+served+` OR a.state = 'missed')
ORDER BY a.state IN ('offered', 'confirmed') DESC, CASE WHEN a.state IN ('offered', 'confirmed') THEN s.starts_at END, a.id DESC LIMIT 1 FOR UPDATE OF a`,
		c.Campaign, [16]byte(c.ID)).Scan(&id, &dose, &state, &starts, &ends)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return 0, 0, booking.Fail(booking.CodeConflict, nil)
	case err != nil:
		return 0, 0, err
	case state == to:
		return 0, 0, nil
	case !state.CanBecome(to), !booking.CanMark(to, starts, ends, c.At, k.Zone):
		return 0, 0, booking.Fail(booking.CodeConflict, nil)
	}
	_, err = tx.Exec(ctx, `UPDATE appointment SET state = $2, changed_at = $3, changed_by = $4 WHERE id = $1`, id, to, c.At, c.Actor)
	if sqlState(err) == pgerrcode.CheckViolation {
		return 0, 0, booking.Fail(booking.CodeConflict, err)
	}
	if err != nil {
		return 0, 0, err
	}
	return id, dose, audit(ctx, tx, c, "appointment."+string(to), map[string]any{"appointment": id})
}

// nextDose lets the dose after an attended one wait, before all who are new: it is promised. Somebody who is marked twice has it
// already.
func nextDose(ctx context.Context, tx pgx.Tx, k *desk.Campaign, attended int64, dose int) error {
	next := k.Series.NextDose(dose)
	if next == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
INSERT INTO waiting (campaign_id, registration_id, dose, pool_id, queue_id, grade, arrival, tie, look, not_before, not_after, site)
SELECT a.campaign_id, a.registration_id, $2, q.pool_id, p.queue_id, 0, p.arrival, p.tie, true, (s.starts_at AT TIME ZONE $7 + $3::interval) AT TIME ZONE $7,
    (s.starts_at AT TIME ZONE $7 + $4::interval) AT TIME ZONE $7, CASE WHEN $5 AND si.code = ANY($6) THEN si.code ELSE '' END
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id JOIN queue q ON q.id = p.queue_id
WHERE a.id = $1 AND NOT EXISTS (SELECT FROM appointment n WHERE n.campaign_id = a.campaign_id AND n.registration_id = a.registration_id AND n.dose = $2 AND n.state IN `+served+`)
ON CONFLICT DO NOTHING`, append([]any{attended, next}, seriesArgs(k)...)...)
	return err
}
