package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/db"
	"jari/db/dbtest"
	"jari/db/journal"
	"jari/db/private"
)

// ownPostgres is a PostgreSQL that a test may stop and start again on the same data and the same address.
type ownPostgres struct {
	t       *testing.T
	options private.PostgresOptions
	running *private.Postgres
}

func (p *ownPostgres) start() {
	p.t.Helper()
	var err error
	if p.running, err = private.StartPostgres(context.WithoutCancel(p.t.Context()), p.options); err != nil {
		p.t.Fatal(err)
	}
	p.options.Dir = p.running.Dir()
}

func (p *ownPostgres) stop() {
	p.t.Helper()
	if err := p.running.Kill(); err != nil {
		p.t.Fatal(err)
	}
}

// newTownWithPostgres is a town whose PostgreSQL can be stopped, and with a journal.
func newTownWithPostgres(t *testing.T) (*town, *ownPostgres) {
	t.Helper()
	_, port, _ := net.SplitHostPort(freeAddress(t))
	p := &ownPostgres{t: t, options: private.PostgresOptions{Dir: t.TempDir()}}
	p.options.Port, _ = strconv.Atoi(port)
	p.start()
	t.Cleanup(func() {
		_ = p.running.Kill()
		_ = os.RemoveAll(p.running.Dir()) // it may have been made elsewhere, for the server's user
	})
	d := &dbtest.DB{URL: p.running.URL(), MasterKey: vault.NewMasterKey()}
	var err error
	if _, err = db.Migrate(t.Context(), d.URL); err != nil {
		t.Fatal(err)
	}
	if d.Master, err = vault.NewMaster(d.MasterKey); err != nil {
		t.Fatal(err)
	}
	if d.Pool, err = db.Open(d.URL, 8); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Pool.Close)
	if d.Admin, err = pgxpool.New(t.Context(), d.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Admin.Close)
	w := newTownOn(t, d)
	w.config.JournalDir = filepath.Join(t.TempDir(), "journal")
	return w, p
}

// journalled counts the readable records in the journal's folder.
func (w *town) journalled() int {
	w.t.Helper()
	keys, err := w.db.Master.Journal()
	if err != nil {
		w.t.Fatal(err)
	}
	found, err := journal.Show(w.config.JournalDir, keys)
	if err != nil {
		w.t.Fatal(err)
	}
	n := 0
	for _, f := range found.Files {
		n += f.Records
	}
	return n
}

// says texts from a phone while PostgreSQL is away, and waits until the journal has it.
func (w *town) says(p booking.Person, body string) (sid string) {
	w.t.Helper()
	before := w.journalled()
	sid = w.phones.Text(p.Phone, body)
	w.until("the text to be in the journal", 30*time.Second, func() bool { return w.journalled() == before+1 })
	return sid
}

func (w *town) applying(p booking.Person) string {
	region, _ := w.campaign.Region(dbtest.Region)
	return fmt.Sprintf("예약 %02d%02d%02d %s %s", p.Born.Year%100, int(p.Born.Month), p.Born.Day, p.Name, region.Names.In(booking.Korean))
}

// command runs a command of jari with the town's settings and returns what it printed.
func (w *town) command(args ...string) (string, error) {
	w.t.Helper()
	env := map[string]string{}
	for _, e := range environment(w.config) {
		k, v, _ := strings.Cut(e, "=")
		env[k] = v
	}
	out := &lockedBuffer{}
	err := run(w.t.Context(), args, func(k string) string { return env[k] }, out, &lockedBuffer{})
	return out.String(), err
}

// arrivals are the people's arrivals, in the order in which they were asked for; zero where there is no entry.
func (w *town) arrivals(people []booking.Person) []time.Time {
	w.t.Helper()
	out := make([]time.Time, len(people))
	for i, id := range expectedIDs(w.campaign, people) {
		w.db.Scan(w.t, `SELECT coalesce((SELECT arrival FROM registration WHERE id = $1), '0001-01-01')`, []any{id}, &out[i])
	}
	return out
}

