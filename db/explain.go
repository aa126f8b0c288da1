package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// explainedRows bounds how many decisions and appointments an explanation holds: the latest ones.
const explainedRows = 10

// BySerial implements desk.Book. Whoever holds the ticket of an entry that became another's, by a correction, is led there.
func (b *Book) BySerial(ctx context.Context, campaign int32, serial int64) (booking.ID, error) {
	var id booking.ID
	err := b.pool.QueryRow(ctx, `SELECT coalesce(alias_of, id) FROM registration WHERE serial = $2 AND campaign_id = $1`, campaign, serial).Scan((*[16]byte)(&id))
	if errors.Is(err, pgx.ErrNoRows) {
		return id, booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err != nil {
		return id, fmt.Errorf("find the entry of a ticket: %w", err)
	}
	return id, nil
}

// Explanation implements desk.Book. It reads one state of the database, so that no page comes in between.
func (b *Book) Explanation(ctx context.Context, campaign int32, id booking.ID) (booking.Explanation, error) {
	c, err := b.campaigns.ByID(campaign)
	if err != nil {
		return booking.Explanation{}, err
	}
	var e booking.Explanation
	err = pgx.BeginTxFunc(ctx, b.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		e, err = readExplanation(ctx, tx, c, id)
		return err
	})
	return e, err
}

func readExplanation(ctx context.Context, q querier, c *desk.Campaign, id booking.ID) (booking.Explanation, error) {
	e, pool, err := readExplained(ctx, q, c, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, booking.Fail(booking.CodeUnauthorized, nil)
	}
	for _, read := range []func() error{
		func() (err error) { e.LastDay, err = lastDay(ctx, q, c, pool, e.Wishes, e.Read); return err },
		func() (err error) { e.Waits, err = readWaits(ctx, q, c.ID, id); return err },
		func() (err error) { e.Given, err = readGiven(ctx, q, c, id); return err },
		func() (err error) { e.Denied, err = readDenied(ctx, q, c.ID, id); return err },
		func() (err error) { e.TextsStopped, err = textsStopped(ctx, q, c.ID, id); return err },
	} {
		if err == nil {
			err = read()
		}
	}
	if err != nil {
		return e, fmt.Errorf("read an explanation: %w", err)
	}
	return e, nil
}

const explainedSQL = `
SELECT clock_timestamp(), r.withdrawn_at, CASE WHEN r.arrival < d.window_closes THEN r.arrival ELSE coalesce(p.arrival, r.arrival) END, coalesce(p.number, 0), coalesce(p.late, ''), q.sealed_to, wk.walked_to, q.first_round_at, q.pool_id,
    coalesce(r.arrival < d.window_closes, false), d.queue_id IS NOT NULL AND d.drawn_at IS NULL,
    (SELECT count(*) FROM appointment a WHERE a.campaign_id = r.campaign_id AND a.registration_id = r.id AND a.state = 'declined'),
    (SELECT max(l.at) FROM audit_log l WHERE l.campaign_id = r.campaign_id AND l.registration_id = r.id AND l.act <> 'register' AND l.act IN ('wishes', 'correct')),
    (SELECT count(*) FROM household h JOIN household o ON o.campaign_id = h.campaign_id AND o.code = h.code
        JOIN registration m ON m.campaign_id = o.campaign_id AND m.id = o.registration_id
        WHERE h.campaign_id = r.campaign_id AND h.registration_id = r.id AND m.withdrawn_at IS NULL AND m.alias_of IS NULL),
    ` + personColumns + `,
    EXISTS (SELECT FROM escalation e WHERE e.campaign_id = r.campaign_id AND e.registration_id = r.id AND e.reason = 'corrected_duplicate' AND e.closed_at IS NULL)
    OR EXISTS (SELECT FROM refusal f WHERE f.campaign_id = r.campaign_id AND f.registration_id = r.id AND f.undone_at IS NULL)
FROM registration r JOIN queue q ON q.id = r.queue_id JOIN walk wk ON wk.queue_id = q.id LEFT JOIN place p ON p.campaign_id = r.campaign_id AND p.registration_id = r.id
LEFT JOIN draw d ON d.queue_id = r.queue_id
WHERE r.campaign_id = $1 AND r.id = $2`

