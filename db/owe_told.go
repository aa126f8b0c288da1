package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// actorTold closes the calls that nobody has to make any more.
const actorTold = "job:told"

// How a call that we owed ended by itself. Where some of what it was to tell was told and the rest is over, it is over.
const (
	outcomeTold = "told" // what it was to tell has reached the person by another text, or they have answered it
	outcomeOver = "over" // what it was to tell is not so any more
)

// toldPage is how many open calls are looked at together.
const toldPage = 200

// toldSQL is a condition on a message, m, which did not arrive: what it was to tell is known to the person all the same. A later text about the
// same has reached the phone on file, or whoever has that phone has acted on it: no helper, and none of our jobs. A correction, and that a time is
// gone, no other text tells. What lies before the instant in the column since counts for nothing.
func toldSQL(since string) string { return strings.ReplaceAll(toldTemplate, "$since", since) }

const toldTemplate = `(CASE
WHEN m.kind IN ('offer', 'changed', 'moved', 'redated', 'reminder') THEN EXISTS (SELECT FROM message n
        WHERE n.campaign_id = m.campaign_id AND n.registration_id = m.registration_id AND n.id > m.id AND n.created_at >= $since AND n.state = 'delivered' AND n.helper_id IS NULL
          AND (n.appointment_id = m.appointment_id AND n.kind IN ('changed', 'moved', 'redated', 'confirmed', 'reminder')
            OR n.kind = 'status' AND EXISTS (SELECT FROM appointment a WHERE a.id = m.appointment_id AND a.state IN ('offered', 'confirmed'))))
    OR EXISTS (SELECT FROM appointment_event e WHERE e.appointment_id = m.appointment_id AND e.at >= m.created_at AND e.at >= $since
        AND e.to_state IN ('confirmed', 'declined') AND e.actor IN ('phone', 'app'))
WHEN m.kind IN ('registered', 'welcome') THEN EXISTS (SELECT FROM message n
        WHERE n.campaign_id = m.campaign_id AND n.registration_id = m.registration_id AND n.id > m.id AND n.created_at >= $since AND n.state = 'delivered' AND n.helper_id IS NULL
          AND n.kind IN ('registered', 'welcome', 'offer', 'changed', 'moved', 'redated', 'confirmed', 'reminder', 'status', 'no_time', 'news', 'why'))
    OR EXISTS (SELECT FROM appointment a JOIN appointment_event e ON e.appointment_id = a.id WHERE a.campaign_id = m.campaign_id AND a.registration_id = m.registration_id
        AND e.at >= m.created_at AND e.at >= $since AND e.to_state IN ('confirmed', 'declined') AND e.actor IN ('phone', 'app'))
WHEN m.kind IN ('no_time', 'news') THEN EXISTS (SELECT FROM message n
        WHERE n.campaign_id = m.campaign_id AND n.registration_id = m.registration_id AND n.id > m.id AND n.created_at >= $since AND n.state = 'delivered' AND n.helper_id IS NULL
          AND n.kind IN ('offer', 'status', 'no_time', 'news', 'why'))
WHEN m.kind IN ('cancelled', 'lapsed', 'missed', 'correction') THEN false
ELSE EXISTS (SELECT FROM message n
        WHERE n.campaign_id = m.campaign_id AND n.registration_id = m.registration_id AND n.id > m.id AND n.created_at >= $since AND n.state = 'delivered' AND n.helper_id IS NULL AND n.kind = m.kind
          AND n.appointment_id IS NOT DISTINCT FROM m.appointment_id AND n.params ? 'introduced' = m.params ? 'introduced')
END)`

// overSQL is a condition on such a message: it would say what is not so any more. Whoever withdrew, had the time or has another one is told
// of that by texts of their own, which open a call when they do not arrive.
const overSQL = `(CASE
WHEN m.kind IN ('offer', 'changed', 'moved', 'redated', 'reminder') THEN EXISTS (SELECT FROM appointment a WHERE a.id = m.appointment_id
    AND a.state NOT IN ('offered', 'confirmed'))
WHEN m.kind IN ('registered', 'welcome', 'no_time', 'news') THEN EXISTS (SELECT FROM registration r
        WHERE r.campaign_id = m.campaign_id AND r.id = m.registration_id AND r.withdrawn_at IS NOT NULL)
    OR m.kind IN ('no_time', 'news') AND EXISTS (SELECT FROM appointment a
        WHERE a.campaign_id = m.campaign_id AND a.registration_id = m.registration_id AND a.made_at >= m.created_at)
ELSE false END)`

