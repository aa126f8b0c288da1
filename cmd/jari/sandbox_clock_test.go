package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// A day and an hour later the cohort of tomorrow is open, the unanswered offer has lapsed, every time that was stored is the
// sandbox's, and the laws have held.
func TestTheSandboxClock(t *testing.T) {
	t.Parallel()
	began := time.Now()
	a := newAppTeam(t)
	if r := a.apply("early"); r.status != http.StatusForbidden || r.body["code"] != "not_open_yet" {
		t.Errorf("before the opening: %d %v", r.status, r.body)
	}
	lapsing := a.path(a.apply("lapsed"))
	a.prove("lapsed", lapsing)
	a.entry("lapsed", lapsing, "an offer", func(e map[string]any) bool { return e["appointment"] != nil })
	a.until("the offer to be delivered", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM lapse`, nil, &n)
		return n == 1
	})
	a.forward(25 * time.Hour)

	if r := a.apply("early"); r.status != http.StatusOK {
		t.Errorf("after the opening: %d %v", r.status, r.body)
	}
	a.until("the offer to lapse", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM appointment a JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id WHERE r.cohort = 'lapsing' AND a.state = 'lapsed'`, nil, &n)
		return n == 1
	})
	a.audited()
	a.everyTimeIsTheSandboxs(began, time.Now())
	a.everythingAsksTheSandboxsClock()
}

// everyTimeIsTheSandboxs looks for real times in every column that holds one. The sandbox's day begins in the future.
func (a *appTeam) everyTimeIsTheSandboxs(from, to time.Time) {
	a.t.Helper()
	rows, err := a.box.api.house.pool.Query(a.t.Context(), `
SELECT table_name::text, column_name::text FROM information_schema.columns
WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'`)
	if err != nil {
		a.t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Table, Column string }])
	if err != nil || len(columns) < 20 {
		a.t.Fatalf("%d columns: %v", len(columns), err)
	}
	filled := 0
	for _, c := range columns {
		var real, all int
		column := pgx.Identifier{c.Column}.Sanitize()
		a.scan(fmt.Sprintf(`SELECT count(*) FILTER (WHERE %s BETWEEN $1 AND $2), count(%s) FROM %s`, column, column, pgx.Identifier{"public", c.Table}.Sanitize()),
			[]any{from, to.Add(time.Minute)}, &real, &all)
		if real > 0 {
			a.t.Errorf("%s.%s holds %d real times", c.Table, c.Column, real)
		}
		filled += min(all, 1)
	}
	if filled < 20 {
		a.t.Errorf("only %d columns hold times", filled)
	}
}

// What the migrations have made asks the sandbox's clock, also where it has not been used here: functions with a path of their own,
// and defaults.
func (a *appTeam) everythingAsksTheSandboxsClock() {
	a.t.Helper()
	var tied, free, defaults, others int
	a.scan(`SELECT count(*) FILTER (WHERE s LIKE 'search_path=public, sandbox, pg_catalog%'), count(*) FILTER (WHERE s NOT LIKE 'search_path=public, sandbox, pg_catalog%')
		FROM pg_proc, unnest(proconfig) s WHERE pronamespace = 'public'::regnamespace AND s LIKE 'search_path=%'`, nil, &tied, &free)
	a.scan(`SELECT count(*) FILTER (WHERE d LIKE 'sandbox.clock_timestamp()'), count(*) FILTER (WHERE d NOT LIKE 'sandbox.clock_timestamp()')
		FROM (SELECT set_config('search_path', 'pg_catalog', true)) p, LATERAL (SELECT pg_get_expr(adbin, adrelid) AS d FROM pg_attrdef
			WHERE adrelid <> 'public.goose_db_version'::regclass) e WHERE d ~ '(timestamp|now)\('`, nil, &defaults, &others)
	if tied < 5 || free > 0 || defaults < 3 || others > 0 {
		a.t.Errorf("%d functions and %d defaults ask the sandbox's clock, %d and %d may ask another", tied, defaults, free, others)
	}
}

// Nobody sees two times in a transaction: a move waits for who has read the clock, and who reads it next waits for the move.
func TestTheSandboxClockWaitsForTransactions(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	tx, err := a.box.api.house.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	read := func() (at time.Time) {
		if err := tx.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	before := read()
	moved := make(chan error, 1)
	go func() { moved <- a.box.clock.Move(t.Context(), 24*time.Hour) }()
	a.until("the move to wait", time.Minute, func() bool {
		select {
		case err := <-moved:
			t.Fatalf("the clock has moved in the middle of a transaction: %v", err)
		default:
		}
		var n int
		a.scan(`SELECT count(*) FROM pg_locks WHERE relation = 'sandbox.clock'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`, nil, &n)
		return n == 1
	})
	if after := read(); after.Sub(before) > time.Hour {
		t.Errorf("%s and %s in one transaction", before, after)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-moved; err != nil {
		t.Fatal(err)
	}
	if got := a.box.clock.Now().Sub(before); got < 24*time.Hour {
		t.Errorf("the node's clock is %s on", got)
	}
}

// Texts that nobody asked for wait at night by the sandbox's clock, and go out in its morning.
func TestTheSandboxHasNights(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	a.forward(12 * time.Hour) // 22:00
	p := a.person("offered")
	a.path(a.apply("offered"))
	a.until("an offer to wait", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM message m JOIN registration r ON r.campaign_id = m.campaign_id AND r.id = m.registration_id
			WHERE r.cohort = 'at-once' AND m.kind = 'offer' AND m.state NOT IN ('delivered', 'sending')`, nil, &n)
		return n == 1
	})
	for _, e := range a.phones.Inbox(p.Phone) {
		if strings.Contains(e.Body, "강남구 예방접종센터") {
			t.Errorf("an offer at night: %s", e.Body)
		}
	}
	a.forward(11 * time.Hour) // 9:00
	a.shown(p.Phone, "불참")
	a.audited()
}

// The clock moves while many apply: nobody is lost or told two things, and the laws hold.
func TestTheSandboxClockMovesInABusyHour(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	const people = 200
	done := make(chan int)
	for worker := range 4 {
		go func() {
			ok := 0
			defer func() { done <- ok }()
			for n := worker; n < people; n += 4 {
				phone, err := booking.ParseE164(fmt.Sprintf("+82100000%d", 2000+n))
				if err != nil {
					return
				}
				p := booking.Person{Name: "김바쁨", Born: booking.Date{Year: 1970, Month: 1, Day: 1 + n%28}, Phone: phone}
				if a.call("POST", a.registrations(), secretOf(fmt.Sprint("busy", n)), a.body(p)).status == http.StatusOK {
					ok++
				}
			}
		}()
	}
	for range 20 {
		a.forward(37 * time.Minute)
	}
	applied := 0
	for range 4 {
		applied += <-done
	}
	if applied != people {
		t.Errorf("%d of %d were received", applied, people)
	}
	a.until("everybody to have a place", time.Minute, func() bool {
		var n int
		a.scan(`SELECT count(*) FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id WHERE r.cohort = 'open'`, nil, &n)
		return n == people+2 // those whom other cases need
	})
	a.audited()
}
