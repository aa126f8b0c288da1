package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// toldLately is how long somebody who was told of their appointment needs no reminder of it.
const toldLately = 6 * time.Hour

// Reminder reminds people of their appointments (booking.Reminding). Each day's appointments are gone through once for each reminder, in
// the order of their starts, in pages whose cursor stands in PostgreSQL. Whoever gets a place in the part that was gone through
// already was told of it then. An appointment that takes another's place is another one, and is reminded of by itself.
type Reminder struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewReminder makes a reminder. page is how many appointments one transaction looks at.
func NewReminder(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Reminder {
	return &Reminder{pool: pool, campaigns: campaigns, page: page}
}

// Remind makes the reminders that are due by now and returns how many. Several at once are harmless.
func (r *Reminder) Remind(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, c := range r.campaigns.All() {
		if c.Over(now) || c.Limits.WithDefaults().Quiet(now.In(c.Zone)) {
			continue
		}
		for _, when := range c.RemindedAt() {
			n, err := r.walk(ctx, c, when, now)
			total += n
			if err != nil {
				return total, fmt.Errorf("remind of appointments: %w", err)
			}
		}
	}
	return total, ctx.Err()
}

// walk goes through the day whose reminders may be due: tomorrow's on the day before, today's in the morning. What was not reminded of on
// the day before by its end never is: the morning comes.
func (r *Reminder) walk(ctx context.Context, c *desk.Campaign, when booking.Reminding, now time.Time) (int, error) {
	day := booking.DateOf(now, c.Zone)
	if when == booking.DayBefore {
		day = day.Add(1)
	}
	total := 0
	for ctx.Err() == nil {
		n, more, err := r.remindPage(ctx, c, when, day, now)
		total += n
		if err != nil || !more {
			return total, err
		}
	}
	return total, ctx.Err()
}

// coming is an appointment that somebody may have to be reminded of.
type coming struct {
	appointment int64
	entry       booking.ID
	slot        int64
	starts      time.Time
	told        bool // lately, or is about to be; or is not to be
}

// due reports whether the reminder's hour has come. One that never comes for this start is passed over.
func (h coming) due(c *desk.Campaign, when booking.Reminding, now time.Time) (remind, wait bool) {
	at, ok := when.At(h.starts, c.Limits, c.Zone)
	return ok && !at.After(now) && !h.told && now.Before(h.starts), ok && at.After(now)
}

func (r *Reminder) remindPage(ctx context.Context, c *desk.Campaign, when booking.Reminding, day booking.Date, now time.Time) (reminded int, more bool, err error) {
	err = writeWithin(ctx, r.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		reminded, more = 0, false
		all, err := readComing(ctx, tx, c, when, day, now, r.page)
		if err != nil || len(all) == 0 {
			return err
		}
		var messages []desk.Message
		var last *coming
		for i := range all {
			h := &all[i]
			remind, wait := h.due(c, when, now)
			if wait {
				break // and so do all who start later
			}
			last = h
			if remind {
				messages = append(messages, desk.Message{
					Campaign: c.ID, Entry: &h.entry, Appointment: h.appointment, Kind: string(words.Reminder), Dedup: fmt.Sprintf("remind/%d/%s", h.appointment, when),
					Due: now, UsefulUntil: h.starts,
				})
			}
		}
		if last == nil {
			return nil
		}
		reminded, more = len(messages), last == &all[len(all)-1] && len(all) == r.page
		if err := insertMessages(ctx, tx, r.campaigns, messages, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE reminder_walk SET after_start = $4, after_slot = $5, after_id = $6 WHERE campaign_id = $1 AND reminder = $2 AND day = $3`,
			c.ID, string(when), day.UTC(), last.starts, last.slot, last.appointment)
		return err
	})
	return reminded, more, err
}

// readComing reads the next appointments of a day, and holds the walk.
func readComing(ctx context.Context, tx pgx.Tx, c *desk.Campaign, when booking.Reminding, day booking.Date, now time.Time, limit int) ([]coming, error) {
	from, to := day.In(c.Zone), day.Add(1).In(c.Zone)
	if first, ok := when.At(to.Add(-time.Minute), c.Limits, c.Zone); when == booking.DayBefore && (!ok || first.After(now)) {
		return nil, nil // a day's are due together
	}
	var after coming
	if _, err := tx.Exec(ctx, `INSERT INTO reminder_walk (campaign_id, reminder, day, after_start) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		c.ID, string(when), day.UTC(), from); err != nil {
		return nil, err
	}
	if err := tx.QueryRow(ctx, `SELECT after_start, after_slot, after_id FROM reminder_walk WHERE campaign_id = $1 AND reminder = $2 AND day = $3 FOR UPDATE`,
		c.ID, string(when), day.UTC()).Scan(&after.starts, &after.slot, &after.appointment); err != nil {
		return nil, err
	}
	return collect(ctx, tx, func(row pgx.CollectableRow) (h coming, err error) {
		err = row.Scan(&h.appointment, (*[16]byte)(&h.entry), &h.slot, &h.starts, &h.told)
		return h, err
	}, `
SELECT a.id, a.registration_id, s.id, s.starts_at, EXISTS (
        SELECT FROM message m WHERE m.campaign_id = a.campaign_id AND m.registration_id = a.registration_id AND m.appointment_id = a.id AND m.helper_id IS NULL
            AND m.kind IN ('offer', 'changed', 'moved', 'redated', 'confirmed', 'reminder')
            AND (m.created_at > $7 OR m.state IN ('pending', 'queued', 'sending', 'unknown')
                OR EXISTS (SELECT FROM send_attempt t WHERE t.message_id = m.id AND t.claimed_at > $7)))
    OR EXISTS (SELECT FROM refusal f WHERE f.campaign_id = a.campaign_id AND f.registration_id = a.registration_id AND f.undone_at IS NULL)
    OR `+stoppedOf("a.campaign_id", "a.registration_id")+`
FROM slot s JOIN appointment a ON a.slot_id = s.id AND a.state IN ('offered', 'confirmed')
WHERE s.campaign_id = $1 AND (s.starts_at, s.id) >= ($2, $3) AND (s.starts_at, s.id, a.id) > ($2, $3, $4) AND s.starts_at < $5
ORDER BY s.starts_at, s.id, a.id LIMIT $6`, c.ID, after.starts, after.slot, after.appointment, to, limit, now.Add(-toldLately))
}
