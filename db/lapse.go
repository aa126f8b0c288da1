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

// Lapser ends offers that nobody answered, in cohorts where silence does that. The clock of an offer begins when its text is known
// to have arrived and stops in quiet hours (booking.LapsesAt). Whoever the text did not reach has no clock.
//
// A page of deliveries gets its clocks, a page of clocks that have run out is looked at; each is one transaction, and several
// lapsers do no harm: the clocks' rows are locked, and what another one holds is left to it.
type Lapser struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewLapser makes a lapser. page is how many offers one transaction looks at.
func NewLapser(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Lapser {
	return &Lapser{pool: pool, campaigns: campaigns, page: page}
}

// Lapse ends all offers whose clock has run out by now, page by page, and returns how many.
func (l *Lapser) Lapse(ctx context.Context, actor string, now time.Time) (int, error) {
	total := 0
	for _, c := range l.campaigns.All() {
		if !lapses(c) || c.Braked(booking.BrakeSending) || c.Braked(booking.BrakeRounds) {
			continue // nobody loses a time by silence while we do not speak, or would give it to nobody
		}
		if err := l.wind(ctx, c); err != nil {
			return total, fmt.Errorf("start the clocks of offers: %w", err)
		}
		for ctx.Err() == nil {
			seen, n, err := l.lapsePage(ctx, c, actor, now)
			total += n
			if err != nil {
				return total, fmt.Errorf("end offers that nobody answered: %w", err)
			}
			if seen < l.page {
				break
			}
		}
	}
	return total, ctx.Err()
}

func lapses(c *desk.Campaign) bool {
	for _, k := range c.Cohorts {
		if k.Lapse > 0 {
			return true
		}
	}
	return false
}

// told is an offer that is known to have arrived.
type told struct {
	message     int64
	reached     time.Time // when the message came into this state
	appointment int64
	cohort      string
	delivered   time.Time
}

// lapsesAt is when the offer lapses by the rules of now.
func (o told) lapsesAt(c *desk.Campaign) (time.Time, bool) {
	k, _ := c.Cohort(o.cohort)
	return booking.LapsesAt(o.delivered, k.Lapse, c.Limits, c.Zone)
}

// wind starts the clocks of offers that were delivered since the last time. A delivery may become visible a little after its
// instant, so each reading begins a little before the end of the last one. Whoever was reached before the campaign had a lapse, at first or
// again, was told that silence costs nothing: that is kept.
func (l *Lapser) wind(ctx context.Context, c *desk.Campaign) error {
	var read told // the last one of the page before
	for ctx.Err() == nil {
		var offers []told
		err := writeWithin(ctx, l.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) (err error) {
			if read.message == 0 {
				err := tx.QueryRow(ctx, `INSERT INTO lapse_cursor AS l (campaign_id, read_to) VALUES ($1, to_timestamp(0)) ON CONFLICT (campaign_id) DO UPDATE SET read_to = l.read_to
					RETURNING greatest(read_to - $2::interval, (SELECT min(v.at) FROM campaign_version v WHERE v.campaign_id = $1 AND v.version >
						(SELECT max(o.version) FROM campaign_version o WHERE o.campaign_id = $1 AND NOT jsonb_path_exists(o.content, '$.Cohorts[*].Lapse ? (@ > 0)'))))`,
					c.ID, recently).Scan(&read.reached)
				if err != nil {
					return err
				}
			}
			if offers, err = readTold(ctx, tx, c.ID, read, l.page); err != nil || len(offers) == 0 {
				return err
			}
			return startClocks(ctx, tx, c, offers)
		})
		if err != nil || len(offers) < l.page {
			return err
		}
		read = offers[len(offers)-1]
	}
	return ctx.Err()
}

func readTold(ctx context.Context, tx pgx.Tx, campaign int32, after told, limit int) ([]told, error) {
	return collect(ctx, tx, func(row pgx.CollectableRow) (o told, err error) {
		err = row.Scan(&o.message, &o.reached, &o.appointment, &o.cohort, &o.delivered)
		return o, err
	}, `
SELECT m.id, m.state_at, coalesce(m.appointment_id, 0), r.cohort,
    coalesce((SELECT max(c.received_at) FROM receipt c WHERE c.provider_id = m.provider_id AND c.status = 'delivered'), m.state_at)
FROM message m JOIN registration r ON r.campaign_id = m.campaign_id AND r.id = m.registration_id
WHERE m.campaign_id = $1 AND m.kind = 'offer' AND m.state = 'delivered' AND m.helper_id IS NULL AND (m.state_at, m.id) > ($2, $3)
ORDER BY m.state_at, m.id LIMIT $4`, campaign, after.reached, after.message, limit)
}

