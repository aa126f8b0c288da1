package db_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/db"
	"jari/db/dbtest"
)

// Before the draw nobody is told an estimate, people get their first text all the same, and the public document shows
// each step when it is taken.
func TestWhatIsToldBeforeAndAfterADraw(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d)
	opens, closes := window(c)
	enrolled(t, d, set, 0) // looked for before anybody has come: the very first is found all the same
	in := db.NewIntake(d.Pool, db.IntakeOptions{})
	defer in.Close()
	var apps []desk.Application
	for n := range 30 {
		apps = append(apps, dbtest.Application(t, c, dbtest.Person(n), opens.Add(time.Duration(n)*time.Second), "own"))
	}
	apps = append(apps, dbtest.Application(t, c, dbtest.Person(30), closes.Add(time.Second), "own"))
	for _, a := range apps {
		if _, err := in.Store(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	d.Exec(t, `UPDATE registration SET stored_at = stored_at - interval '1 minute'`)
	s, book := db.NewSealer(d.Pool, set, 100), db.NewBook(d.Pool, set)
	sealed(t, s, 0)
	place := func(n int) booking.PlaceView {
		e, err := book.Entry(t.Context(), c.ID, apps[n].ID)
		if err != nil {
			t.Fatal(err)
		}
		return desk.Place(e)
	}
	for _, n := range []int{0, 29, 30} {
		if p := place(n); !p.AfterDraw || p.Number != 0 || p.Estimate != 0 {
			t.Errorf("before the draw person %d is told %+v", n, p)
		}
	}
	document := shownDraw(t, d, set)
	if document.Applied != 31 || document.Draw == nil || len(document.Draw.Commitment) != 64 || document.Draw.Name != dbtest.PublicValue ||
		document.Draw.Digest != "" || document.Draw.Value != "" || document.NextChange != 30 {
		t.Errorf("before the draw: %+v %+v", document, document.Draw)
	}
	enrolled(t, d, set, 31)
	drawNow(t, d, set)
	after := shownDraw(t, d, set)
	if after.Draw.Commitment != document.Draw.Commitment || len(after.Draw.Digest) != 64 || after.Draw.Entries != 30 || after.Draw.Value != "3 7 12" {
		t.Errorf("after the draw: %+v", after.Draw)
	}
	sealed(t, s, 31)
	for _, n := range []int{0, 29, 30} {
		if p := place(n); p.AfterDraw || p.Number == 0 || (n == 30) != (p.Number == 31) {
			t.Errorf("after the draw person %d is told %+v", n, p)
		}
	}
	enrolled(t, d, set, 31) // gone through again, told once
	if r := holds(t, d, set); r.Entries[0].ID == "" || strings.Contains(r.Entries[0].ID, "-") {
		t.Errorf("%+v", r.Entries[0])
	}
}

// enrolled lets the background work until nothing is left, and fails unless so many people were told, once, and can be
// found by their phones.
func enrolled(t testing.TB, d *dbtest.DB, set *db.Campaigns, people int) {
	t.Helper()
	e := db.NewEnroller(d.Pool, set)
	for i := 0; ; i++ {
		n, err := e.EnrolPage(t.Context(), 7)
		if err != nil || i > 50 {
			t.Fatalf("%d pages: %v", i, err)
		}
		if n == 0 {
			break
		}
	}
	var told, found int
	d.Scan(t, `SELECT (SELECT count(*) FROM message WHERE kind = 'registered'), (SELECT count(DISTINCT registration_id) FROM lookup)`, nil, &told, &found)
	if told != people || found != people {
		t.Errorf("%d were told and %d can be found, want %d", told, found, people)
	}
}

type drawDocument struct {
	Applied    int64 `json:"applied"`
	NextChange int   `json:"next_change_seconds"`
	Draw       *struct {
		Commitment string `json:"commitment"`
		Name       string `json:"public_value_name"`
		Entries    int64  `json:"entries"`
		Digest     string `json:"list_digest"`
		Value      string `json:"public_value"`
	} `json:"draw"`
}

func shownDraw(t testing.TB, d *dbtest.DB, set *db.Campaigns) drawDocument {
	t.Helper()
	written(t, d, db.NewQueueCounter(d.Pool, set))
	docs := db.NewQueueDocs(d.Pool, set)
	if err := docs.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out drawDocument
	if err := json.Unmarshal(docs.Document(dbtest.Slug, dbtest.Queue).Body, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A queue that waits for its draw keeps no other queue from its numbers, nor the sweep from its work.
func TestAQueueBeforeItsDrawHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Drawn(t, d, dbtest.TwoQueues, func(c *booking.Campaign) { c.Cohorts[1].Order = booking.ByArrival })
	opens, _ := window(c)
	stored(t, d, c, dbtest.Queue, opens, time.Millisecond, 0, 50)
	stored(t, d, c, "young", opens, time.Millisecond, 1000, 40)
	s := db.NewSealer(d.Pool, set, 20)
	sealed(t, s, 40)
	stored(t, d, c, "young", opens, time.Millisecond, 2000, 10)
	var head int64
	d.Scan(t, `SELECT max(serial) FROM registration`, nil, &head)
	s.PassOver(head)
	d.Exec(t, `UPDATE queue SET scan_from = $1 WHERE code = 'young'`, head)
	s.Hurry()
	sealed(t, s, 10)
	drawNow(t, d, set)
	var secret []byte
	d.Scan(t, `SELECT secret_ct FROM draw`, nil, &secret)
	setSecret := func(ct []byte) {
		d.Exec(t, `ALTER TABLE draw DISABLE TRIGGER draw_once`)
		d.Exec(t, `UPDATE draw SET secret_ct = $1`, ct)
		d.Exec(t, `ALTER TABLE draw ENABLE TRIGGER draw_once`)
	}
	setSecret([]byte("damaged"))
	stored(t, d, c, "young", opens, time.Millisecond, 3000, 10)
	if n, err := s.SealAll(t.Context()); n != 10 || !errors.Is(err, vault.ErrData) {
		t.Errorf("with a secret that cannot be read %d were sealed in the other queue: %v", n, err)
	}
	setSecret(secret)
	sealed(t, s, 50)
	holds(t, d, set)
}
