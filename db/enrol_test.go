package db_test

import (
	"testing"
	"time"

	"jari/db"
	"jari/db/dbtest"
)

// A queue that cannot be enrolled does not keep the people of another one from being told.
func TestAQueueThatCannotBeEnrolledHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{dbtest.Queue, "young"} { // whichever comes first
		d := dbtest.New(t)
		c, set := dbtest.Campaign(t, d, dbtest.TwoQueues)
		in := db.NewIntake(d.Pool, db.IntakeOptions{})
		defer in.Close()
		for _, n := range []int{1, 2, 21, 22} { // two in each queue
			if _, err := in.Store(t.Context(), dbtest.Application(t, c, dbtest.Person(n), time.Now().Add(-time.Minute), "")); err != nil {
				t.Fatal(err)
			}
		}
		sealed(t, db.NewSealer(d.Pool, set, 10), 4)
		d.Exec(t, `DELETE FROM enrol_cursor WHERE queue_id = $1`, c.Queues[broken].ID)
		if n, err := db.NewEnroller(d.Pool, set).EnrolPage(t.Context(), 10); err == nil || n != 2 {
			t.Errorf("without %s %d are enrolled, %v", broken, n, err)
		}
		var told int
		d.Scan(t, `SELECT count(*) FROM message WHERE kind = 'registered'`, nil, &told)
		if told != 2 {
			t.Errorf("without %s %d are told, want 2", broken, told)
		}
	}
}
