package db_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/booking/drawfile"
	"jari/db"
	"jari/db/dbtest"
)

// window is when the window of a drawn campaign began and ended.
func window(c *desk.Campaign) (opens, closes time.Time) {
	return c.Cohorts[0].Opens, c.Cohorts[0].Window
}

// drawNow closes the list and draws.
func drawNow(t testing.TB, d *dbtest.DB, set *db.Campaigns) {
	t.Helper()
	if _, err := db.CloseDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.RunDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "3, 7, 12", "test"); err != nil {
		t.Fatal(err)
	}
}

// unkept is for whoever needs the record alone.
func unkept(drawfile.Record) error { return nil }

// holds publishes the draw, draws again from the record, and audits the database.
func holds(t testing.TB, d *dbtest.DB, set *db.Campaigns) drawfile.Record {
	t.Helper()
	r, err := db.PublishDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test", unkept)
	if err != nil {
		t.Fatal(err)
	}
	if held, err := drawfile.Verify(r, drawfile.Seen{}); err != nil {
		t.Errorf("%v, after:\n%s", err, strings.Join(held, "\n"))
	}
	clean(t, d, set)
	return r
}

// clean fails when the audit finds anything about the order. People of these tests cannot be decrypted, which is law 2's.
func clean(t testing.TB, d *dbtest.DB, set *db.Campaigns) {
	t.Helper()
	r, err := db.Audit(t.Context(), d.Pool, set, db.AuditOptions{Grace: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	for _, law := range []int{3, 9} {
		if l := r.Laws[law-1]; l.Violations != 0 || l.Checked == 0 {
			t.Errorf("law %d: %d of %d facts are bad: %s", law, l.Violations, l.Checked, l.First)
		}
	}
}

func numbers(t testing.TB, d *dbtest.DB, sql string) []int64 {
	t.Helper()
	var out []int64
	d.Scan(t, `SELECT coalesce(array_agg(number ORDER BY number), '{}') FROM place p JOIN registration r ON r.id = p.registration_id WHERE `+sql, nil, &out)
	return out
}

func upTo(from, to int64) []int64 {
	var out []int64
	for n := from; n <= to; n++ {
		out = append(out, n)
	}
	return out
}

func TestDrawFromTheCommitmentToTheRecord(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, closes := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 500)
	stored(t, d, c, dbtest.Queue, closes.Add(-10*time.Second), time.Second, 1000, 10) // 1000 s later: behind the window
	s := db.NewSealer(d.Pool, set, 70)
	sealed(t, s, 0)
	if _, err := db.RunDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "3 7 12", "test"); !errors.Is(err, db.ErrDraw) {
		t.Errorf("it was drawn before the list was closed: %v", err)
	}
	if _, err := db.PublishDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test", unkept); !errors.Is(err, db.ErrDraw) {
		t.Errorf("the secret was published before the draw: %v", err)
	}
	closed, err := db.CloseDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test")
	if err != nil || closed.Entries != 500 {
		t.Fatalf("%d entries, %v", closed.Entries, err)
	}
	sealed(t, s, 0)
	again, err := db.CloseDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "other")
	if err != nil || !bytes.Equal(again.Digest, closed.Digest) || !again.ListedAt.Equal(closed.ListedAt) {
		t.Errorf("closing again: %+v, %v", again, err)
	}
	for _, value := range []string{"03-07-12", "3 7 12"} { // one value, however it is typed
		if _, err := db.RunDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, value, "test"); err != nil {
			t.Errorf("%s: %v", value, err)
		}
	}
	if _, err := db.RunDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "3 7 13", "test"); !errors.Is(err, db.ErrDraw) {
		t.Errorf("it was drawn twice: %v", err)
	}
	sealed(t, s, 510)
	if got := numbers(t, d, `r.arrival < '`+closes.Format(time.RFC3339)+`'`); !slices.Equal(got, upTo(1, 500)) {
		t.Errorf("who applied within the window has the numbers %v", got)
	}
	var arrivals, late, inOrderOfArrival int
	d.Scan(t, `SELECT count(DISTINCT arrival) FILTER (WHERE number <= 500), count(*) FILTER (WHERE late <> '') FROM place`, nil, &arrivals, &late)
	d.Scan(t, `SELECT count(*) FROM (SELECT r.arrival > lag(r.arrival) OVER (ORDER BY p.number) AS after FROM place p JOIN registration r ON r.id = p.registration_id
		WHERE p.number <= 500) x WHERE after`, nil, &inOrderOfArrival)
	if arrivals != 1 || late != 0 || inOrderOfArrival < 150 || inOrderOfArrival > 350 {
		t.Errorf("%d arrivals, %d late; %d of 499 stand behind somebody who came before", arrivals, late, inOrderOfArrival)
	}
	r := holds(t, d, set)
	if len(r.Entries) != 500 || r.PublicValue != "3 7 12" || r.PublicValueName != dbtest.PublicValue {
		t.Errorf("a record of %d entries, %q, %q", len(r.Entries), r.PublicValue, r.PublicValueName)
	}
}

