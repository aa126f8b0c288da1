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
	refused  []int64   // slots that are not offered again: declined, lapsed, and the one that would be given up
	declines int       // of this dose
	joined   time.Time // of a household's member: the last word on the household
	waits    bool      // has a row in waiting; of somebody late: or was served there before the number's turn came
	// Of somebody who waits already:
	look         bool
	woken        int32
	reason       booking.Reason
	from, until  *time.Time
	site         string
	swapOf, open int64 // the appointment to be given up; the one that is open or done for this dose
}

// readHeld reads whom an agent must look at first, and who knows nothing of the application: few.
func readHeld(ctx context.Context, tx pgx.Tx, campaign int32) (map[booking.ID]bool, error) {
	return readSet(ctx, tx, `SELECT registration_id FROM escalation WHERE campaign_id = $1 AND reason = 'corrected_duplicate' AND closed_at IS NULL
		UNION SELECT registration_id FROM refusal WHERE campaign_id = $1 AND undone_at IS NULL`, campaign)
}

// readSet reads a few entries of a campaign.
func readSet(ctx context.Context, tx pgx.Tx, sql string, campaign int32) (map[booking.ID]bool, error) {
	rows, err := tx.Query(ctx, sql, campaign)
	if err != nil {
		return nil, err
	}
	set := map[booking.ID]bool{}
	var id booking.ID
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&id)}, func() error { set[id] = true; return nil })
	return set, err
}

// personColumns are what a round must know of a registration, r.
const personColumns = `r.cohort, r.region, r.wishes, r.withdrawn_at IS NOT NULL OR r.alias_of IS NOT NULL,
    r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id)`

// readPage reads who is next in the order of the key, among those who are new and those who wait, and moves the round's
// marks behind them. An empty page of a round that is over is its end; otherwise those who were read are looked at elsewhere.
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
		if fresh[i], err = readNew(ctx, tx, r, q, limit); err != nil {
			return nil, err
		}
		if k := lastKey(fresh[i], limit); k != nil && (last == nil || k.compare(*last) < 0) {
			last = k
		}
	}
	page := waits
	if last != nil { // beyond it, one of the sources may have somebody who comes first
		page = waits[:upTo(waits, *last)]
		if r.after.compare(*last) < 0 { // a late place's key may lie behind those who were looked at: nobody is looked at twice
			r.after = *last
		}
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
		if q.to < q.end {
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
SELECT p.number, p.registration_id, p.arrival, p.tie, coalesce(p.cohort, ''), p.region, p.wishes, p.ready,
    (p.late <> '' OR $4) AND (EXISTS (SELECT FROM waiting w WHERE w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id AND w.dose = 1)
        OR EXISTS (SELECT FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND a.dose = 1 AND (a.state IN ` + served + ` OR a.state = 'missed')))
FROM place p WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $3 ORDER BY p.number`

// readNew reads a queue's next places. Numbers are gapless, so that as many numbers are as many people.
func readNew(ctx context.Context, tx pgx.Tx, r *round, q *walk, limit int) ([]candidate, error) {
	to := min(q.to+int64(limit), q.end)
	if to == q.to {
		return nil, nil
	}
	rows, err := tx.Query(ctx, newSQLText, q.id, q.to, to, r.careful)
	if err != nil {
		return nil, err
	}
	out := make([]candidate, 0, to-q.to)
	c := candidate{queue: q.id, dose: 1}
	c.grade = 1
	var wishes []byte
	_, err = pgx.ForEachRow(rows, []any{
		&c.number, (*[16]byte)(&c.key.ID), &c.key.Arrival, &c.key.Tie, &c.cohort, &c.region, &wishes, &c.ready, &c.waits,
	}, func() error {
		c.wishes = booking.Wishes{}
		err := parseWishes(wishes, &c.wishes)
		out = append(out, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, freshen(ctx, tx, r.campaign.ID, out)
}

const freshenSQL = `SELECT t.n, ` + personColumns + ` FROM unnest($2::uuid[], $3::int[]) AS t(id, n) JOIN registration r ON r.campaign_id = $1 AND r.id = t.id`

// freshen reads those again who have changed something since the seal read them, and those who were not ready then.
func freshen(ctx context.Context, tx pgx.Tx, campaign int32, people []candidate) error {
	changed, err := readSet(ctx, tx, `SELECT registration_id FROM entry_changed WHERE campaign_id = $1`, campaign)
	if err != nil {
		return err
	}
	var id [][16]byte
	var at []int32
	for i, c := range people {
		if !c.ready || c.cohort == "" || changed[c.key.ID] {
			id, at = append(id, c.key.ID), append(at, int32(i))
		}
	}
	if len(id) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, freshenSQL, campaign, id, at)
	if err != nil {
		return err
	}
	var n int32
	var c candidate
	var wishes []byte
	_, err = pgx.ForEachRow(rows, []any{&n, &c.cohort, &c.region, &wishes, &c.gone, &c.ready}, func() error {
		p := &people[n]
		p.cohort, p.region, p.gone, p.ready, p.wishes = c.cohort, c.region, c.gone, c.ready, booking.Wishes{}
		return parseWishes(wishes, &p.wishes)
	})
	return err
}

// waitingSQL reads those who wait. A dose's open appointment is looked up, because somebody may have been given one by hand.
const waitingSQL = `
SELECT w.queue_id, w.dose, w.grade, w.registration_id, w.arrival, w.tie, w.look, w.woken, w.reason, w.not_before, w.not_after, w.site, coalesce(w.swap_of, 0), ` + personColumns + `,
    ARRAY(SELECT a.slot_id FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.state IN ('declined', 'lapsed'))
    || ARRAY(SELECT a.slot_id FROM appointment a WHERE a.id = w.swap_of),
    (SELECT count(*) FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.state = 'declined' AND a.dose = w.dose),
    coalesce(CASE WHEN w.swap_of IS NULL THEN (SELECT a.id FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.dose = w.dose
            AND a.state IN ` + served + `)
        ELSE (SELECT a.id FROM appointment a JOIN slot s ON s.id = a.slot_id
            WHERE a.id = w.swap_of AND a.state IN ('offered', 'confirmed') AND s.starts_at > clock_timestamp()) END, 0)
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
	return collect(ctx, tx, func(row pgx.CollectableRow) (candidate, error) {
		c := candidate{waits: true}
		var wishes []byte
		err := row.Scan(&c.queue, &c.dose, &c.grade, (*[16]byte)(&c.key.ID), &c.key.Arrival, &c.key.Tie, &c.look, &c.woken, &c.reason, &c.from, &c.until, &c.site,
			&c.swapOf, &c.cohort, &c.region, &wishes, &c.gone, &c.ready, &c.refused, &c.declines, &c.open)
		if err != nil {
			return c, err
		}
		return c, parseWishes(wishes, &c.wishes)
	}, sql+waitingOrder, r.pool, k.grade, k.key.Arrival, k.key.Tie, [16]byte(k.key.ID), r.queueIDs(), limit)
}

func parseWishes(b []byte, w *booking.Wishes) error {
	if b == nil {
		return nil
	}
	return json.Unmarshal(b, w)
}
