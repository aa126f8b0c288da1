package db

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// candidate is somebody whom a round looks at.
type candidate struct {
	waitKey
	queue    int32
	number   int64 // the place of somebody new; 0: waits already
	dose     int16
	cohort   string
	region   string
	wishes   booking.Wishes
	gone     bool // withdrawn, or another entry by now
	ready    bool
	held     bool // an agent must look first
	declined []int64
	avoid    []int64 // further slots that are not offered again: those that lapsed, and the one that would be given up
	waits    bool    // has a row in waiting; of somebody new: or was served there before the number's turn came
	// Of somebody who waits already:
	look         bool
	woken        int32
	reason       booking.Reason
	from, until  *time.Time
	site         string
	swapOf, open int64 // the appointment to be given up; the one that is open or done for this dose
}

// personColumns are the same for whoever is new and whoever waits; r is the registration.
const personColumns = `r.cohort, r.region, r.wishes, r.withdrawn_at IS NOT NULL OR r.alias_of IS NOT NULL,
    r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id),
    EXISTS (SELECT FROM escalation e WHERE e.campaign_id = r.campaign_id AND e.registration_id = r.id AND e.reason = 'corrected_duplicate' AND e.closed_at IS NULL)`

// readPage reads who is next in the order of the key, among those who are new and those who wait, and moves the round's
// marks behind them. An empty page is the end of the round.
func readPage(ctx context.Context, tx pgx.Tx, r *round, limit int) ([]candidate, error) {
	if _, err := tx.Exec(ctx, nearby); err != nil { // an opening's statistics are those of empty tables
		return nil, err
	}
	waits, err := readWaiting(ctx, tx, r, limit)
	if err != nil {
		return nil, err
	}
	last := lastKey(waits, limit)
	fresh := make([][]candidate, len(r.queues))
	for i, q := range r.queues {
		if fresh[i], err = readNew(ctx, tx, q, limit); err != nil {
			return nil, err
		}
		if k := lastKey(fresh[i], limit); k != nil && (last == nil || k.compare(*last) < 0) {
			last = k
		}
	}
	page := waits
	if last != nil { // beyond it, one of the sources may have somebody who comes first
		page = waits[:upTo(waits, *last)]
		r.after = *last
	}
	r.waited = r.waited || len(waits) < limit && len(page) == len(waits)
	queues := make([]*walk, len(r.queues))
	for i, q := range r.queues {
		moved := *q
		for _, c := range fresh[i] {
			if last != nil && c.compare(*last) > 0 {
				break
			}
			moved.to = c.number
			if !c.waits { // otherwise they are read there
				page = append(page, c)
			}
		}
		queues[i] = &moved
	}
	r.queues = queues
	slices.SortFunc(page, func(a, b candidate) int { return a.compare(b.waitKey) })
	return page, nil
}

// upTo is how many of the sorted candidates stand up to the key.
func upTo(sorted []candidate, k waitKey) int {
	n, _ := slices.BinarySearchFunc(sorted, k, func(c candidate, k waitKey) int {
		if c.compare(k) <= 0 {
			return -1
		}
		return 1
	})
	return n
}

// over reports whether the round has nobody left to look at.
func (r *round) over() bool {
	for _, q := range r.queues {
		if q.to < q.sealedTo {
			return false
		}
	}
	return r.waited
}

// lastKey is the latest key of a source that may have more to give; nil when it has been read to its end.
func lastKey(read []candidate, limit int) *waitKey {
	if len(read) < limit {
		return nil
	}
	k := slices.MaxFunc(read, func(a, b candidate) int { return a.compare(b.waitKey) }).waitKey
	return &k
}

const newSQLText = `
SELECT p.number, p.registration_id, p.arrival, p.tie, ` + personColumns + `,
    EXISTS (SELECT FROM waiting w WHERE w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id AND w.dose = 1)
    OR EXISTS (SELECT FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND a.dose = 1 AND (a.state IN ` + served + ` OR a.state = 'missed'))
FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $3 ORDER BY p.number`