// Sealers that end after each page, whatever they know, give the numbers that one unbroken run gives.
func TestDrawGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, _ := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 300)
	old := db.NewSealer(d.Pool, set, 40) // has read everything before the draw
	sealed(t, old, 0)
	drawNow(t, d, set)
	for n, pages := 0, 0; n < 300; pages++ {
		s := db.NewSealer(d.Pool, set, 40)
		s.KeepAtMost(120)
		one, err := s.OnePage(t.Context())
		if n += one; err != nil || pages > 20 {
			t.Fatalf("page %d: %v", pages, err)
		}
		if pages == 2 {
			one, err = old.OnePage(t.Context())
			if n += one; err != nil || one == 0 {
				t.Fatalf("a sealer from before the draw numbered %d: %v", one, err)
			}
		}
	}
	sealed(t, old, 0)
	holds(t, d, set)
}

func TestDrawWithManySealersAtOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, closes := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 400)
	stored(t, d, c, dbtest.Queue, closes, time.Millisecond, 1000, 50)
	var sealers []*db.Sealer
	for i := range 4 {
		s := db.NewSealer(d.Pool, set, 10+7*i)
		sealed(t, s, 0)
		sealers = append(sealers, s)
	}
	drawNow(t, d, set)
	errs := make(chan error)
	for _, s := range sealers {
		go func() {
			var err error
			for range 10 {
				_, again := s.SealAll(t.Context())
				err = errors.Join(err, again)
			}
			errs <- err
		}()
	}
	for range sealers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	sealed(t, sealers[0], 0)
	var places, late int
	d.Scan(t, `SELECT count(*), count(*) FILTER (WHERE late <> '') FROM place`, nil, &places, &late)
	if places != 450 || late != 0 {
		t.Errorf("%d places, %d late", places, late)
	}
	holds(t, d, set)
}

// Who is stored after the list was closed has a lot by the same formula, a number behind the list, and the cause.
func TestDrawPlacesTheLateByTheirLots(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, closes := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 100)
	if _, err := db.CloseDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test"); err != nil {
		t.Fatal(err)
	}
	// Between the closing and the draw; the sealer must know them from the list's.
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 1000, 20)
	d.Exec(t, `UPDATE registration SET via = 'stamp' WHERE arrival >= $1`, opens.Add(time.Second))
	d.Exec(t, `WITH r AS (UPDATE registration SET withdrawn_at = now() WHERE arrival = $1 RETURNING campaign_id, id, withdrawn_at)
		INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, withdrawn_at, 'phone', 'withdraw' FROM r`, opens.Add(7*time.Millisecond)) // on the list
	if _, err := db.RunDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "3 7 12", "test"); err != nil {
		t.Fatal(err)
	}
	stored(t, d, c, dbtest.Queue, closes, time.Millisecond, 2000, 30)
	s := db.NewSealer(d.Pool, set, 17)
	sealed(t, s, 149)
	if got := numbers(t, d, `r.via = ''`+` AND r.arrival < '`+closes.Format(time.RFC3339)+`'`); !slices.Equal(got, upTo(1, 99)) {
		t.Errorf("the list has the numbers %v", got)
	}
	var stamped, marked int
	d.Scan(t, `SELECT count(*), count(*) FILTER (WHERE late = 'stamp') FROM place p JOIN registration r ON r.id = p.registration_id
		WHERE r.via = 'stamp' AND p.arrival = $1`, []any{opens}, &stamped, &marked)
	if stamped != 20 || marked < 18 { // whose lot is behind the whole list is late to nobody
		t.Errorf("%d of the stamped have a lot, %d are marked late", stamped, marked)
	}
	// And long after the draw.
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 5000, 1)
	d.Exec(t, `UPDATE registration SET via = 'journal' WHERE arrival = $1`, opens.Add(5*time.Second))
	sealed(t, s, 1)
	var late string
	d.Scan(t, `SELECT late FROM place WHERE number = 150`, nil, &late)
	if late != "journal" {
		t.Errorf("late because of %q", late)
	}
	r := holds(t, d, set)
	unnumbered := 0
	for _, e := range r.Entries {
		if e.Number == 0 {
			unnumbered++
		}
	}
	if r.Listed != 100 || len(r.Entries) != 121 || unnumbered != 1 {
		t.Errorf("%d listed, %d entries, %d without a number", r.Listed, len(r.Entries), unnumbered)
	}
}

