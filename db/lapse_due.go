package db

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// dueOffer is a clock that has run out.
type dueOffer struct {
	told
	entry booking.ID
	open  bool // still an offer that its text reached, and that nobody is asked to call about
}

// readDue leaves alone whoever has sent a text that is not dealt with yet: it may be the answer. A text of which nobody knows yet for which campaign it
// is may be anybody's; so may one that lies with a provider because our door was away, until its log is read.
func readDue(ctx context.Context, tx pgx.Tx, campaign int32, now time.Time, limit int) ([]dueOffer, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($2, id) FROM (SELECT id FROM pool WHERE campaign_id = $1 ORDER BY id) p`, campaign, poolTurns); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `SELECT FROM pool WHERE campaign_id = $1 ORDER BY id FOR KEY SHARE`, campaign); err != nil {
		return nil, err
	}
	before := now
	if since, ok, err := unheard(ctx, tx, now); err != nil {
		return nil, err
	} else if ok && since.Before(now) {
		before = since
	}
	out, err := collect(ctx, tx, func(row pgx.CollectableRow) (d dueOffer, err error) {
		err = row.Scan(&d.appointment, &d.delivered, (*[16]byte)(&d.entry), &d.cohort)
		return d, err
	}, `
SELECT l.appointment_id, l.delivered_at, a.registration_id, r.cohort
FROM lapse l JOIN appointment a ON a.id = l.appointment_id JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
WHERE l.campaign_id = $1 AND l.at <= $2
  AND NOT EXISTS (SELECT FROM lookup k JOIN inbound i ON i.campaign_id = k.campaign_id AND i.phone_hash = k.hash AND i.handled_at IS NULL
      WHERE k.campaign_id = a.campaign_id AND k.registration_id = a.registration_id AND k.kind = $4)
  AND NOT EXISTS (SELECT FROM inbound i WHERE i.shared AND i.handled_at IS NULL AND i.arrival <= l.at)
ORDER BY l.at, l.appointment_id LIMIT $3 FOR UPDATE OF l SKIP LOCKED`, campaign, before, limit, int16(booking.LookupPhone))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return out, lockOpen(ctx, tx, campaign, out)
}

// lockOpen locks the offers in the order in which changes of entries lock them, entry first, and reads again whether they are open:
// somebody may be answering at this moment.
func lockOpen(ctx context.Context, tx pgx.Tx, campaign int32, due []dueOffer) error {
	id, entry := make([]int64, len(due)), make([][16]byte, len(due))
	for i, d := range due {
		id[i], entry[i] = d.appointment, d.entry
	}
	if _, err := tx.Exec(ctx, `SELECT FROM registration WHERE campaign_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE`, campaign, entry); err != nil {
		return err
	}
	open, err := collect(ctx, tx, pgx.RowTo[int64], `
SELECT a.id FROM appointment a JOIN message m ON m.campaign_id = a.campaign_id AND m.dedup = 'offer/' || a.id JOIN slot s ON s.id = a.slot_id
WHERE a.id = ANY($1) AND a.state = 'offered' AND m.state = 'delivered' AND s.starts_at > clock_timestamp()
  AND NOT EXISTS (SELECT FROM escalation e WHERE e.campaign_id = m.campaign_id AND e.registration_id = m.registration_id AND e.message_id = m.id AND e.closed_at IS NULL)
FOR UPDATE OF a`, id)
	for i := range due {
		due[i].open = slices.Contains(open, due[i].appointment)
	}
	return err
}
