package db_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// While people register, a cohort is split in two, a site is added and a rule is put right. Nobody loses a place, and nobody's place moves.
func TestRulesChangeWhilePeopleRegister(t *testing.T) {
	t.Parallel()
	const people, hands = 240, 8
	p := newPast(t, dbtest.Capacity(3))
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	d := desk.New(desk.Ports{Campaigns: p.set, Intake: p.intake, Book: p.book, Phones: db.NewSwitchboard(p.Pool, p.set), Clock: clock})
	var done atomic.Int64
	var wg sync.WaitGroup
	coming := make(chan int) // people come in four parts, each while something changes
	come := func(part int) {
		wg.Go(func() {
			for n := part * people / 4; n < (part+1)*people/4; n++ {
				coming <- n
			}
		})
	}
	var at sync.WaitGroup
	for range hands {
		at.Go(func() {
			for n := range coming {
				_, err := d.Register(t.Context(), dbtest.Slug, desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: clock.Now()},
					&desk.Applying{Person: dbtest.Person(n), Region: dbtest.Region, Lang: booking.Korean, Secret: "secret", Operation: uuid.New()})
				if err != nil {
					t.Errorf("person %d: %v", n, err)
				}
				done.Add(1)
			}
		})
	}
	places := map[booking.ID]int64{}
	check := func() {
		t.Helper()
		p.announce(t)
		p.round(t)
		rows, err := p.Admin.Query(t.Context(), `SELECT registration_id, queue_id * 1000000 + number FROM place`)
		ok(t, err)
		seen := 0
		for rows.Next() {
			var id booking.ID
			var number int64
			ok(t, rows.Scan((*[16]byte)(&id), &number))
			if before, known := places[id]; known && before != number {
				t.Errorf("a place moved from %d to %d", before, number)
			}
			places[id] = number
			seen++
		}
		if seen != len(places) {
			t.Errorf("%d places of %d are gone", len(places)-seen, len(places))
		}
	}
	come(0)
	check()
	come(1)
	ok(t, p.reapply(t, false, dbtest.TwoQueues))
	check()
	come(2)
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		south := c.Sites[2]
		south.Code = "far-south"
		c.Sites = append(c.Sites, south)
		for _, s := range c.Slots {
			if s.Site == dbtest.Site {
				s.Site, s.Capacity = "far-south", people
				c.Slots = append(c.Slots, s)
			}
		}
	}))
	check()
	come(3)
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		for i := range c.Cohorts {
			c.Cohorts[i].Notice, c.Cohorts[i].Declines = 2*time.Hour, 2
		}
	}))
	wg.Wait()
	close(coming)
	at.Wait()
	for range 3 {
		check()
	}
	if done.Load() != people || len(places) != people {
		t.Errorf("%d people registered, %d have a place", done.Load(), len(places))
	}
	var served, queues int
	p.Scan(t, `SELECT (SELECT count(*) FROM appointment WHERE state = 'offered'), (SELECT count(DISTINCT queue_id) FROM place)`, nil, &served, &queues)
	if served != people || queues != 2 {
		t.Errorf("%d served, %d queues", served, queues)
	}
	p.clean(t)
}

// A rule that was put right can be what somebody waits for: everybody is looked at again.
func TestAChangedRuleLooksAtEverybodyAgain(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) { c.Cohorts[0].Notice = 90 * dbtest.Day })
	p.apply(t, 0, time.Minute)
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); got[0] != string(booking.ReasonNotice) {
		t.Fatalf("%v", got)
	}
	ok(t, p.reapply(t, false, func(c *booking.Campaign) { c.Cohorts[0].Notice = time.Hour }))
	p.round(t)
	if got := p.slotsOf(t); got[0] == string(booking.ReasonNotice) {
		t.Errorf("%v", got)
	}
	p.clean(t)
}

// A cohort is dropped (split in two under new codes): its people keep their notice, declines.
func TestPeopleOfADroppedCohortKeepItsRules(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) { c.Cohorts[0].Notice = 26 * time.Hour })
	p.apply(t, 0, 2*time.Minute)
	p.announce(t)
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		old, young := c.Cohorts[0], c.Cohorts[0]
		old.Code, old.BornTo = "old", booking.Date{Year: 1969, Month: 12, Day: 31}
		young.Code, young.BornFrom = "young", booking.Date{Year: 1970, Month: 1, Day: 1}
		c.Cohorts = []booking.Cohort{old, young}
	}))
	p.round(t)
	var h float64
	p.Scan(t, `SELECT extract(epoch FROM s.starts_at - a.made_at)/3600 FROM appointment a JOIN slot s ON s.id = a.slot_id`, nil, &h)
	if h < 26 {
		t.Errorf("notice is 26 h in every version of the file; got a slot %.1f h ahead", h)
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.round(t)
	if state, _ := p.stands(t, 0); state != "offered" {
		t.Errorf("after one decline of three: %v", p.slotsOf(t))
	}
	p.clean(t)
}