// A stamp proves an arrival within the window for somebody who has a number by a later one: the number stays, the lot counts.
// An earlier arrival of somebody who drew a lot changes nothing.
func TestDrawAndArrivalsThatBecomeEarlier(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, closes := window(c)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	app := func(n int, arrival time.Time) desk.Application {
		return dbtest.Application(t, c, dbtest.Person(n), arrival, fmt.Sprint("own", n))
	}
	store := func(a desk.Application) {
		if _, err := in.Store(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		store(app(n, opens.Add(time.Hour)))
	}
	store(app(20, closes.Add(time.Minute)))
	store(app(21, closes.Add(2*time.Minute)))
	drawNow(t, d, set)
	s := db.NewSealer(d.Pool, set, 6)
	sealed(t, s, 22)
	before := holds(t, d, set)
	for _, n := range []int{3, 21} {
		a := app(n, opens.Add(time.Minute))
		a.Via = desk.ViaStamp
		store(a)
	}
	sealed(t, s, 0)
	var number int64
	var arrival, announced time.Time
	var late string
	d.Scan(t, `SELECT number, arrival, announced_arrival, late FROM place WHERE moved_at IS NOT NULL`, nil, &number, &arrival, &announced, &late)
	if number != 22 || !arrival.Equal(opens) || !announced.Equal(closes.Add(2*time.Minute)) || late != "stamp" {
		t.Errorf("number %d as of %s, announced as of %s, late %q", number, arrival, announced, late)
	}
	after := holds(t, d, set)
	if len(after.Entries) != 21 || !slices.Equal(after.Entries[:20], before.Entries) {
		t.Errorf("the list changed, or the late one is not in the record: %+v", after.Entries)
	}
}

// The laws of the draw, broken by hand, are found.
func TestTheAuditDrawsAgain(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, _ := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 50)
	drawNow(t, d, set)
	sealed(t, db.NewSealer(d.Pool, set, 100), 50)
	holds(t, d, set)
	for name, sql := range map[string]string{
		"nothing":         `SELECT`,
		"another key":     `UPDATE place SET tie = tie + 1 WHERE number = 50`,
		"an arrival":      `UPDATE place SET arrival = arrival + interval '1 second' WHERE number = 50`,
		"a list":          `UPDATE draw_list SET ids = set_byte(ids, 15, (get_byte(ids, 15) + 1) % 256)`,
		"a commitment":    `UPDATE draw SET commitment = sha256('')`,
		"a value":         `UPDATE draw SET public_value = '4 7 12'`,
		"a late promise":  `UPDATE draw SET committed_at = opens_at + interval '1 second'`,
		"two exchanged":   `UPDATE place SET number = CASE number WHEN 49 THEN 1049 ELSE 49 END WHERE number IN (49, 50); UPDATE place SET number = 50 WHERE number = 1049`,
		"rights to cheat": `GRANT UPDATE (commitment) ON draw TO jari_app`,
	} {
		t.Run(name, func(t *testing.T) {
			tx, err := d.Admin.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(t.Context()) }()
			if _, err := tx.Exec(t.Context(), `ALTER TABLE draw DISABLE TRIGGER draw_once; `+sql); err != nil {
				t.Fatal(err)
			}
			f, err := db.AuditWithin(t.Context(), tx, set)
			if err != nil || (f == 0) != (name == "nothing") {
				t.Errorf("%d violations, %v", f, err)
			}
		})
	}
}

func TestTheStepsOfADrawAreTakenOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	_, set := dbtest.Drawn(t, d)
	refused := func(sql string) {
		t.Helper()
		if _, err := d.Pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the program's role may: %s", sql)
		}
		if _, err := d.Admin.Exec(t.Context(), sql); err == nil {
			t.Errorf("the owner may: %s", sql)
		}
	}
	refused(`UPDATE draw SET commitment = sha256('')`)
	refused(`UPDATE draw SET secret_ct = ''`)
	refused(`UPDATE draw SET public_value = '7', drawn_at = now(), drawn_by = 'me'`)
	refused(`UPDATE draw SET list_digest = sha256(''), entries = 0, listed_at = window_closes - interval '1 second', listed_by = 'me'`)
	drawNow(t, d, set)
	refused(`UPDATE draw SET list_digest = sha256('')`)
	refused(`UPDATE draw SET window_closes = window_closes + interval '1 second'`)
	refused(`UPDATE draw SET public_value = '8'`)
	if _, err := d.Pool.Exec(t.Context(), `DELETE FROM draw_list`); err == nil {
		t.Error("the program's role may shorten a list")
	}
}

func TestApplyHoldsADrawToItsCommitment(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Drawn(t, d)
	opens, closes := window(c)
	apply := func(at time.Time, change func(*booking.Campaign)) error {
		content := *c.Campaign
		content.Cohorts = slices.Clone(c.Cohorts)
		change(&content)
		_, err := db.Apply(t.Context(), d.Pool, d.Master, &content, campaignfile.Digest(&content), "test", at)
		return err
	}
	commitment := func() (b []byte) {
		d.Scan(t, `SELECT commitment FROM draw`, nil, &b)
		return b
	}
	before := commitment()
	for name, bad := range map[string]error{
		"a window moved after the opening": apply(opens, func(c *booking.Campaign) { c.Cohorts[0].Window = closes.Add(time.Minute) }),
		"a value renamed after it":         apply(opens, func(c *booking.Campaign) { c.Cohorts[0].PublicValue = "the weather" }),
		"by arrival after all":             apply(opens.Add(-time.Hour), func(c *booking.Campaign) { c.Cohorts[0].Order = booking.ByArrival }),
		"a mix": apply(opens.Add(-time.Hour), func(c *booking.Campaign) {
			k := c.Cohorts[0]
			k.Code, k.Order = "other", booking.ByArrival
			c.Cohorts = append(c.Cohorts, k)
		}),
		"a queue whose window is open": apply(opens, func(c *booking.Campaign) {
			k := c.Cohorts[0]
			k.Code, k.Queue = "other", "other"
			c.Cohorts = append(c.Cohorts, k)
		}),
	} {
		if !errors.Is(bad, db.ErrApply) {
			t.Errorf("%s: %v", name, bad)
		}
	}
	if err := apply(opens.Add(-time.Hour), func(c *booking.Campaign) { c.Cohorts[0].Window = closes.Add(time.Minute) }); err != nil {
		t.Errorf("a window moved before the opening: %v", err)
	}
	if !bytes.Equal(before, commitment()) {
		t.Error("the commitment changed")
	}
}

func TestADrawIsNotClosedBeforeItsTime(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	_, set := dbtest.Drawn(t, d, func(c *booking.Campaign) {
		c.Cohorts[0].Window = time.Now().Add(-db.DrawGrace + time.Minute).Truncate(time.Second)
	})
	if _, err := db.CloseDraw(t.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "test"); !errors.Is(err, db.ErrDraw) {
		t.Errorf("the list was closed while stamps may still come: %v", err)
	}
	for slug, queue := range map[string]string{"nowhere": dbtest.Queue, dbtest.Slug: "nothing"} {
		if _, err := db.CloseDraw(t.Context(), d.Pool, set, slug, queue, "test"); !errors.Is(err, db.ErrNoDraw) {
			t.Errorf("%s/%s: %v", slug, queue, err)
		}
	}
	other := dbtest.New(t)
	_, arrival := dbtest.Campaign(t, other)
	if _, err := db.CloseDraw(t.Context(), other.Pool, arrival, dbtest.Slug, dbtest.Queue, "test"); !errors.Is(err, db.ErrNoDraw) {
		t.Errorf("a queue in the order of arrival: %v", err)
	}
}