// openCall is a call that we owe because of texts.
type openCall struct {
	id       int64
	campaign int32
	entry    booking.ID
	messages []int64
	order    time.Time
	told     bool // all of it
	settled  bool // all of it was told or is over
	others   bool // it is owed for something else, too
}

// CloseTold closes the calls whose people know by now what they were to be told, with what stands on the agents' list for the same texts, and returns how many. It
// looks at some of the open ones, and at the next ones the next time. A call that is owed for something else, too, stays for that.
func (o *Outbox) CloseTold(ctx context.Context, at time.Time) (int, error) {
	o.looking.Lock()
	defer o.looking.Unlock()
	page, err := readOpenCalls(ctx, o.pool, o.looked)
	if err != nil {
		return 0, fmt.Errorf("look at the calls that are owed: %w", err)
	}
	closed := 0
	var errs []error
	for _, k := range page {
		o.looked = k
		if !k.settled {
			continue
		}
		done, err := o.closeCall(ctx, k, at)
		if errs = append(errs, err); done {
			closed++
		}
	}
	if len(page) < toldPage {
		o.looked = openCall{}
	}
	if err := errors.Join(errs...); err != nil {
		return closed, fmt.Errorf("close the calls of who was told: %w", err)
	}
	return closed, nil
}

// readOpenCalls reads the next open calls. A phone whose owner knows nothing of the application, and one that was replaced by a correction, may be a
// stranger's: nothing that reached it, or that it did, has told the person.
func readOpenCalls(ctx context.Context, q querier, after openCall) ([]openCall, error) {
	return collect(ctx, q, func(row pgx.CollectableRow) (k openCall, err error) {
		err = row.Scan(&k.id, &k.campaign, (*[16]byte)(&k.entry), &k.messages, &k.order, &k.told, &k.settled, &k.others)
		return k, err
	}, `
WITH page AS MATERIALIZED (
    SELECT id, campaign_id, registration_id, messages, order_at, reasons, (SELECT coalesce(max(l.at), '-infinity') FROM audit_log l
            WHERE l.campaign_id = callback.campaign_id AND l.registration_id = callback.registration_id AND l.act = 'correct') AS corrected_at,
        EXISTS (SELECT FROM refusal f WHERE f.campaign_id = callback.campaign_id AND f.registration_id = callback.registration_id AND f.undone_at IS NULL) AS refused
    FROM callback WHERE closed_at IS NULL AND registration_id IS NOT NULL AND 'untold' = ANY (reasons) AND (campaign_id, order_at, id) > ($1, $2, $3)
    ORDER BY campaign_id, order_at, id LIMIT $4)
SELECT k.id, k.campaign_id, k.registration_id, k.messages, k.order_at, s.told, s.settled AND NOT k.refused, cardinality(k.reasons) > 1
FROM page k CROSS JOIN LATERAL (SELECT coalesce(bool_and(`+toldSQL("k.corrected_at")+`), false) AS told, coalesce(bool_and(`+toldSQL("k.corrected_at")+` OR `+overSQL+`), false) AS settled
    FROM unnest(k.messages) AS x(id) JOIN message m ON m.id = x.id) s
ORDER BY k.campaign_id, k.order_at, k.id`, after.campaign, after.order, after.id, toldPage)
}

// closeCall closes a call, unless something was added to it since.
func (o *Outbox) closeCall(ctx context.Context, k openCall, at time.Time) (closed bool, err error) {
	outcome := outcomeOver
	if k.told {
		outcome = outcomeTold
	}
	err = write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		closed = false
		tag, err := tx.Exec(ctx, `UPDATE callback SET closed_at = CASE WHEN $6 THEN NULL ELSE $3::timestamptz END, closed_by = CASE WHEN $6 THEN NULL ELSE $4 END,
				outcome = CASE WHEN $6 THEN NULL ELSE $5 END, reasons = CASE WHEN $6 THEN array_remove(reasons, $7) ELSE reasons END
			WHERE id = $1 AND closed_at IS NULL AND messages = $2 AND (cardinality(reasons) > 1) = $6`, k.id, k.messages, at, actorTold, outcome, k.others, string(desk.CallUntold))
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE escalation e SET closed_at = $2, closed_by = $3 FROM message m
			WHERE m.id = ANY ($1) AND e.campaign_id = m.campaign_id AND e.registration_id = m.registration_id AND e.message_id = m.id AND e.closed_at IS NULL`,
			k.messages, at, actorTold); err != nil {
			return err
		}
		closed = true
		return auditMessage(ctx, tx, subject{campaign: k.campaign, entry: &k.entry}, actorTold, "callback.closed",
			map[string]any{"outcome": outcome, "messages": slices.Clone(k.messages), "still_owed": k.others}, at)
	})
	return closed, err
}
