package db

import (
	"context"
	"errors"
	"fmt"
	"time"

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
		// Whoever withdrew after the appointment had begun has come, or not, all the same.
		if err := lockForRounds(ctx, tx, c); err != nil && booking.CodeOf(err) != booking.CodeConflict {
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
			if k.Series.NextDose(dose) == 0 {
				return nil
			}
			return waitFor(ctx, tx, k, []int64{id}, following)
		}
		m := desk.Message{Appointment: id}
		if k.Series != nil {
			if err := waitFor(ctx, tx, k, []int64{id}, another); err != nil {
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
	case !booking.CanMark(to, starts, ends, c.At, k.Zone):
		return 0, 0, booking.Fail(booking.CodeConflict, nil)
	}
	return id, dose, becomes(ctx, tx, c, id, state, to)
}