// readExplained reads what stands in one row, and the pool. It returns pgx.ErrNoRows when there is no entry.
func readExplained(ctx context.Context, q querier, c *desk.Campaign, id booking.ID) (e booking.Explanation, pool int32, err error) {
	var withdrawn, changed *time.Time
	var cohort, region string
	var wishes []byte
	var gone, held bool
	err = q.QueryRow(ctx, explainedSQL, c.ID, [16]byte(id)).Scan(&e.Read, &withdrawn, &e.Arrival, &e.Number, &e.Late, &e.SealedTo, &e.WalkedTo, &e.First, &pool,
		&e.ByLot, &e.Undrawn, &e.Declined, &changed, &e.Members, &cohort, &region, &wishes, &gone, &e.Ready, &held)
	if err != nil {
		return e, 0, err
	}
	if withdrawn != nil {
		e.Withdrawn = *withdrawn
	}
	if changed != nil {
		e.Changed = *changed
	}
	rule, _ := c.Cohort(cohort)
	e.Declines = max(rule.Declines, 1)
	return e, pool, parseWishes(wishes, &e.Wishes)
}

// lastDay is the last day with slots at the ranked sites, full or not, that the wishes leave open; zero when no site is ranked
// or nothing is ahead.
func lastDay(ctx context.Context, q querier, c *desk.Campaign, pool int32, w booking.Wishes, now time.Time) (booking.Date, error) {
	if len(w.Sites) == 0 {
		return booking.Date{}, nil
	}
	var last *time.Time
	err := q.QueryRow(ctx, `
SELECT max(s.starts_at) FROM site i CROSS JOIN LATERAL (
    SELECT s.starts_at FROM slot s WHERE s.site_id = i.id AND s.pool_id = $3 AND s.starts_at > $4 ORDER BY s.starts_at DESC LIMIT 1) s
WHERE i.campaign_id = $1 AND i.code = ANY($2)`, c.ID, w.Sites, pool, now).Scan(&last)
	if err != nil || last == nil {
		return booking.Date{}, err
	}
	day := booking.DateOf(*last, c.Zone)
	if !w.NotAfter.IsZero() && w.NotAfter.Before(day) {
		day = w.NotAfter
	}
	return day, nil
}

func readWaits(ctx context.Context, q querier, campaign int32, id booking.ID) ([]booking.StillWait, error) {
	return collect(ctx, q, pgx.RowToStructByPos[booking.StillWait],
		`SELECT dose, reason, look, since, swap_of IS NOT NULL FROM waiting WHERE campaign_id = $1 AND registration_id = $2 ORDER BY dose`, campaign, [16]byte(id))
}

// roundColumns are what a round recorded about a page; o is the round, which may be missing.
const roundColumns = `coalesce(o.number, 0), coalesce(o.page, 0), o.at, coalesce(o.free_before, 0), coalesce(o.looked_at, 0), coalesce(o.assigned, 0)`

// scanRound scans a row that ends with roundColumns.
func scanRound(row pgx.CollectableRow, r *booking.RoundRecord, before ...any) error {
	var at *time.Time
	err := row.Scan(append(before, &r.Number, &r.Page, &at, &r.Free, &r.Looked, &r.Assigned)...)
	if at != nil {
		r.At = *at
	}
	return err
}

func readGiven(ctx context.Context, q querier, c *desk.Campaign, id booking.ID) ([]booking.Given, error) {
	out, err := collect(ctx, q, func(row pgx.CollectableRow) (booking.Given, error) {
		var g booking.Given
		err := scanRound(row, &g.Round, &g.Dose, &g.State, &g.Cause, &g.Site, &g.Starts, &g.Rank, &g.Distance, &g.Made, &g.Ended)
		return g, err
	}, `
SELECT a.dose, a.state, a.cause, i.code, s.starts_at, a.rank, coalesce(a.distance, -1), a.made_at, a.changed_at, `+roundColumns+`
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site i ON i.id = s.site_id
LEFT JOIN round o ON o.pool_id = a.pool_id AND o.number = a.round AND o.page = a.page
WHERE a.campaign_id = $1 AND a.registration_id = $2 AND (a.state IN `+served+` OR a.state IN `+over+`) ORDER BY a.id DESC LIMIT $3`,
		c.ID, [16]byte(id), explainedRows)
	for i := range out {
		if err == nil {
			out[i].Names, err = siteNames(ctx, q, c, out[i].Site)
		}
	}
	slices.Reverse(out)
	return out, err
}

func readDenied(ctx context.Context, q querier, campaign int32, id booking.ID) ([]booking.Denied, error) {
	out, err := collect(ctx, q, func(row pgx.CollectableRow) (booking.Denied, error) {
		var d booking.Denied
		err := scanRound(row, &d.Round, &d.Dose, &d.Reason, &d.At)
		return d, err
	}, `
SELECT d.dose, d.reason, d.at, `+roundColumns+`
FROM decision d LEFT JOIN round o ON o.pool_id = d.pool_id AND o.number = d.round AND o.page = d.page
WHERE d.campaign_id = $1 AND d.registration_id = $2 ORDER BY d.id DESC LIMIT $3`, campaign, [16]byte(id), explainedRows)
	slices.Reverse(out)
	return out, err
}
