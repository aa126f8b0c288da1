package db_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// reapply applies the campaign with changes, as a new version, and has the program take it over.
func (p *past) reapply(t *testing.T, closing bool, opts ...dbtest.Options) error {
	t.Helper()
	c := p.file(opts...)
	if _, err := db.ApplyWith(t.Context(), p.Pool, p.Master, c, digestOf(c), "test", p.now(t), db.ApplyOptions{Closing: closing}); err != nil {
		return err
	}
	ok(t, p.set.Refresh(t.Context()))
	var err error
	p.campaign, err = p.set.BySlug(dbtest.Slug)
	ok(t, err)
	p.wanted = c
	return nil
}

// file is the campaign as it was applied last, with changes.
func (p *past) file(opts ...dbtest.Options) *booking.Campaign {
	c := *p.wanted
	c.Slots, c.Sites = append([]booking.Slot(nil), c.Slots...), append([]booking.Site(nil), c.Sites...)
	c.Cohorts = append([]booking.Cohort(nil), c.Cohorts...)
	for _, o := range opts {
		o(&c)
	}
	return &c
}

func digestOf(c *booking.Campaign) [32]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%v %v %v %v %v %v", c.Slots, c.Sites, c.Cohorts, c.Reserves, c.Supplies, c.Series))
}

func (p *past) int(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	p.Scan(t, sql, args, &n)
	return n
}

// seats is how many seats all slots of the test's campaign have.
const seats = 3 * dbtest.PerSite * dbtest.PerSlot

func reserveHalf(c *booking.Campaign) {
	c.Reserves = []booking.Reserve{{Later: true, Percent: 50, Release: 12 * time.Hour}}
}

func TestReservesAreKeptInSlots(t *testing.T) {
	t.Parallel()
	p := newPast(t, reserveHalf)
	if n := p.int(t, `SELECT count(*) FROM slot WHERE reserve = 1 AND reserved = 1 AND release_at = starts_at - interval '12 hours' AND NOT released`); n != seats/2 {
		t.Fatalf("%d slots keep one of two seats, want %d", n, seats/2)
	}
	for n := range seats/2 + 2 {
		p.apply(t, n, time.Minute)
	}
	p.announce(t)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != seats/2 {
		t.Fatalf("%d people got a seat, want %d: the others are kept", n, seats/2)
	}
	// Nobody waits for what is kept; when the rule goes, both who wait are looked at.
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Reserves = nil }))
	if n := p.int(t, `SELECT count(*) FROM waiting WHERE look AND woken > 0`); n != 2 {
		t.Fatalf("%d of 2 people who wait are looked at again", n)
	}
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != seats/2+2 {
		t.Fatalf("%d people have a seat, want %d", n, seats/2+2)
	}
	p.clean(t)
}

func TestApplyingTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	p := newPast(t, reserveHalf, supplies(5))
	before := p.int(t, `SELECT sum(hashtext(s::text)::bigint % 1000003) FROM slot s`)
	got, err := db.Apply(t.Context(), p.Pool, p.Master, p.file(), digestOf(p.wanted), "test", p.now(t))
	ok(t, err)
	ok(t, p.reapply(t, false))
	if after := p.int(t, `SELECT sum(hashtext(s::text)::bigint % 1000003) FROM slot s`); after != before {
		t.Errorf("slots changed: %+v", got)
	}
	if n := p.int(t, `SELECT count(*) FROM supply WHERE taken = 0 AND doses = 5`); n != 1 {
		t.Errorf("%d supplies, want 1", n)
	}
}

// supplies gives the north site so many doses for the whole time.
func supplies(doses int) dbtest.Options {
	return func(c *booking.Campaign) {
		day := func(t time.Time) booking.Date {
			y, m, d := t.In(c.Zone).Date()
			return booking.Date{Year: y, Month: m, Day: d}
		}
		first, last := c.Slots[0].Starts, c.Slots[dbtest.PerSite-1].Starts
		c.Supplies = []booking.Supply{{Site: dbtest.Site, From: day(first), To: day(last), Doses: doses}}
	}
}

func TestSuppliesAreTiedToTheSlotsOfTheirDays(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	for n := range 3 {
		p.apply(t, n, time.Minute)
	}
	p.announce(t)
	p.round(t) // three people at the north site, the nearest
	if err := p.reapply(t, false, supplies(2)); !errors.Is(err, db.ErrApply) {
		t.Fatalf("two doses for three appointments: %v", err)
	}
	ok(t, p.reapply(t, false, supplies(5)))
	if n := p.int(t, `SELECT count(*) FROM slot WHERE supply_id IS NOT NULL`); n != dbtest.PerSite {
		t.Errorf("%d slots are tied to the supply, want %d", n, dbtest.PerSite)
	}
	if n := p.int(t, `SELECT taken FROM supply`); n != 3 {
		t.Errorf("%d doses are taken, want 3", n)
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	if n := p.int(t, `SELECT taken FROM supply`); n != 2 {
		t.Errorf("%d doses are taken after one was given back, want 2", n)
	}
	if err := p.reapply(t, false, supplies(1)); !errors.Is(err, db.ErrApply) {
		t.Fatalf("one dose for two appointments: %v", err)
	}
	// The period begins a day later in Seoul: the slots before it are free of it.
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		c.Supplies = []booking.Supply{{Site: dbtest.Site, From: booking.Date{Year: 2100, Month: 1, Day: 1}, To: booking.Date{Year: 2100, Month: 1, Day: 2}, Doses: 0}}
	}))
	if n := p.int(t, `SELECT count(*) FROM slot WHERE supply_id IS NOT NULL`); n != 0 {
		t.Errorf("%d slots are still tied to a supply", n)
	}
	if n := p.int(t, `SELECT count(*) FROM supply WHERE taken = 0 AND doses = 0`); n != 1 {
		t.Errorf("%d supplies, want the new one", n)
	}
	p.round(t)
	p.clean(t)
}

func TestDroppedSlotsGoOrStayWithoutRoom(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.round(t)
	north := func(c *booking.Campaign) { c.Slots = c.Slots[dbtest.PerSite:] }
	if err := p.reapply(t, false, north); !errors.Is(err, db.ErrApply) {
		t.Fatalf("a slot that somebody holds was dropped: %v", err)
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	ok(t, p.reapply(t, false, north))
	if n := p.int(t, `SELECT count(*) FROM slot s JOIN site si ON si.id = s.site_id WHERE si.code = 'north' AND capacity = 0`); n != 1 {
		t.Errorf("%d slots of the north site stay without room, want the one that somebody once had", n)
	}
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id WHERE a.state = 'offered' AND si.code <> 'north'`); n != 1 {
		t.Errorf("%d people have a time elsewhere, want 1", n)
	}
	p.clean(t)
}
