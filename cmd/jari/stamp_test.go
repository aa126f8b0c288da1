package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// stampFor makes the stamp that a node would have given for an application at an earlier instant.
func (w *town) stampFor(p booking.Person, operation, secret string, at time.Time) string {
	w.t.Helper()
	ring, err := w.db.Master.Stamps()
	if err != nil {
		w.t.Fatal(err)
	}
	identity, err := booking.Identity(w.campaign.Identity, p, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return ring.Make(booking.Stamped{
		Campaign: w.campaign.Slug, Operation: uuid.MustParse(operation), Device: w.campaign.Keys.Device(secret), Identity: w.campaign.Keys.ID(identity),
	}, at, time.Time{})
}

// Whoever gives up and applies again starts afresh, also with a stamp from before. The device is told the same as anybody.
func TestAStampDoesNotUndoAWithdrawal(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.open()
	p := dbtest.Person(7)
	form := application(p)
	first := time.Now().Add(-10 * time.Minute).UTC().Truncate(time.Microsecond)
	apply := func(secret string) {
		form["stamp"] = w.stampFor(p, form["operation_id"].(string), secret, first)
		got := w.call(http.MethodPost, w.registrations(), secret, form)
		if got.status != http.StatusOK || got.body["stamp"] != "counted" || got.body["received_at"] != first.Format("2006-01-02T15:04:05.000000Z") {
			t.Fatalf("%d %v", got.status, got.body)
		}
	}
	apply(secretOf("seven"))
	var id [16]byte
	var arrival time.Time
	var via string
	w.db.Scan(t, `SELECT id, arrival, via FROM registration`, nil, &id, &arrival, &via)
	if !arrival.Equal(first) || via != "stamp" {
		t.Errorf("the entry arrived at %s by %q, want %s by its stamp", arrival, via, first)
	}
	book := db.NewBook(w.db.Pool, w.campaigns)
	if err := book.Withdraw(t.Context(), desk.Change{
		Campaign: w.campaign.ID, ID: id, Operation: uuid.New(), Kind: "cancel", Digest: []byte{1}, Actor: "test", At: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	apply(secretOf("seven-anew")) // the old one would be told what it was told before
	var withdrawn time.Time
	w.db.Scan(t, `SELECT withdrawn_at FROM registration WHERE generation = 0`, nil, &withdrawn)
	w.db.Scan(t, `SELECT arrival, via FROM registration WHERE generation = 1`, nil, &arrival, &via)
	if !arrival.After(withdrawn) || via != "" {
		t.Errorf("the new entry arrived at %s by %q, before it was given up at %s", arrival, via, withdrawn)
	}
	w.until("both to be sealed", time.Minute, func() bool {
		var places int
		w.db.Scan(t, `SELECT count(*) FROM place`, nil, &places)
		return places >= 1
	})
}

// A refusal proves the arrival also to an agent's caller and while PostgreSQL is away, and other requests are told to try
// again instead of a fault of ours.
func TestWithoutADatabaseTheAnswerIsToTryAgain(t *testing.T) {
	t.Parallel()
	if db.Away(nil) {
		t.Error("no error is no outage")
	}
	w := newTown(t)
	w.open()
	p, secret := dbtest.Person(8), secretOf("eight")
	got := w.call(http.MethodPost, w.registrations(), secret, application(p))
	if got.status != http.StatusOK {
		t.Fatalf("%d %v", got.status, got.body)
	}
	reference := got.body["reference"].(string)
	w.shut()
	got = w.call(http.MethodGet, w.registrations()+"/"+reference, secret, nil)
	if got.status != http.StatusServiceUnavailable || got.body["code"] != "overloaded" || got.header.Get("Retry-After") == "" {
		t.Errorf("status: %d %v", got.status, got.body)
	}
	got = w.call(http.MethodPost, w.registrations(), secretOf("nine"), application(dbtest.Person(9)))
	if got.status != http.StatusServiceUnavailable || got.body["stamp"] == nil {
		t.Errorf("application: %d %v", got.status, got.body)
	}
}

// shut keeps everybody out of the database until the test ends, as when PostgreSQL is away.
func (w *town) shut() {
	w.t.Helper()
	c, err := pgx.ParseConfig(w.db.URL)
	if err != nil {
		w.t.Fatal(err)
	}
	name := c.Database
	c.Database = "postgres"
	conn, err := pgx.ConnectConfig(w.t.Context(), c)
	if err != nil {
		w.t.Fatal(err)
	}
	run := func(sql string) {
		if _, err := conn.Exec(context.WithoutCancel(w.t.Context()), sql); err != nil {
			w.t.Error(err)
		}
	}
	run(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '` + name + `'`)
	w.t.Cleanup(func() {
		run(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`)
		_ = conn.Close(context.WithoutCancel(w.t.Context()))
	})
}
