package db_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"jari/db"
	"jari/db/dbtest"
)

func alarmSums(t *testing.T, d *dbtest.DB) (buckets int, sum int64, first, last time.Time) {
	t.Helper()
	d.Scan(t, `SELECT count(*), coalesce(sum(count), 0)::bigint, coalesce(min(first_at), now()), coalesce(max(last_at), now()) FROM alarm`,
		nil, &buckets, &sum, &first, &last)
	return buckets, sum, first, last
}

// Two nodes count at once; the buckets hold the sum, and the first and last instant.
func TestAlarmsOfTwoNodesAddUp(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	start := time.Date(2021, 7, 19, 11, 0, 30, 0, time.UTC)
	nodes := []*db.Alarms{db.NewAlarms(d.Pool), db.NewAlarms(d.Pool)}
	var wg sync.WaitGroup
	for _, a := range nodes {
		wg.Go(func() {
			for i := range 120 { // a second apart: two minutes, in three buckets
				a.Raise(c.ID, db.WrongRefusal, start.Add(time.Duration(i)*time.Second))
				if i%7 == 0 {
					ok(t, a.Flush(t.Context()))
				}
			}
			ok(t, a.Flush(t.Context()))
		})
	}
	wg.Wait()
	buckets, sum, first, last := alarmSums(t, d)
	if buckets != 3 || sum != 240 || !first.Equal(start) || !last.Equal(start.Add(119*time.Second)) {
		t.Errorf("%d buckets, %d alarms from %s to %s", buckets, sum, first, last)
	}
	var middle int64
	d.Scan(t, `SELECT count FROM alarm WHERE minute = '2021-07-19 11:01Z'`, nil, &middle)
	if middle != 120 {
		t.Errorf("%d in the middle minute, want 120", middle)
	}
	recent, err := db.RecentAlarms(t.Context(), d.Pool, start.Add(-time.Minute))
	ok(t, err)
	if len(recent) != 1 || recent[0] != (db.Alarmed{Slug: dbtest.Slug, Kind: db.WrongRefusal, Count: 240}) {
		t.Errorf("recent: %+v", recent)
	}
	if recent, err = db.RecentAlarms(t.Context(), d.Pool, start.Add(time.Hour)); err != nil || len(recent) != 0 {
		t.Errorf("an hour later: %+v, %v", recent, err)
	}
}

// What cannot be written stays counted and is written later; the last count comes with the end.
func TestAlarmsOutliveAnOutage(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	a := db.NewAlarms(d.Pool)
	at := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	for range 5 {
		a.Raise(c.ID, db.WrongRefusal, at)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Flush(gone); err == nil {
		t.Fatal("written without a connection")
	}
	a.Raise(c.ID, db.WrongRefusal, at.Add(time.Second))
	a.Run(gone, time.Hour, func(err error) { t.Error(err) }) // ends at once, and writes first
	if buckets, sum, _, last := alarmSums(t, d); buckets != 1 || sum != 6 || !last.Equal(at.Add(time.Second)) {
		t.Errorf("%d buckets, %d alarms, the last at %s", buckets, sum, last)
	}
}

// However many minutes an outage lasts, memory is bounded and no alarm is forgotten.
func TestAlarmsAreBounded(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	a := db.NewAlarms(d.Pool)
	at := time.Date(2021, 7, 19, 11, 0, 0, 0, time.UTC)
	for i := range 12_000 {
		a.Raise(c.ID, db.WrongRefusal, at.Add(time.Duration(i)*time.Minute))
	}
	ok(t, a.Flush(t.Context()))
	if buckets, sum, _, last := alarmSums(t, d); buckets != 10_000 || sum != 12_000 || !last.Equal(at.Add(11_999*time.Minute)) {
		t.Errorf("%d buckets, %d alarms, the last at %s", buckets, sum, last)
	}
}

// The program can add to alarms and never take one back.
func TestAlarmsCannotBeTakenBack(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if _, err := d.Pool.Exec(t.Context(), `DELETE FROM alarm`); err == nil {
		t.Error("the program's role may delete alarms")
	}
}
