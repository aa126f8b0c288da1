package db_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// stored puts rows for invented people straight into the table: person n arrived at the n-th instant.
func stored(t testing.TB, d *dbtest.DB, c *desk.Campaign, queue string, from time.Time, every time.Duration, first, people int) {
	t.Helper()
	d.Exec(t, `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, stored_at, door, actor, lang, verify, person_ct)
SELECT $1, md5($5::int || '/' || n)::uuid, $2, $3, 1, at, at, hashint8(n), at + interval '1 millisecond', 'app', 'app', 'ko', 'by_offer', decode(repeat('00', 120), 'hex')
FROM (SELECT n, $4::timestamptz + n * make_interval(secs => $7) AS at FROM generate_series($5::int, $5::int + $6::int - 1) n) s`,
		c.ID, c.Queues[queue].ID, dbtest.Cohort, from, first, people, every.Seconds())
}

// inOrder fails unless every registration has one place, numbers have no gap, each place has its registration's arrival,
// and a number is late exactly when an earlier number has a later key.
func inOrder(t testing.TB, d *dbtest.DB, people int) {
	t.Helper()
	var places, wrong int
	d.Scan(t, `SELECT count(*) FROM place`, nil, &places)
	d.Scan(t, `SELECT count(*) FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id WHERE p.arrival <> r.arrival`, nil, &wrong)
	var gaps int
	d.Scan(t, `SELECT count(*) FROM (SELECT q.sealed_to <> count(p.number) OR q.sealed_to <> coalesce(max(p.number), 0) AS bad
		FROM queue q LEFT JOIN place p ON p.queue_id = q.id GROUP BY q.id) x WHERE bad`, nil, &gaps)
	if places != people || wrong != 0 || gaps != 0 {
		t.Fatalf("%d places for %d people; %d with another arrival than their registration, %d queues with gaps", places, people, wrong, gaps)
	}
	lateness(t, d)
}

// lateness walks the places by number. A place whose arrival became earlier after its announcing is late, and counts for
// others with either arrival.
func lateness(t testing.TB, d *dbtest.DB) {
	t.Helper()
	rows, err := d.Admin.Query(t.Context(), `SELECT queue_id, coalesce(announced_arrival, arrival), arrival, tie, registration_id, late <> '', moved_at IS NOT NULL
		FROM place ORDER BY queue_id, number`)
	if err != nil {
		t.Fatal(err)
	}
	var queue, at int32
	var announced, now, highest, least booking.OrderKey
	var late, moved bool
	columns := []any{&queue, &announced.Arrival, &now.Arrival, &now.Tie, (*[16]byte)(&now.ID), &late, &moved}
	_, err = pgx.ForEachRow(rows, columns, func() error {
		announced.Tie, announced.ID = now.Tie, now.ID
		if queue != at {
			at, highest, least = queue, booking.OrderKey{}, booking.OrderKey{}
		}
		must, may := moved || announced.Compare(least) < 0, moved || announced.Compare(highest) < 0
		if must && !late || late && !may {
			return fmt.Errorf("queue %d: late is %t for %v after %v", queue, late, announced, highest)
		}
		if highest.Compare(announced) < 0 {
			highest = announced
		}
		if least.Compare(now) < 0 {
			least = now
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func sealed(t testing.TB, s *db.Sealer, want int) {
	t.Helper()
	if n, err := s.SealAll(t.Context()); err != nil || n != want {
		t.Fatalf("sealed %d: %v; want %d", n, err, want)
	}
}

func TestSealNumbersInOrderAndMarksTheLateWithTheirCause(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	from := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 1000, 1000)
	s, other := db.NewSealer(d.Pool, set, 100), db.NewSealer(d.Pool, set, 70)
	sealed(t, s, 1000)
	sealed(t, other, 0)
	// Late ones of each kind, and a newer one; two sealers take turns, as workers do.
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 0, 4)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 5000, 1)
	d.Exec(t, `UPDATE registration SET via = 'stamp' WHERE arrival = $1`, from)
	d.Exec(t, `UPDATE registration SET via = 'journal' WHERE arrival = $1`, from.Add(time.Millisecond))
	d.Exec(t, `UPDATE registration SET stored_at = arrival + interval '6 seconds', door = 'sms' WHERE arrival = $1`, from.Add(2*time.Millisecond))
	sealed(t, other, 5)
	sealed(t, s, 0)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 6000, 10)
	sealed(t, s, 10)
	inOrder(t, d, 1015)
	for i, want := range []string{"stamp", "journal", "slow_sms", "stored_late", ""} {
		var late string
		d.Scan(t, `SELECT late FROM place WHERE number = $1`, []any{1001 + i}, &late)
		if late != want {
			t.Errorf("number %d is late because of %q, want %q", 1001+i, late, want)
		}
	}
}

