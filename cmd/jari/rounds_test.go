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

// Two workers are killed ten times: while places are announced, while rounds give slots, and while slots that were given back go to
// those who wait. Both at once, so that whoever is at work dies.
func TestRoundsSurviveKills(t *testing.T) {
	t.Parallel()
	const people, declined = 2000, 400
	w := newTown(t, dbtest.Capacity(people/dbtest.PerSite/3-20), func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 0, 23 })
	w.config.SealPage, w.config.AssignPage = 10, 10
	ids := w.crowd(people)
	workers := []*process{w.start("work"), w.start("work")}
	kills := 0
	count := func(sql string) (n int) {
		w.db.Scan(t, `SELECT count(*) FROM `+sql, nil, &n)
		return n
	}
	// killed ends both workers once the count has moved by a step, and starts two others. It reports whether the work was under way.
	killed := func(of string, step, all int) {
		t.Helper()
		from := count(of)
		w.until("the count of "+of+" to move", time.Minute, func() bool { return count(of) >= min(from+step, all) })
		for _, p := range workers {
			p.signal(syscall.SIGKILL)
		}
		for i, p := range workers {
			<-p.done
			workers[i] = w.start("work")
		}
		if n := count(of); n < all {
			kills++
		}
	}
	for range 4 {
		killed("place", 150, people)
	}
	for range 4 {
		killed("appointment", 150, people-240)
	}
	seats := 3 * dbtest.PerSite * (people/dbtest.PerSite/3 - 20)
	w.until("all seats to be taken", 2*time.Minute, func() bool { return count("appointment") == seats })
	freed := w.decline(ids, declined)
	for range 3 {
		killed("appointment", 30, seats+freed)
	}
	w.until("everybody to be looked at", 2*time.Minute, func() bool {
		return count("place") == people && count("waiting WHERE look") == 0 && count("slot WHERE taken < capacity") == 0
	})
	t.Logf("%d of 11 kills of both workers hit work that was under way", kills)
	if kills < 10 {
		t.Errorf("only %d of 11 kills hit work that was under way", kills)
	}
	// Texts are under way still: their fate is another test's.
	report, err := db.Audit(t.Context(), w.db.Pool, w.campaigns, db.AuditOptions{})
	if err != nil || report.Violations != 0 {
		t.Errorf("%v\n%s", err, report.Text())
	}
	var doubled, missing int
	w.db.Scan(t, `SELECT (SELECT count(*) FROM (SELECT FROM appointment WHERE state IN ('offered', 'confirmed') GROUP BY registration_id HAVING count(*) > 1) d),
		(SELECT count(*) FROM registration r WHERE NOT EXISTS (SELECT FROM appointment a WHERE a.registration_id = r.id AND a.state = 'offered')
			AND NOT EXISTS (SELECT FROM waiting w WHERE w.registration_id = r.id))`, nil, &doubled, &missing)
	if doubled != 0 || missing != 0 {
		t.Errorf("%d people with two appointments, %d with neither appointment nor reason", doubled, missing)
	}
}

// crowd stores people as if they had applied at the app within the last minutes.
func (w *town) crowd(people int) []booking.ID {
	w.t.Helper()
	in := db.NewIntake(w.db.Pool, db.IntakeOptions{})
	defer in.Close()
	ids := make([]booking.ID, people)
	var wg sync.WaitGroup
	for h := range 64 {
		wg.Go(func() {
			for n := h; n < people; n += 64 {
				a := dbtest.Application(w.t, w.campaign, dbtest.Person(n), time.Now().Add(-5*time.Minute+time.Duration(n)*time.Millisecond), "secret")
				ids[n] = a.ID
				if _, err := in.Store(w.t.Context(), a); err != nil {
					w.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return ids
}

// decline gives back the offers of the first people, and returns how many seats became free.
func (w *town) decline(ids []booking.ID, first int) int {
	w.t.Helper()
	book := db.NewBook(w.db.Pool, w.campaigns)
	errs := make([]error, first)
	var wg sync.WaitGroup
	for h := range 8 {
		wg.Go(func() {
			for n := h; n < first; n += 8 {
				errs[n] = book.Answer(context.WithoutCancel(w.t.Context()), w.change(ids[n], "decline"), 0, booking.Declined)
			}
		})
	}
	wg.Wait()
	freed := 0
	for _, err := range errs {
		switch {
		case err == nil:
			freed++
		case booking.CodeOf(err) == "":
			w.t.Fatal(err)
		}
	}
	return freed
}

// change is what a person's phone asks for.
func (w *town) change(id booking.ID, kind string) desk.Change {
	return desk.Change{
		Campaign: w.campaign.ID, ID: id, Operation: uuid.New(), Kind: kind, Digest: w.campaign.Keys.Digest(kind, nil), Actor: "phone", At: time.Now(),
	}
}