// startClocks writes when offers lapse, and how far deliveries were read.
func startClocks(ctx context.Context, tx pgx.Tx, c *desk.Campaign, offers []told) error {
	var id []int64
	var delivered, at []time.Time
	for _, o := range offers {
		if ends, ok := o.lapsesAt(c); ok {
			id, delivered, at = append(id, o.appointment), append(delivered, o.delivered), append(at, ends)
		}
	}
	// Only an offer that is open has a clock: one that was answered, ended, or looked at here before needs none again.
	if _, err := tx.Exec(ctx, `INSERT INTO lapse (campaign_id, appointment_id, delivered_at, at)
		SELECT $1, t.id, t.delivered, t.at FROM unnest($2::bigint[], $3::timestamptz[], $4::timestamptz[]) AS t(id, delivered, at)
		JOIN appointment a ON a.id = t.id AND a.state = 'offered' AND a.cause = '' ORDER BY t.id ON CONFLICT DO NOTHING`, c.ID, id, delivered, at); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE lapse_cursor SET read_to = greatest(read_to, $2) WHERE campaign_id = $1`, c.ID, offers[len(offers)-1].reached)
	return err
}

// lapsePage looks at clocks that have run out. It locks the pools, so that no round reads somebody who is about to wait again.
func (l *Lapser) lapsePage(ctx context.Context, c *desk.Campaign, actor string, now time.Time) (seen, ended int, err error) {
	err = writeWithin(ctx, l.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		seen, ended = 0, 0
		due, err := readDue(ctx, tx, c.ID, now, l.page)
		if err != nil || len(due) == 0 {
			return err
		}
		var done, over []int64 // clocks that go, and those of them whose offer ends
		var messages []desk.Message
		for _, d := range due {
			at, ok := d.lapsesAt(c)
			if d.open && ok && at.After(now) { // the rules gave it more time since
				if _, err := tx.Exec(ctx, `UPDATE lapse SET at = $2 WHERE appointment_id = $1`, d.appointment, at); err != nil {
					return err
				}
				continue
			}
			done = append(done, d.appointment)
			if d.open && ok {
				over = append(over, d.appointment)
				messages = append(messages, desk.Message{
					Campaign: c.ID, Entry: &d.entry, Appointment: d.appointment, Kind: string(words.Lapsed), Dedup: fmt.Sprintf("lapsed/%d", d.appointment), Due: now,
				})
			}
		}
		seen, ended = len(due), len(over)
		if _, err := tx.Exec(ctx, `DELETE FROM lapse WHERE appointment_id = ANY($1)`, done); err != nil {
			return err
		}
		if err := endAppointments(ctx, tx, over, booking.Lapsed, "", actor, now); err != nil {
			return err
		}
		if err := waitFor(ctx, tx, c, over, another); err != nil {
			return err
		}
		if err := insertMessages(ctx, tx, l.campaigns, messages, now); err != nil {
			return err
		}
		return silent(ctx, tx, c, over, now)
	})
	return seen, ended, err
}

// silent asks for a call when as many offers lapsed as may be declined: perhaps the texts reach nobody. The place is kept, and
// offers go on.
func silent(ctx context.Context, tx pgx.Tx, c *desk.Campaign, over []int64, now time.Time) error {
	for _, k := range c.Cohorts {
		if k.Lapse <= 0 || len(over) == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `
INSERT INTO escalation (campaign_id, registration_id, reason, opened_at)
SELECT a.campaign_id, a.registration_id, 'silent', $4 FROM appointment a JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
WHERE a.id = ANY($1) AND r.cohort = $2
  AND (SELECT count(*) FROM appointment o WHERE o.campaign_id = a.campaign_id AND o.registration_id = a.registration_id AND o.state = 'lapsed') >= $3
  AND NOT EXISTS (SELECT FROM escalation e WHERE e.campaign_id = a.campaign_id AND e.registration_id = a.registration_id AND e.reason = 'silent' AND e.closed_at IS NULL)`,
			over, k.Code, max(k.Declines, 1), now); err != nil {
			return err
		}
	}
	return nil
}
