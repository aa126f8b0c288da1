package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// freeAt counts a site through the desk.
func (p *past) freeAt(t *testing.T, site string) desk.FreeTimes {
	t.Helper()
	d := desk.New(desk.Ports{Campaigns: p.set, Book: p.book})
	c, err := d.Campaign(dbtest.Slug)
	ok(t, err)
	before := p.now(t)
	free, err := d.FreeTimes(t.Context(), c, site)
	ok(t, err)
	if free.AsOf.Before(before) || free.AsOf.After(p.now(t)) {
		t.Errorf("as of %s, asked at %s", free.AsOf, before)
	}
	return free
}

// seats are the free seats of a site's slots, 0 where a slot is not told.
func (p *past) seats(t *testing.T, site string) []int64 {
	t.Helper()
	free := p.freeAt(t, site)
	out := make([]int64, 0, dbtest.PerSite)
	for _, s := range p.wanted.Slots {
		if s.Site != site {
			continue
		}
		var n int64
		for _, f := range free.Times {
			if f.Starts.Equal(s.Starts) && f.Ends.Equal(s.Ends) {
				n = f.Free
			}
		}
		out = append(out, n)
	}
	if told := len(free.Times); told != len(out)-len(slices.DeleteFunc(slices.Clone(out), func(n int64) bool { return n > 0 })) {
		t.Errorf("%d times for %v", told, out)
	}
	return out
}

func (p *past) seatsAre(t *testing.T, what, site string, want ...int64) {
	t.Helper()
	if got := p.seats(t, site); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// What is taken, given back, closing or over is counted as it is.
func TestFreeTimesAreWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.seatsAre(t, "nobody is there", dbtest.Site, 2, 2, 2, 2)
	p.offered(t, 3)
	p.seatsAre(t, "three have times", dbtest.Site, 0, 1, 2, 2)
	p.seatsAre(t, "another site", "middle", 2, 2, 2, 2)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.seatsAre(t, "one is given back", dbtest.Site, 1, 1, 2, 2)
	p.Exec(t, `UPDATE slot SET target = 1 WHERE id = (SELECT s.id FROM slot s JOIN site i ON i.id = s.site_id WHERE i.code = 'north' ORDER BY s.starts_at OFFSET 3 LIMIT 1)`)
	p.seatsAre(t, "one slot is closing", dbtest.Site, 1, 1, 2, 1)
	p.Exec(t, `UPDATE slot s SET starts_at = clock_timestamp() + (s.starts_at - (SELECT min(starts_at) FROM slot)) + interval '59 minutes',
		ends_at = clock_timestamp() + (s.starts_at - (SELECT min(starts_at) FROM slot)) + interval '2 hours'`)
	if free := p.freeAt(t, dbtest.Site); len(free.Times) != 3 {
		t.Errorf("one is too soon for everybody (an hour's notice), and %d of 4 are told", len(free.Times))
	}
	p.Exec(t, `UPDATE slot SET starts_at = starts_at - interval '4 hours', ends_at = ends_at - interval '4 hours'`)
	if free := p.freeAt(t, dbtest.Site); len(free.Times) != 0 {
		t.Errorf("all have begun, and %d are told", len(free.Times))
	}
	if free := p.freeAt(t, "mars"); len(free.Times) != 0 || free.AsOf.IsZero() {
		t.Errorf("a site that there is not: %v", free)
	}
}

// What a reserve keeps is not for everybody until it is released, nor is what the site has no supply for.
func TestFreeTimesLeaveOutWhatIsKept(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues, dbtest.Capacity(4), func(c *booking.Campaign) {
		c.Reserves = []booking.Reserve{{Cohorts: []string{"young"}, Sites: []string{dbtest.Site}, Percent: 50, Release: time.Minute}}
		day := c.Slots[0].Starts.In(c.Zone)
		next := day.AddDate(0, 0, 1)
		c.Supplies = []booking.Supply{{
			Site: "middle", From: booking.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()},
			To: booking.Date{Year: next.Year(), Month: next.Month(), Day: next.Day()}, Doses: 3,
		}}
	})
	p.seatsAre(t, "half is kept", dbtest.Site, 2, 2, 2, 2)
	p.seatsAre(t, "three doses", "middle", 3, 3, 3, 3)
	p.seatsAre(t, "neither", "south", 4, 4, 4, 4)
	p.Exec(t, `UPDATE supply SET taken = 3`)
	p.seatsAre(t, "no dose is left", "middle", 0, 0, 0, 0)
	p.Exec(t, `UPDATE slot SET taken = 1, kept_taken = 1 WHERE reserve > 0`)
	p.seatsAre(t, "one of the kept is taken", dbtest.Site, 2, 2, 2, 2)
	p.Exec(t, `UPDATE slot SET taken = 3 WHERE reserve > 0`)
	p.seatsAre(t, "two of the others, too", dbtest.Site, 0, 0, 0, 0)
	p.Exec(t, `UPDATE slot SET released = true`)
	p.seatsAre(t, "released", dbtest.Site, 1, 1, 1, 1)
}