// Everybody arrives at the very opening, with the same tie-breaker: the ids decide, page by page, as they do for one alone.
func TestSealOfEverybodyAtTheSameInstant(t *testing.T) {
	t.Parallel()
	for _, people := range []int{1, 60} {
		d := dbtest.New(t)
		c, set := dbtest.Campaign(t, d)
		in := db.NewIntake(d.Pool, db.IntakeOptions{})
		defer in.Close()
		for n := range people {
			if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(n), c.Cohorts[0].Opens, "")); err != nil {
				t.Fatal(err)
			}
		}
		d.Exec(t, `UPDATE registration SET tie = 0`)
		sealed(t, db.NewSealer(d.Pool, set, 7), people)
		sealed(t, db.NewSealer(d.Pool, set, 7), 0)
		inOrder(t, d, people)
		var late int
		d.Scan(t, `SELECT count(*) FROM place WHERE late <> ''`, nil, &late)
		r, err := db.Audit(t.Context(), d.Pool, set, db.AuditOptions{Grace: time.Hour})
		if late != 0 || err != nil || r.Violations != 0 {
			t.Errorf("%d people, %d late, %v\n%s", people, late, err, r.Text())
		}
	}
}

// A small memory means several readings, and the same places.
func TestSealWithLittleMemory(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, dbtest.TwoQueues)
	from := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	const people = 700
	for i := range 7 { // later serials have earlier arrivals
		stored(t, d, c, dbtest.Queue, from, time.Millisecond, (6-i)*1000, 100)
		stored(t, d, c, "young", from, time.Millisecond, 50_000+(6-i)*1000, 100)
	}
	s := db.NewSealer(d.Pool, set, 60)
	s.KeepAtMost(90)
	sealed(t, s, 2*people)
	var late int
	d.Scan(t, `SELECT count(*) FROM place WHERE late <> ''`, nil, &late)
	if late != 0 {
		t.Errorf("%d are late, though all were there before the first reading", late)
	}
	inOrder(t, d, 2*people)
}

// A transaction that took its serials early and commits late, behind everything that was read meanwhile.
func TestSealFindsWhatBecomesVisibleLate(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	from := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	slow, err := d.Admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Rollback(context.WithoutCancel(t.Context())) }()
	if _, err := slow.Exec(t.Context(), `INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, lang, verify, person_ct)
		VALUES ($1, gen_random_uuid(), $2, 'all', 1, $3, $3, 0, 'app', 'app', 'ko', 'by_offer', '')`, c.ID, c.Queues[dbtest.Queue].ID, from); err != nil {
		t.Fatal(err)
	}
	s := db.NewSealer(d.Pool, set, 100)
	for i := range 3 {
		stored(t, d, c, dbtest.Queue, from, time.Millisecond, 1+1000*i, 50)
		sealed(t, s, 50)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed(t, s, 1)
	inOrder(t, d, 151)

	// Even what no reading would ever find is found by the sweep.
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 20_000, 10)
	var head int64
	d.Scan(t, `SELECT max(serial) FROM registration`, nil, &head)
	s.PassOver(head)
	sealed(t, s, 0)
	d.Exec(t, `UPDATE queue SET scan_from = $1`, head)
	s.Hurry()
	sealed(t, s, 10)
	inOrder(t, d, 161)
}

// The very first registration of a database is numbered, however long sealers looked at nothing before it came: a sequence that was never used shows the
// number that it will give out first.
func TestSealNumbersTheFirstOfAll(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	s := db.NewSealer(d.Pool, set, 100)
	for range 3 {
		sealed(t, s, 0)
		s.Age(time.Hour)
	}
	stored(t, d, c, dbtest.Queue, time.Now().Add(-time.Hour).UTC(), time.Millisecond, 1, 1)
	sealed(t, s, 1)
}

// An arrival that became earlier after it was read decides, before its turn and within it.
func TestSealSeesAnArrivalThatBecameEarlier(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, func(c *booking.Campaign) { c.Settle = time.Minute })
	now := time.Now().UTC().Truncate(time.Millisecond)
	stored(t, d, c, dbtest.Queue, now, time.Second, -59, 40) // not settled yet
	s := db.NewSealer(d.Pool, set, 100)
	sealed(t, s, 0)
	first := now.Add(-2 * time.Hour)
	d.Exec(t, `UPDATE registration SET arrival = $1 WHERE serial = (SELECT max(serial) FROM registration)`, first)
	sealed(t, s, 1)
	sealed(t, s, 0)
	var at time.Time
	d.Scan(t, `SELECT arrival FROM place`, nil, &at)
	if !at.Equal(first) {
		t.Errorf("number 1 arrived at %s, want %s", at, first)
	}
}