// PostgreSQL is stopped and the API killed while texts come in: everybody is served with the arrival of the first text.
func TestTextsWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	w, postgres := newTownWithPostgres(t)
	serving := w.start("serve")
	w.start("work")
	w.untilServing()
	people := make([]booking.Person, 12)
	for i := range people {
		people[i] = dbtest.Person(300 + i)
	}
	w.phones.Text(people[0].Phone, w.applying(people[0])) // before it all
	w.until("the first one to be told everything, with receipts", time.Minute, func() bool {
		var n int
		w.db.Scan(t, `SELECT count(*) FROM message WHERE state = 'delivered'`, nil, &n)
		return n >= 2
	})

	stopped := time.Now()
	postgres.stop()
	for _, p := range people[1:10] {
		w.says(p, w.applying(p))
	}
	w.says(people[10], "예약") // says more when PostgreSQL is back
	twice := w.says(people[11], w.applying(people[11]))
	if _, err := w.command("journal", "replay", w.config.JournalDir); err == nil {
		t.Error("replayed without PostgreSQL")
	}
	serving.kill()
	back := time.Now()
	postgres.start()
	w.db.Admin.Reset() // its connections are those of before, and on a quick machine a pool has no time to notice
	if out, err := w.command("journal", "show", w.config.JournalDir); err != nil || !strings.Contains(out, "11 records in 1 files") || strings.Contains(out, "+8210") {
		t.Errorf("%v: %s", err, out)
	}
	w.start("serve")
	w.untilServing()
	w.phones.Redeliver(twice)
	w.phones.Text(people[10].Phone, strings.TrimPrefix(w.applying(people[10]), "예약 "))
	w.until("everybody to be told of an appointment", time.Minute, func() bool {
		var n int
		w.db.Scan(t, `SELECT count(*) FROM appointment WHERE state = 'offered'`, nil, &n)
		return n == len(people)
	})
	arrivals := w.arrivals(people)
	for i, at := range arrivals[1:] {
		if at.Before(stopped) || at.After(back) || !at.After(arrivals[i]) {
			t.Errorf("person %d arrived at %v, after %v; PostgreSQL was away from %v to %v", i+1, at, arrivals[i], stopped, back)
		}
	}
	w.until("the journal's files to go", 30*time.Second, func() bool {
		found, err := os.ReadDir(w.config.JournalDir)
		return err == nil && len(found) == 1 // the lock
	})
	var journalled, texts, entries int
	w.db.Scan(t, `SELECT (SELECT count(*) FROM inbound WHERE via = 'journal'), (SELECT count(*) FROM inbound), (SELECT count(*) FROM registration)`, nil,
		&journalled, &texts, &entries)
	if journalled < 11 || texts != 13 || entries != 12 {
		t.Errorf("%d of %d texts came through the journal, %d entries", journalled, texts, entries)
	}
	if _, err := w.command("journal", "replay", w.config.JournalDir); err == nil || !strings.Contains(err.Error(), "in use by another running process") {
		t.Errorf("replayed a folder that is in use: %v", err)
	}
	w.until("every text to be delivered", time.Minute, func() bool {
		var open int
		w.db.Scan(t, `SELECT count(*) FROM message WHERE state IN ('pending', 'queued', 'sending', 'unknown', 'accepted', 'sent') AND due_at <= clock_timestamp()`, nil, &open)
		return open == 0
	})
	w.audited()
	w.eachTextOnce()
}

