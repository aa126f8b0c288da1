package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// older is the number of the i-th who was born before 1970.
func older(i int) int { return i%20 + i/20*40 }

// older lets people who were born before 1970 apply, a second apart.
func (p *past) older(t *testing.T, people int) {
	t.Helper()
	for i := range people {
		p.apply(t, older(i), time.Duration(200-i)*time.Second)
	}
}

// five lets persons 20 to 24, who were born since, apply after up to a hundred older ones.
func (p *past) five(t *testing.T) {
	t.Helper()
	for n := 20; n < 25; n++ {
		p.apply(t, n, time.Duration(100-n)*time.Second)
	}
}

// Thirty people stand before five of another queue of the pool, and the seal has come as far as the twentieth of them.
func TestAQueueWhoseSealLagsIsNotOvertaken(t *testing.T) {
	t.Parallel()
	const free, first, behind = 22, 20, 30
	p := newPast(t, dbtest.TwoQueues, one(free))
	p.older(t, behind)
	p.five(t)
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
		if isTime(got[older(i)]) != (i < free) {
			t.Errorf("the %dth of all: %q", i+1, got[older(i)])
		}
	}
	for n := 20; n < 25; n++ {
		if isTime(got[n]) {
			t.Errorf("person %d overtook people of the other queue", n)
		}
	}
	p.clean(t)
}

// The sealer has room for ten at a time: behind those of them who have numbers there are others whom it has not read.
func TestAQueueThatIsReadInPartsIsNotOvertaken(t *testing.T) {
	t.Parallel()
	const free, behind = 22, 30
	p := newPast(t, dbtest.TwoQueues, one(free))
	p.older(t, behind)
	p.five(t)
	sealer := db.NewSealer(p.Pool, p.set, 1)
	sealer.KeepAtMost(10)
	n, err := sealer.OneRun(t.Context())
	if err != nil || n != 10 {
		t.Fatalf("%d numbers, %v", n, err)
	}
	p.round(t)
	p.announce(t)
	p.round(t)
	got := p.slotsOf(t)
	for i := range behind {
		if isTime(got[older(i)]) != (i < free) {
			t.Errorf("the %dth of all: %q", i+1, got[older(i)])
		}
	}
	p.clean(t)
}

// Somebody's place is announced late, in a queue that has come further than another one: those whom that one has not numbered come first.
func TestALatePlaceDoesNotOvertakeAQueueThatLags(t *testing.T) {
	t.Parallel()
	const free, behind = 22, 30
	p := newPast(t, dbtest.TwoQueues, one(free))
	p.apply(t, 20, 80*time.Second)
	p.announce(t)
	p.older(t, behind)
	p.apply(t, 21, 173*time.Second+500*time.Millisecond) // after 27 of them
	p.apply(t, 22, 190*time.Second+500*time.Millisecond) // after 10
	if n, err := db.NewSealer(p.Pool, p.set, 1).OneRun(t.Context()); err != nil || n != 22 {
		t.Fatalf("%d numbers, %v", n, err)
	}
	p.round(t)
	if got := p.slotsOf(t); isTime(got[21]) || !isTime(got[22]) {
		t.Errorf("the late ones: %q before people without a number, %q after those who have one", got[21], got[22])
	}
	for range 2 {
		p.announce(t)
		p.round(t)
	}
	got := p.slotsOf(t)
	for i := range behind {
		if isTime(got[older(i)]) != (i < free-1) {
			t.Errorf("the %dth of the queue: %q", i+1, got[older(i)])
		}
	}
	p.clean(t)
}

// All who are drawn have one arrival: between two drawn queues of a pool it is the lots that decide.
func TestDrawnQueuesOfAPoolDoNotOvertakeEachOther(t *testing.T) {
	t.Parallel()
	const free = 38
	p := &past{DB: dbtest.New(t)}
	p.campaign, p.set = dbtest.Drawn(t, p.DB, dbtest.TwoQueues, one(free))
	p.intake, p.book = db.NewIntake(p.Pool, db.IntakeOptions{}), db.NewBook(p.Pool, p.set)
	t.Cleanup(p.intake.Close)
	for i := range 30 {
		p.apply(t, i%20+i/20*40, 2*time.Hour)
	}
	for n := 20; n < 40; n++ {
		p.apply(t, n, 2*time.Hour)
	}
	for _, queue := range []string{dbtest.Queue, "young"} {
		_, err := db.CloseDraw(t.Context(), p.Pool, p.set, dbtest.Slug, queue, "test")
		ok(t, err)
		_, err = db.RunDraw(t.Context(), p.Pool, p.set, dbtest.Slug, queue, "3, 7, 12", "test")
		ok(t, err)
	}
	if n, err := db.NewSealer(p.Pool, p.set, 1).OneRun(t.Context()); err != nil || n != 40 {
		t.Fatalf("%d numbers, %v", n, err)
	}
	p.round(t)
	p.announce(t)
	p.round(t)
	const overtaken = `SELECT count(*) FROM (SELECT registration_id, row_number() OVER (ORDER BY arrival, tie, registration_id) AS n FROM place) p
		WHERE n <= $1 AND NOT EXISTS (SELECT FROM appointment a WHERE a.registration_id = p.registration_id)`
	if n, given := p.int(t, overtaken, free), p.int(t, `SELECT count(*) FROM appointment`); n != 0 || given != free {
		t.Errorf("%d of the first %d have nothing, %d have something", n, free, given)
	}
}

// A sealer announced what waits in a queue and died. Whoever waited there withdrew, and nobody came since: nobody is kept waiting for them.
func TestABacklogOfASealerThatDiedKeepsNobody(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) { c.Settle = time.Hour / 2 })
	p.apply(t, 0, 20*time.Minute)
	p.apply(t, 20, 10*time.Minute)
	if n, err := db.NewSealer(p.Pool, p.set, 10).OneRun(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d numbers, %v", n, err)
	}
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Settle = time.Millisecond; c.Cohorts[0].Declines = 4 }))
	for range 2 {
		p.announce(t)
		p.round(t)
	}
	if got := p.slotsOf(t); !isTime(got[20]) {
		t.Errorf("%d seats are free and nobody is before: %v", seats, got)
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
