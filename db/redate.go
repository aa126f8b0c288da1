package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Shift is a change of many later appointments of a series: those at a site on certain days go to slots so many days later.
type Shift struct {
	Site     string // "" for all
	From, To booking.Date
	Days     int // earlier if negative
}

// ErrShift is returned for a shift that cannot be: there is no series, the days are the wrong way round, or another shift is not
// finished.
var ErrShift = errors.New("the appointments cannot be shifted")

// Redater shifts later appointments in bulk. A page of people is one transaction; killed anywhere, the same shift goes on where it was,
// and nobody is shifted twice.
type Redater struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// NewRedater makes a redater. page is how many people one transaction moves.
func NewRedater(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Redater {
	return &Redater{pool: pool, campaigns: campaigns, page: page}
}

// Kept is somebody who keeps the appointment because no slot was found.
type Kept struct {
	Ticket string
	Site   string
	Starts time.Time
}

// Redated says what a shift did.
type Redated struct {
	Moved int
	Kept  []Kept
}

func (s Shift) check(c *desk.Campaign) error {
	switch {
	case c.Series == nil:
		return fmt.Errorf("%w: campaign %s has no series", ErrShift, c.Slug)
	case s.Days == 0:
		return fmt.Errorf("%w: by no day", ErrShift)
	case s.To.Before(s.From):
		return fmt.Errorf("%w: %s is before %s", ErrShift, s.To, s.From)
	}
	if _, ok := c.Site(s.Site); s.Site != "" && !ok {
		return fmt.Errorf("%w: there is no site %q", ErrShift, s.Site)
	}
	return nil
}

// shiftedSQL are the later appointments of a shift that are open and ahead. A day's turn lets those go first who make room for others.
const shiftedSQL = `
SELECT a.id, si.code, s.starts_at, r.serial, p.arrival, p.tie, p.registration_id, t.turn
FROM slot s JOIN site si ON si.id = s.site_id JOIN appointment a ON a.slot_id = s.id AND a.dose > 1 AND a.state IN ('offered', 'confirmed')
JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
CROSS JOIN LATERAL (SELECT (s.starts_at AT TIME ZONE @zone)::date AS day) d
CROSS JOIN LATERAL (SELECT CASE WHEN @days > 0 THEN @to::date - d.day ELSE d.day - @from::date END AS turn) t
WHERE s.campaign_id = @campaign AND (@site = '' OR si.code = @site) AND d.day BETWEEN @from::date AND @to::date AND s.starts_at > @now`

func (s Shift) args(c *desk.Campaign, now time.Time) pgx.NamedArgs {
	return pgx.NamedArgs{"campaign": c.ID, "site": s.Site, "zone": c.Zone.String(), "from": s.From.UTC(), "to": s.To.UTC(), "days": s.Days, "now": now}
}

// Plan counts who would be shifted, by site. It changes nothing.
func (r *Redater) Plan(ctx context.Context, c *desk.Campaign, s Shift, now time.Time) ([]SitePlan, error) {
	if err := s.check(c); err != nil {
		return nil, err
	}
	out, err := collect(ctx, r.pool, pgx.RowToStructByPos[SitePlan], `SELECT code, count(DISTINCT starts_at)::int, count(*)::int FROM (`+shiftedSQL+`) t GROUP BY code ORDER BY code`, s.args(c, now))
	if err != nil {
		return nil, fmt.Errorf("plan a shift: %w", err)
	}
	return out, nil
}

// Run carries a shift out. progress is called after each page; nil: not. It returns ErrShift.
func (r *Redater) Run(ctx context.Context, c *desk.Campaign, s Shift, actor string, progress func(moved int)) (Redated, error) {
	var out Redated
	if err := s.check(c); err != nil {
		return out, err
	}
	run, err := r.begin(ctx, c, s, actor)
	if err != nil {
		return out, err
	}
	m := &relocation{
		campaigns: r.campaigns, campaign: c, actor: actor, kind: words.Redated, cause: "redated", why: func(string) string { return "redated" }, keep: true,
		attempts: []func(leaving, *booking.Waiting){s.sameTime(c), s.sameDay(c)},
	}
	next := func(ctx context.Context, tx pgx.Tx) ([]int64, error) { return r.next(ctx, tx, c, run, m.now) }
	ended := func(ctx context.Context, tx pgx.Tx, end bool) error {
		if !end {
			return nil
		}
		_, err := tx.Exec(ctx, `UPDATE redate SET ended_at = $2 WHERE id = $1`, run.id, m.now)
		return err
	}
	for ctx.Err() == nil {
		page, end, err := m.page(ctx, r.pool, next, ended)
		if err != nil {
			return out, fmt.Errorf("shift appointments: %w", err)
		}
		out.Moved += page.Moved
		if end {
			return out, r.finish(ctx, c, run, &out)
		}
		if progress != nil {
			progress(out.Moved)
		}
	}
	return out, ctx.Err()
}

// shift is a shift that is under way.
type shift struct {
	Shift
	id    int32
	last  int64 // appointments after this one were made since
	actor string
}

func (r *Redater) begin(ctx context.Context, c *desk.Campaign, s Shift, actor string) (shift, error) {
	run := shift{Shift: s, actor: actor}
	err := writeWithin(ctx, r.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockName(ctx, tx, fmt.Sprintf("redate/%d", c.ID)); err != nil {
			return err
		}
		// Nobody is left to shift at a site that is gone.
		if _, err := tx.Exec(ctx, `UPDATE redate SET ended_at = clock_timestamp() WHERE campaign_id = $1 AND ended_at IS NULL AND site <> '' AND site <> ALL($2)`, c.ID, siteCodes(c)); err != nil {
			return err
		}
		var same bool
		err := tx.QueryRow(ctx, `SELECT id, last_id, (site, from_day, to_day, days) = ($2, $3::date, $4::date, $5) FROM redate WHERE campaign_id = $1 AND ended_at IS NULL`,
			c.ID, s.Site, s.From.UTC(), s.To.UTC(), s.Days).Scan(&run.id, &run.last, &same)
		switch {
		case err == nil && !same:
			return fmt.Errorf("%w: another shift was cut off; carry that out first", ErrShift)
		case err == nil:
			return nil
		case !errors.Is(err, pgx.ErrNoRows):
			return err
		}
		if err := tx.QueryRow(ctx, `INSERT INTO redate (campaign_id, site, from_day, to_day, days, begun_at, last_id, actor)
			SELECT $1, $2, $3, $4, $5, clock_timestamp(), coalesce(max(id), 0), $6 FROM appointment RETURNING id, last_id`,
			c.ID, s.Site, s.From.UTC(), s.To.UTC(), s.Days, actor).Scan(&run.id, &run.last); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, clock_timestamp(), $2, 'series.shift', jsonb_build_object('redate', $3::int))`,
			c.ID, actor, run.id)
		return err
	})
	return run, err
}

// next reads the page after the mark and moves the mark behind it.
func (r *Redater) next(ctx context.Context, tx pgx.Tx, c *desk.Campaign, run shift, now time.Time) ([]int64, error) {
	args := run.args(c, now)
	args["redate"], args["last"], args["limit"] = run.id, run.last, r.page
	return collect(ctx, tx, pgx.RowTo[int64], `
WITH page AS (
    SELECT t.* FROM (`+shiftedSQL+`) t JOIN redate m ON m.id = @redate
    WHERE t.id <= @last AND (t.turn, t.arrival, t.tie, t.registration_id) > (m.after_turn, m.after_arrival, m.after_tie, m.after_entry)
    ORDER BY t.turn, t.arrival, t.tie, t.registration_id LIMIT @limit
), mark AS (
    UPDATE redate m SET after_turn = l.turn, after_arrival = l.arrival, after_tie = l.tie, after_entry = l.registration_id
    FROM (SELECT * FROM page ORDER BY turn DESC, arrival DESC, tie DESC, registration_id DESC LIMIT 1) l WHERE m.id = @redate
)
SELECT id FROM page`, args)
}

// sameDay asks for the same site so many days later. The series' longest interval does not bind: it is what the operator changes.
func (s Shift) sameDay(c *desk.Campaign) func(leaving, *booking.Waiting) {
	return func(l leaving, w *booking.Waiting) {
		day := booking.DateOf(l.starts.In(c.Zone).AddDate(0, 0, s.Days), c.Zone)
		w.Wishes = booking.Wishes{Sites: []string{l.at}, NotBefore: day, NotAfter: day, Needs: w.Wishes.Needs}
		w.Until = time.Time{}
	}
}

// sameTime asks for the same time of that day too.
func (s Shift) sameTime(c *desk.Campaign) func(leaving, *booking.Waiting) {
	return func(l leaving, w *booking.Waiting) {
		s.sameDay(c)(l, w)
		local := l.starts.In(c.Zone)
		at := local.Hour()*60 + local.Minute()
		w.Wishes.Times = []booking.DayTime{{From: at, To: at + 1}}
	}
}

// finish lists who keeps the appointment: the list is read from what stands, so that a shift that was cut off lists everybody too.
func (r *Redater) finish(ctx context.Context, c *desk.Campaign, run shift, out *Redated) error {
	args := run.args(c, time.Time{})
	args["last"] = run.last
	var err error
	out.Kept, err = collect(ctx, r.pool, func(row pgx.CollectableRow) (Kept, error) {
		var k Kept
		var serial int64
		err := row.Scan(&k.Site, &k.Starts, &serial)
		k.Ticket = c.Keys.Ticket(serial)
		return k, err
	}, `SELECT code, starts_at, serial FROM (`+shiftedSQL+`) t WHERE t.id <= @last AND starts_at > clock_timestamp() ORDER BY code, starts_at, arrival, tie`, args)
	if err != nil {
		return fmt.Errorf("list who keeps the appointment: %w", err)
	}
	return nil
}