// An API that stops while PostgreSQL is away says what it leaves, and the folder is replayed by hand, once.
func TestStoppingKeepsTheJournal(t *testing.T) {
	t.Parallel()
	w, postgres := newTownWithPostgres(t)
	running, err := newAPI(context.WithoutCancel(t.Context()), w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w.untilServing()
	postgres.stop()
	people := []booking.Person{dbtest.Person(400), dbtest.Person(401)}
	for _, p := range people {
		w.says(p, w.applying(p))
	}
	// The disk has a record a moment before the process counts it: only then it is forced down.
	w.until("the process to count both", 30*time.Second, func() bool { return running.journal.Stats().Records == 2 })
	checks := running.journal.ready(func(context.Context) []api.Check { return nil })(t.Context())
	if len(checks) != 1 || !checks[0].OK || !checks[0].Degraded || !strings.Contains(checks[0].Detail, "2 texts") {
		t.Errorf("readiness: %+v", checks)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(running.journal.metrics()...)
	measured, err := registry.Gather()
	if err != nil || len(measured) != 3 {
		t.Fatalf("%d metrics, %v", len(measured), err)
	}
	for _, m := range measured {
		if v := m.GetMetric()[0].GetGauge().GetValue(); v <= 0 || m.GetName() == "jari_journal_records" && v != 2 {
			t.Errorf("%s is %v", m.GetName(), v)
		}
	}
	stop, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err = running.Stop(stop)
	if err == nil || !strings.Contains(err.Error(), "2 texts") || !strings.Contains(err.Error(), "jari journal replay "+w.config.JournalDir) {
		t.Errorf("stopped with texts in the journal: %v", err)
	}
	postgres.start()
	w.db.Admin.Reset() // its connections are those of before, and on a quick machine a pool has no time to notice
	if _, err := w.command("journal", "replay", w.config.JournalDir+"x"); err == nil {
		t.Error("replayed a folder that is not there")
	}
	for _, want := range []string{"2 records in", "0 records in"} {
		out, err := w.command("journal", "replay", w.config.JournalDir)
		if err != nil || !strings.HasPrefix(out, want) {
			t.Errorf("%v: %s, want %s", err, out, want)
		}
	}
	var kept int
	w.db.Scan(t, `SELECT count(*) FROM inbound WHERE via = 'journal' AND handled_at IS NULL`, nil, &kept)
	if kept != 2 {
		t.Errorf("%d texts are left to the sweep, want 2", kept)
	}
	w.config.JournalDir = filepath.Join(w.config.JournalDir, "lock") // a file
	if _, err := newAPI(t.Context(), w.config, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "JARI_JOURNAL_DIR") {
		t.Errorf("started with a folder that cannot be one: %v", err)
	}
}

// Records that are refused for ever are listed, and neither readiness nor a stop waits for them.
func TestARefusedFileIsShown(t *testing.T) {
	t.Parallel()
	c := Config{MasterKey: vault.NewMasterKey(), JournalDir: filepath.Join(t.TempDir(), "journal"), JournalMax: 16}
	log := slog.New(slog.DiscardHandler)
	h := &house{config: c}
	opened, err := h.openJournal(c.JournalDir, log)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(context.Context, desk.Inbound) (bool, error) {
		return false, booking.Fail(booking.CodeNoCampaign, nil)
	}
	k := &doorJournal{Journal: opened, keep: refuse, cancel: func() {}}
	in := desk.Inbound{Door: desk.DoorSMS, Campaign: 1, Provider: "twilio", ProviderSID: "SM1", From: dbtest.Person(1).Phone, Body: "예약", Arrival: time.Now()}
	if err := k.Append(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Drain(t.Context(), k.keep, time.Minute); err != nil {
		t.Fatal(err)
	}
	k.start(t.Context(), log)
	checks := k.ready(func(context.Context) []api.Check { return nil })(t.Context())
	if len(checks) != 1 || checks[0].Degraded {
		t.Errorf("readiness: %+v", checks)
	}
	if err := k.stop(t.Context()); err != nil {
		t.Errorf("stopped: %v", err)
	}
	out := &strings.Builder{}
	if err := showJournal(out, c, c.JournalDir, time.Now()); err != nil || !strings.Contains(out.String(), "REFUSED") || !strings.Contains(out.String(), "1 refused files") {
		t.Errorf("%v: %s", err, out)
	}
}