// A time names the queues whose people could be given it, unless it is everybody's. What starts too soon is told by the pool's own notice.
func TestFreeTimesSayForWhom(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) {
		c.Pools = append(c.Pools, "late")
		c.Cohorts[1].Pool, c.Cohorts[1].Notice = "late", 10*24*time.Hour
		for i := range c.Slots {
			if c.Slots[i].Site == "south" || i%2 == 1 && c.Slots[i].Site == "middle" {
				c.Slots[i].Pool = "late"
			}
		}
	})
	for _, f := range p.freeAt(t, dbtest.Site).Times {
		if !slices.Equal(f.Queues, []string{dbtest.Queue}) {
			t.Errorf("at the north: %v", f.Queues)
		}
	}
	if n := len(p.freeAt(t, "south").Times); n != 0 {
		t.Errorf("everything is too soon for the young, and %d times are told", n)
	}
	if n := len(p.freeAt(t, "middle").Times); n != dbtest.PerSite/2 {
		t.Errorf("%d times in the middle", n)
	}
	whole := newPast(t, dbtest.TwoQueues)
	for _, f := range whole.freeAt(t, "south").Times {
		if f.Queues != nil {
			t.Errorf("everybody's: %v", f.Queues)
		}
	}
}

// What is told is what a round gives: as many people as there are free seats at a site get them, and then nothing is told any more.
func TestFreeTimesAreWhatARoundGives(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(3))
	var free int64
	for _, n := range p.seats(t, dbtest.Site) {
		free += n
	}
	for n := range int(free) + 2 {
		p.apply(t, n, 30*time.Minute-time.Duration(n)*time.Second, func(a *desk.Application) { a.Wishes.Sites = []string{dbtest.Site} })
	}
	p.announce(t)
	p.round(t)
	if got := p.int(t, `SELECT count(*) FROM appointment WHERE state = 'offered'`); int64(got) != free {
		t.Errorf("%d seats were told, %d were given", free, got)
	}
	p.seatsAre(t, "all is given", dbtest.Site, 0, 0, 0, 0)
}

// A site's count goes along the site's own index, in a nation of slots and with statistics of an empty table.
func TestFreeTimesReadTheSiteOnly(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	d.Exec(t, `INSERT INTO site (campaign_id, code) SELECT id, 'site-' || n FROM campaign, generate_series(1, 100) n`)
	d.Exec(t, `INSERT INTO slot (campaign_id, pool_id, site_id, starts_at, ends_at, capacity, taken)
		SELECT i.campaign_id, (SELECT min(id) FROM pool), i.id, now() + n * interval '30 minutes', now() + (n + 1) * interval '30 minutes', 2, CASE WHEN n < 300 THEN 2 ELSE 0 END
		FROM site i, generate_series(10, 1000) n WHERE i.code LIKE 'site-%'`)
	plan, config := &lastAsked{}, d.Pool.Config()
	config.ConnConfig.Tracer = plan
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	t.Cleanup(pool.Close)
	free, err := db.NewBook(pool, set).FreeTimes(t.Context(), c.ID, "site-7", map[int32]time.Duration{c.Queues[dbtest.Queue].Pool: time.Hour}, desk.FreeTimesMost)
	ok(t, err)
	if len(free.Times) != desk.FreeTimesMost || !slices.IsSortedFunc(free.Times, func(a, b desk.FreeTime) int { return a.Starts.Compare(b.Starts) }) {
		t.Errorf("%d times", len(free.Times))
	}
	rows, err := d.Pool.Query(t.Context(), `EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) `+plan.sql, plan.args...)
	ok(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	ok(t, err)
	for _, line := range lines {
		t.Log(line)
	}
	if !slices.ContainsFunc(lines, func(s string) bool { return strings.Contains(s, "slot_site_id_starts_at_key") }) {
		t.Error("the count does not go along the site's index")
	}
}

// The last slot's end is known with the campaign.
func TestACampaignKnowsWhenItsLastSlotEnds(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	var last time.Time
	p.Scan(t, `SELECT max(ends_at) FROM slot`, nil, &last)
	c, err := p.set.BySlug(dbtest.Slug)
	ok(t, err)
	if !c.LastEnds.Equal(last) || c.Over(last.Add(-time.Second)) || !c.Over(last.Add(dbtest.Day)) {
		t.Errorf("the last slot ends at %s, the campaign says %s", last, c.LastEnds)
	}
}

// lastAsked keeps a pool's last statement that counts.
type lastAsked struct {
	sql  string
	args []any
}

func (p *lastAsked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.Contains(q.SQL, "unnest") {
		p.sql, p.args = q.SQL, q.Args
	}
	return ctx
}

func (p *lastAsked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
