package db_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// Ten thousand applications by a thousand people, all at once, through two intakes as on two nodes.
func TestTenThousandApplicationsByAThousandPeople(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	nodes := []*db.Intake{
		db.NewIntake(d.Pool, db.IntakeOptions{Queue: 10_000}), db.NewIntake(d.Pool, db.IntakeOptions{Queue: 10_000, Flushers: 3, Batch: 64}),
	}
	defer nodes[0].Close()
	defer nodes[1].Close()
	const people, tries = 1000, 10
	base := time.Now().UTC().Truncate(time.Microsecond)
	var made atomic.Int64
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range people * tries {
		wg.Go(func() {
			n := i % people
			app := dbtest.Application(t, c, dbtest.Person(n), base.Add(time.Duration(i)*time.Microsecond), fmt.Sprint("secret", n, i%3))
			<-start
			got, err := nodes[i%2].Store(t.Context(), app)
			if err != nil {
				t.Errorf("application %d: %v", i, err)
			}
			if got.New {
				made.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	var rows, distinct int
	d.Scan(t, `SELECT count(*), count(DISTINCT id) FROM registration`, nil, &rows, &distinct)
	if rows != people || distinct != people || made.Load() != people {
		t.Fatalf("%d rows, %d people, %d told that they were new; want %d of each", rows, distinct, made.Load(), people)
	}
	// Whoever tried first stands first: try i of person n has arrival base + i µs, and the first try is i = n.
	var wrong int
	d.Scan(t, `SELECT count(*) FROM registration WHERE arrival >= $1`, []any{base.Add(people * time.Microsecond)}, &wrong)
	if wrong != 0 {
		t.Errorf("%d people do not have the arrival of their first try", wrong)
	}
}

func TestAFullIntakeRefusesAtOnceAndStoresNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	// Nobody can store while the table is locked, so the queue of one fills.
	conn, err := d.Admin.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `BEGIN; LOCK TABLE registration IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	in := db.NewIntake(d.Pool, db.IntakeOptions{Queue: 1, Batch: 1, Flushers: 1})
	defer in.Close()
	var full atomic.Int64
	results := make(chan error, 50)
	store := func(i int) {
		_, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(i), time.Now(), ""))
		if booking.CodeOf(err) == booking.CodeOverloaded {
			full.Add(1)
		}
		results <- err
	}
	go store(0)
	for n := 0; n == 0; { // until the first is taken out of the queue, there is room for nobody beside it
		d.Scan(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`, nil, &n)
	}
	for i := range 49 {
		go store(1 + i)
	}
	for range 48 { // one is being stored, one waits; the others are refused without waiting for the lock
		if err := <-results; booking.CodeOf(err) != booking.CodeOverloaded {
			t.Fatalf("want an overload, got %v", err)
		}
	}
	if _, err := conn.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-results; err != nil {
			t.Errorf("one that waited was lost: %v", err)
		}
	}
	var rows int
	d.Scan(t, `SELECT count(*) FROM registration`, nil, &rows)
	if rows != 2 {
		t.Errorf("%d rows, want the 2 that were acknowledged", rows)
	}
}

func TestAPoisonedRowFailsAlone(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	const people = 60
	var wg sync.WaitGroup
	var failed atomic.Int64
	for i := range people {
		wg.Go(func() {
			app := dbtest.Application(t, c, dbtest.Person(i), time.Now(), "")
			if i == 17 {
				app.Door = "window" // no such door: the table's CHECK refuses it
			}
			if _, err := in.Store(t.Context(), app); err != nil {
				failed.Add(1)
				if i != 17 {
					t.Errorf("person %d failed with the poisoned one: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
	var rows int
	d.Scan(t, `SELECT count(*) FROM registration`, nil, &rows)
	if rows != people-1 || failed.Load() != 1 {
		t.Errorf("%d rows and %d failures, want %d and 1", rows, failed.Load(), people-1)
	}
}

// What each device is told about its own application must not depend on who was first.
func TestEveryDeviceKeepsItsOwnInstant(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	at := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
	store := func(offset time.Duration, secret string) desk.Stored {
		t.Helper()
		got, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(1), at.Add(offset), secret))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	maker, stranger := store(0, "maker"), store(time.Second, "stranger")
	if !maker.New || !maker.Own || stranger.New || stranger.Own {
		t.Fatalf("maker %+v, stranger %+v", maker, stranger)
	}
	for i := range 3 {
		later := time.Duration(i+2) * time.Second
		if got := store(later, "maker"); !got.Arrival.Equal(at) {
			t.Errorf("the maker's repetition is told %s, want %s", got.Arrival, at)
		}
		if got := store(later, "stranger"); !got.Arrival.Equal(at.Add(time.Second)) {
			t.Errorf("the stranger's repetition is told %s, want %s", got.Arrival, at.Add(time.Second))
		}
	}
}

// Many assigners, many people, one place.
func TestOneWinnerOfTheLastPlace(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, campaigns := dbtest.Campaign(t, d, dbtest.Capacity(1), func(c *booking.Campaign) { c.Slots = c.Slots[:1] })
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	base := time.Now().Add(-time.Minute).UTC().Truncate(time.Microsecond)
	const people = 40
	for i := range people {
		if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(i), base.Add(time.Duration(people-i)*time.Millisecond), "")); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := db.NewSealer(d.Pool, campaigns, 7).SealAll(t.Context()); err != nil || n != people {
		t.Fatalf("sealed %d: %v", n, err)
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			a := db.NewAssigner(d.Pool, campaigns, 1+i%5)
			pools, err := a.Pools(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := a.RunRound(t.Context(), pools[0], "job:assign"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var n int
	var winner [16]byte
	d.Scan(t, `SELECT count(*), min(registration_id::text)::uuid FROM appointment`, nil, &n, &winner)
	want := dbtest.Application(t, c, dbtest.Person(people-1), base, "").ID // the earliest arrival
	if n != 1 || booking.ID(winner) != want {
		t.Fatalf("%d appointments; the first in order won: %t", n, booking.ID(winner) == want)
	}
	// The guard in the database itself, without any assigner.
	if _, err := d.Admin.Exec(t.Context(), `UPDATE slot SET taken = taken + 1`); err == nil {
		t.Error("the database let a full slot be taken")
	}
}

func TestClockTakesTheBestSample(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c := db.NewClock()
	if c.Bound() <= db.MaxBound {
		t.Fatal("a clock that knows nothing counts as exact")
	}
	for range 5 {
		if err := c.Sample(t.Context(), d.Pool); err != nil {
			t.Fatal(err)
		}
	}
	var server time.Time
	before := c.Now()
	d.Scan(t, `SELECT clock_timestamp()`, nil, &server)
	after := c.Now()
	if server.Before(before.Add(-c.Bound())) || server.After(after.Add(c.Bound())) {
		t.Errorf("PostgreSQL says %s, outside %s … %s ± %s", server, before, after, c.Bound())
	}
}
