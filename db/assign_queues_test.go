package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// Thirty people stand before five of another queue of the pool, and the seal has come as far as the twentieth of them.
func TestAQueueWhoseSealLagsIsNotOvertaken(t *testing.T) {
	t.Parallel()
	const free, first, behind = 22, 20, 30
	p := newPast(t, dbtest.TwoQueues, one(free))
	number := func(i int) int { return i%20 + i/20*40 } // who was born before 1970
	for i := range behind {
		p.apply(t, number(i), time.Duration(200-i)*time.Second)
	}
	for n := 20; n < 25; n++ { // and since
		p.apply(t, n, time.Duration(100-n)*time.Second)
	}
	sealer := db.NewSealer(p.Pool, p.set, 1)
	if n, err := sealer.OneRun(t.Context()); err != nil || n != first+5 {
		t.Fatalf("%d numbers, %v", n, err)
	}
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != first {
		t.Errorf("%d appointments while %d people who came before have no number, want %d: %v", n, behind-first, first, p.slotsOf(t))
	}
	p.announce(t)
	p.round(t)
	got := p.slotsOf(t)
	for i := range behind {
		if isTime(got[number(i)]) != (i < free) {
			t.Errorf("the %dth of all: %q", i+1, got[number(i)])
		}
	}
	for n := 20; n < 25; n++ {
		if isTime(got[n]) {
			t.Errorf("person %d overtook people of the other queue", n)
		}
	}
	p.clean(t)
}

// Nobody of a queue has a number before its draw, perhaps for days: that keeps nobody of another queue waiting.
func TestAQueueBeforeItsDrawKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	p := &past{DB: dbtest.New(t)}
	p.campaign, p.set = dbtest.Drawn(t, p.DB, dbtest.TwoQueues, func(c *booking.Campaign) {
		k := &c.Cohorts[0]
		k.Order, k.PublicValue, k.Window = booking.ByArrival, "", time.Time{}
	})
	p.intake, p.book = db.NewIntake(p.Pool, db.IntakeOptions{}), db.NewBook(p.Pool, p.set)
	t.Cleanup(p.intake.Close)
	p.apply(t, 20, 2*time.Hour)
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.announce(t) // now it is known what waits for the draw
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || len(got) != 1 {
		t.Errorf("%v", got)
	}
}

// A site is to close and nobody has been moved yet. A seat that is given back there is nobody's, and no reason for round after round.
func TestASeatOfAClosingSlotIsNobodys(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, seats+1)
	ok(t, p.reapply(t, true, without("north")))
	p.round(t)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.round(t)
	before := p.int(t, `SELECT round FROM pool`)
	for range 3 {
		p.round(t)
	}
	if after := p.int(t, `SELECT round FROM pool`); after != before {
		t.Errorf("%d rounds were held for nothing", after-before)
	}
	shown, err := db.NewAssigner(p.Pool, p.set, 3).ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	if len(shown.Sites) != 0 {
		t.Errorf("shown as free: %+v", shown.Sites)
	}
	p.move(t, 10, nil)
	p.round(t)
	p.clean(t)
}
