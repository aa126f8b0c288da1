package db_test

import (
	"context"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// until polls a condition; there is no other way to wait for the watch over the flushers.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-limit.C:
			t.Fatal("waited in vain for: " + what)
		case <-tick.C:
		}
	}
}

// A database that hangs costs nobody more than the patience; newcomers are refused at once; what hung is found again.
func TestAStalledDatabaseRefusesAtOnceAndLosesNobody(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	conn, err := d.Admin.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `BEGIN; LOCK TABLE registration IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	in := db.NewIntake(d.Pool, db.IntakeOptions{Flushers: 1, Patience: 100 * time.Millisecond})
	defer in.Close()
	app := dbtest.Application(t, c, dbtest.Person(1), time.Now(), "one")
	if _, err := in.Store(t.Context(), app); booking.CodeOf(err) != booking.CodeOverloaded {
		t.Fatalf("want an overload after the patience, got %v", err)
	}
	until(t, "newcomers to be refused", func() bool { return booking.CodeOf(in.Open()) == booking.CodeOverloaded })
	// One that is in line behind the hanging batch is told to try again too.
	if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(2), time.Now(), "two")); booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("want an overload in the line, got %v", err)
	}
	if _, err := conn.Exec(t.Context(), `COMMIT`); err != nil {
		t.Fatal(err)
	}
	until(t, "the intake to open again", func() bool { return in.Open() == nil })
	got, err := in.Store(t.Context(), app)
	if err != nil || !got.Own || !got.Arrival.Equal(app.Arrival) {
		t.Errorf("trying again found %+v, %v; want its own arrival %s", got, err, app.Arrival)
	}
	var rows int
	d.Scan(t, `SELECT count(*) FROM registration`, nil, &rows)
	if rows != 1 {
		t.Errorf("%d rows: one hung and was stored, the other was dropped from the line before it was tried", rows)
	}
}

func TestADatabaseThatIsAwayRefusesAtOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	pool, err := db.Open("postgres://nobody:x@127.0.0.1:1/nowhere?sslmode=disable", 2) // port 1: nothing listens there
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	in := db.NewIntake(pool, db.IntakeOptions{})
	defer in.Close()
	if err := in.Open(); err != nil {
		t.Errorf("nobody has tried yet: %v", err)
	}
	_, err = in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(1), time.Now(), ""))
	if booking.CodeOf(err) != booking.CodeOverloaded {
		t.Errorf("want an overload, got %v", err)
	}
	if booking.CodeOf(in.Open()) != booking.CodeOverloaded {
		t.Error("after a failure newcomers are not refused at once")
	}
	until(t, "another try to be let through", func() bool { return in.Open() == nil })
}

// A caller that hangs up takes nobody with it, and its own application is stored.
func TestACallerThatHangsUpCancelsNothing(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	ctx, hangUp := context.WithCancel(t.Context())
	hangUp()
	for i := range 20 {
		app := dbtest.Application(t, c, dbtest.Person(i), time.Now(), "")
		if i%2 == 0 {
			if _, err := in.Store(ctx, app); err != nil && booking.CodeOf(err) != booking.CodeOverloaded {
				t.Errorf("person %d: %v", i, err)
			}
			continue
		}
		if _, err := in.Store(t.Context(), app); err != nil {
			t.Errorf("person %d: %v", i, err)
		}
	}
	in.Close()
	var rows int
	d.Scan(t, `SELECT count(*) FROM registration`, nil, &rows)
	if rows != 20 {
		t.Errorf("%d rows, want 20", rows)
	}
}

// No arrival is later than its storing, whatever a node's clock says.
func TestNobodyArrivesInTheFuture(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(1), time.Now().Add(3*time.Second), "")); err != nil {
		t.Fatal(err)
	}
	var future bool
	d.Scan(t, `SELECT arrival > stored_at OR received_at > stored_at FROM registration`, nil, &future)
	if future {
		t.Error("the arrival is later than its storing")
	}
}

// Two nodes whose own clocks are set three seconds before and after the right time take arrivals in the order of what
// happened, as exactly as their bounds say.
func TestClocksThatAreSetWrongChangeNoOrder(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ahead, behind := db.NewShiftedClock(3*time.Second), db.NewShiftedClock(-3*time.Second)
	for range 5 {
		for _, c := range []*db.Clock{ahead, behind} {
			if err := c.Sample(t.Context(), d.Pool); err != nil {
				t.Fatal(err)
			}
		}
	}
	apart := ahead.Now().Sub(behind.Now()).Abs()
	if limit := ahead.Bound() + behind.Bound() + 10*time.Millisecond; apart > limit { // the two readings are moments apart
		t.Errorf("the nodes are %s apart, their bounds allow %s", apart, limit)
	}
}

// A node whose machine is gone holds nothing for long, whatever it was doing: PostgreSQL asks for it after seconds and not after hours.
func TestAVanishedNodeIsNoticed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var idle, interval, count string
	err := d.Pool.QueryRow(t.Context(), `SELECT current_setting('tcp_keepalives_idle'), current_setting('tcp_keepalives_interval'), current_setting('tcp_keepalives_count')`).
		Scan(&idle, &interval, &count)
	if err != nil || idle != "10" || interval != "5" || count != "3" {
		t.Errorf("asked after %s s, every %s s, %s times: %v", idle, interval, count, err)
	}
}
