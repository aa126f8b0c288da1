package main

import (
	"context"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// Two workers are killed ten times: while places are announced, while rounds give slots, and while slots that were given back go to those
// who wait. Each time the one at work is held in the middle of a page's transaction, so that it is hit there, however quick the machine.
func TestRoundsSurviveKills(t *testing.T) {
	t.Parallel()
	const batch, seats = 120, 600
	k := &killing{town: newTown(t, dbtest.Capacity(seats/dbtest.PerSite/3), func(c *booking.Campaign) {
		c.Limits.QuietFrom, c.Limits.QuietTo = 0, 23 // texts are another test's
	})}
	k.config.SealPage, k.config.AssignPage = 10, 10
	for i := range k.workers {
		k.workers[i] = k.start("work")
	}
	for range 4 {
		k.hit("place", "WITH last AS MATERIALIZED%", func() { k.crowd(batch) })
		k.until("the seal to go on", time.Minute, func() bool { return k.count("place") > 0 })
	}
	for range 3 {
		k.hit("appointment", `copy "appointment"%`, func() { k.crowd(batch) })
	}
	people := len(k.ids)
	k.until("all seats to be taken", 2*time.Minute, func() bool { return k.count("appointment") == seats && k.count("place") == people })
	for round := range 3 {
		book := db.NewBook(k.db.Pool, k.campaigns)
		if _, err := db.SetBrake(t.Context(), k.db.Pool, k.campaign, booking.BrakeRounds, "", "test", time.Now()); err != nil {
			t.Fatal(err)
		}
		for _, id := range k.ids[round*40 : round*40+40] {
			if err := book.Answer(t.Context(), k.change(id, "decline"), 0, booking.Declined); err != nil && booking.CodeOf(err) == "" {
				t.Fatal(err)
			}
		}
		k.hit("appointment", `copy "appointment"%`, func() {
			if _, err := db.ReleaseBrake(t.Context(), k.db.Pool, k.campaign, booking.BrakeRounds, "", "test", time.Now()); err != nil {
				t.Fatal(err)
			}
		})
		k.until("the seats to go to others", time.Minute, func() bool { return k.count("slot WHERE taken < capacity") == 0 })
	}
	k.until("everybody to be looked at", time.Minute, func() bool {
		return k.count("place") == people && k.count("waiting WHERE look") == 0 && k.count("walk JOIN queue ON id = queue_id WHERE walked_to < sealed_to") == 0
	})
	if k.hits != 10 {
		t.Errorf("%d kills of two workers hit a page", k.hits)
	}
	// Texts are under way still.
	report, err := db.Audit(t.Context(), k.db.Pool, k.campaigns, db.AuditOptions{})
	if err != nil || report.Violations != 0 {
		t.Errorf("%v\n%s", err, report.Text())
	}
	var doubled, missing int
	k.db.Scan(t, `SELECT (SELECT count(*) FROM (SELECT FROM appointment WHERE state IN ('offered', 'confirmed') GROUP BY registration_id HAVING count(*) > 1) d),
		(SELECT count(*) FROM registration r WHERE NOT EXISTS (SELECT FROM appointment a WHERE a.registration_id = r.id AND a.state = 'offered')
			AND NOT EXISTS (SELECT FROM waiting w WHERE w.registration_id = r.id))`, nil, &doubled, &missing)
	if doubled != 0 || missing != 0 {
		t.Errorf("%d people with two appointments, %d with neither appointment nor reason", doubled, missing)
	}
}

// killing is a town whose workers are killed.
type killing struct {
	*town
	workers [2]*process
	ids     []booking.ID
	hits    int
}

func (k *killing) count(of string) (n int) {
	k.db.Scan(k.t, `SELECT count(*) FROM `+of, nil, &n)
	return n
}

// hit makes work, holds whichever worker takes it up before the table that its page writes to, kills both there, and starts two
// others.
func (k *killing) hit(table, statement string, work func()) {
	k.t.Helper()
	tx, err := k.db.Admin.Begin(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(k.t.Context())) }()
	if _, err := tx.Exec(k.t.Context(), `LOCK TABLE `+table+` IN SHARE MODE`); err != nil {
		k.t.Fatal(err)
	}
	work()
	k.until("a page to write to "+table, time.Minute, func() bool {
		var n int
		k.db.Scan(k.t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND ltrim(query, E' \n\t') ILIKE $1`, []any{statement}, &n)
		return n > 0
	})
	for _, p := range k.workers {
		p.signal(syscall.SIGKILL)
	}
	for _, p := range k.workers {
		<-p.done
	}
	k.hits++
	if err := tx.Rollback(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	k.db.Exec(k.t, `UPDATE pool SET busy_until = NULL`) // as if the time had passed for which a dead assigner keeps others away
	for i := range k.workers {
		k.workers[i] = k.start("work")
	}
}

// crowd lets further people apply at the app.
func (k *killing) crowd(people int) {
	k.t.Helper()
	in := db.NewIntake(k.db.Pool, db.IntakeOptions{})
	defer in.Close()
	first := len(k.ids)
	k.ids = append(k.ids, make([]booking.ID, people)...)
	var wg sync.WaitGroup
	for h := range 16 {
		wg.Go(func() {
			for n := first + h; n < first+people; n += 16 {
				a := dbtest.Application(k.t, k.campaign, dbtest.Person(n), time.Now(), "secret")
				k.ids[n] = a.ID
				if _, err := in.Store(k.t.Context(), a); err != nil {
					k.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// change is what a person's phone asks for.
func (w *town) change(id booking.ID, kind string) desk.Change {
	return desk.Change{
		Campaign: w.campaign.ID, ID: id, Operation: uuid.New(), Kind: kind, Digest: w.campaign.Keys.Digest(kind, nil), Actor: "phone", At: time.Now(),
	}
}