// Many sealers, and many tries that bring earlier arrivals of the same people, all at once. Every place has the arrival that
// its registration shows, and that is the earliest of all; a number that was announced stays.
func TestSealAndEarlierArrivalsRace(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	from := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	const people, tries = 300, 3000
	var apps []desk.Application
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	for i := range people {
		apps = append(apps, dbtest.Application(t, c, dbtest.Person(i), from.Add(time.Minute), ""))
		if _, err := in.Store(t.Context(), apps[i]); err != nil {
			t.Fatal(err)
		}
	}
	in.Close()
	least := make([]time.Time, people)
	var mu sync.Mutex
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			s := db.NewSealer(d.Pool, set, 5+i)
			<-start
			for range 20 {
				if _, err := s.SealAll(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 6 {
		wg.Go(func() {
			<-start
			for range tries / 6 {
				n := rand.IntN(people)
				a := apps[n]
				a.Arrival = from.Add(time.Duration(rand.IntN(60_000_000)) * time.Microsecond)
				if err := pgx.BeginFunc(t.Context(), d.Pool, func(tx pgx.Tx) error { return db.Earlier(t.Context(), tx, a) }); err != nil {
					t.Error(err)
				}
				mu.Lock()
				if least[n].IsZero() || a.Arrival.Before(least[n]) {
					least[n] = a.Arrival
				}
				mu.Unlock()
			}
		})
	}
	close(start)
	wg.Wait()
	sealed(t, db.NewSealer(d.Pool, set, 100), 0)
	inOrder(t, d, people)
	for i, a := range apps {
		var at time.Time
		d.Scan(t, `SELECT arrival FROM place WHERE registration_id = $1`, []any{[16]byte(a.ID)}, &at)
		if want := least[i]; !want.IsZero() && !at.Equal(want) {
			t.Errorf("person %d is served as of %s, but arrived at %s", i, at, want)
		}
	}
}

func TestBacklogEstimate(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_000_000, 0)
	var waiting []time.Time
	for i := range 5000 {
		waiting = append(waiting, at.Add(time.Duration(i)*time.Millisecond))
	}
	for _, c := range []struct {
		after     time.Duration
		low, high int64
	}{{-time.Second, 100, 100}, {0, 100, 101}, {time.Second, 1090, 1110}, {2500 * time.Millisecond, 2590, 2610}, {time.Hour, 5100, 5100}} {
		if got := db.EstimateBefore(100, waiting, at.Add(c.after)); got < c.low || got > c.high {
			t.Errorf("%s after the first: %d before, want %d to %d", c.after, got, c.low, c.high)
		}
	}
	if got := db.EstimateBefore(7, nil, at); got != 7 {
		t.Errorf("nobody waits: %d before, want 7", got)
	}
}

// A stamp that comes back when somebody else's later application for the same person has its number already.
func TestAStampThatComesAfterTheSealStillCounts(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	first := time.Now().Add(-10 * time.Minute).UTC().Truncate(time.Microsecond)
	at := func(n, minute int, secret string) desk.Application {
		return dbtest.Application(t, c, dbtest.Person(n), first.Add(time.Duration(minute)*time.Minute), secret)
	}
	for _, a := range []desk.Application{at(1, 5, "helper"), at(2, 3, "two"), at(3, 6, "three")} {
		if _, err := in.Store(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	s := db.NewSealer(d.Pool, set, 100)
	sealed(t, s, 3)
	stamped := at(1, 0, "own")
	stamped.Via = desk.ViaStamp
	for range 2 { // and again: nothing moves twice
		if got, err := in.Store(t.Context(), stamped); err != nil || !got.Arrival.Equal(first) {
			t.Fatalf("the stamp's holder is told %+v, %v", got, err)
		}
	}
	sealed(t, s, 0)
	var number int64
	var arrival, announced time.Time
	var late string
	d.Scan(t, `SELECT number, arrival, announced_arrival, late FROM place WHERE registration_id = $1`, []any{[16]byte(stamped.ID)},
		&number, &arrival, &announced, &late)
	if number != 2 || !arrival.Equal(first) || !announced.Equal(first.Add(5*time.Minute)) || late != "stamp" {
		t.Errorf("number %d as of %s, announced as of %s, late %q; want number 2 as of the stamp", number, arrival, announced, late)
	}
	inOrder(t, d, 3)
	r, err := db.Audit(t.Context(), d.Pool, set, db.AuditOptions{Grace: time.Hour})
	if err != nil || r.Violations != 0 {
		t.Errorf("the audit: %v\n%s", err, r.Text())
	}
	if _, err := d.Pool.Exec(t.Context(), `UPDATE place SET arrival = now()`); err == nil {
		t.Error("the program's role may change a place at will")
	}
}