// readNew reads a queue's next places. Numbers are gapless, so that as many numbers are as many people.
func readNew(ctx context.Context, tx pgx.Tx, q *walk, limit int) ([]candidate, error) {
	to := min(q.to+int64(limit), q.sealedTo)
	if to == q.to {
		return nil, nil
	}
	rows, err := tx.Query(ctx, newSQLText, q.id, q.to, to)
	if err != nil {
		return nil, err
	}
	out := make([]candidate, 0, to-q.to)
	c := candidate{queue: q.id, dose: 1}
	c.grade = 1
	var wishes []byte
	_, err = pgx.ForEachRow(rows, []any{
		&c.number, (*[16]byte)(&c.key.ID), &c.key.Arrival, &c.key.Tie, &c.cohort, &c.region, &wishes, &c.gone, &c.ready, &c.held, &c.waits,
	}, func() error {
		c.wishes = booking.Wishes{}
		err := parseWishes(wishes, &c.wishes)
		out = append(out, c)
		return err
	})
	return out, err
}

// waitingSQL reads those who wait. A dose's open appointment is looked up, because somebody may have been given one by hand.
const waitingSQL = `
SELECT w.queue_id, w.dose, w.grade, w.registration_id, w.arrival, w.tie, w.look, w.woken, w.reason, w.not_before, w.not_after, w.site, coalesce(w.swap_of, 0), ` + personColumns + `,
    ARRAY(SELECT a.slot_id FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.state = 'declined'),
    coalesce(CASE WHEN w.swap_of IS NULL THEN (SELECT a.id FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.dose = w.dose
            AND a.state IN ` + served + `)
        ELSE (SELECT a.id FROM appointment a JOIN slot s ON s.id = a.slot_id
            WHERE a.id = w.swap_of AND a.state IN ('offered', 'confirmed') AND s.starts_at > clock_timestamp()) END, 0),
    ARRAY(SELECT a.slot_id FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.state = 'lapsed')
    || ARRAY(SELECT a.slot_id FROM appointment a WHERE a.id = w.swap_of)
FROM waiting w JOIN registration r ON r.campaign_id = w.campaign_id AND r.id = w.registration_id
WHERE w.pool_id = $1 AND (w.grade, w.arrival, w.tie, w.registration_id) > ($2, $3, $4, $5) AND w.queue_id = ANY($6) `

const waitingOrder = ` ORDER BY w.grade, w.arrival, w.tie, w.registration_id LIMIT $7`

// readWaiting reads all who wait while there is something that has become free, otherwise only those for whom something has
// changed: nobody else can want what is left.
func readWaiting(ctx context.Context, tx pgx.Tx, r *round, limit int) ([]candidate, error) {
	if r.waited {
		return nil, nil
	}
	sql := waitingSQL
	if r.stock.left == 0 {
		sql += `AND w.look`
	}
	k := r.after
	rows, err := tx.Query(ctx, sql+waitingOrder, r.pool, k.grade, k.key.Arrival, k.key.Tie, [16]byte(k.key.ID), r.queueIDs(), limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (candidate, error) {
		c := candidate{waits: true}
		var wishes []byte
		err := row.Scan(&c.queue, &c.dose, &c.grade, (*[16]byte)(&c.key.ID), &c.key.Arrival, &c.key.Tie, &c.look, &c.woken, &c.reason, &c.from, &c.until, &c.site,
			&c.swapOf, &c.cohort, &c.region, &wishes, &c.gone, &c.ready, &c.held, &c.declined, &c.open, &c.avoid)
		if err != nil {
			return c, err
		}
		return c, parseWishes(wishes, &c.wishes)
	})
}

func parseWishes(b []byte, w *booking.Wishes) error {
	if b == nil {
		return nil
	}
	return json.Unmarshal(b, w)
}
