package db_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// A proof that comes at the very moment of the application or of the enrolment is never lost.
func TestAProofAndAnApplicationAtOnce(t *testing.T) {
	t.Parallel()
	const people = 24
	p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 1000 })
	all := make([]*gadget, people)
	codes := make([]string, people)
	for n := range people {
		all[n] = p.gadget(t, fmt.Sprint("device-", n), dbtest.Person(n), time.Minute)
		_, err := all[n].introduce(t)
		ok(t, err)
		ok(t, all[n].desk.RequestCode(t.Context(), all[n].from(), all[n].holding()))
	}
	texts := p.codes(t)
	var wg sync.WaitGroup
	for n, g := range all {
		if codes[n] = texts[g.person.Phone]; codes[n] == "" {
			t.Fatal("no code")
		}
		tap := g.from()
		tap.Received = tap.Received.Add(time.Second)
		for i := range 4 {
			wg.Go(func() {
				var err error
				switch i {
				case 0:
					err = g.desk.Verify(t.Context(), g.from(), g.holding(), codes[n])
				case 1:
					_, err = g.desk.Register(t.Context(), p.campaign.Slug, tap, &desk.Applying{Person: g.person, Lang: booking.Korean, Secret: g.secret, Operation: uuid.New()})
				case 2:
					_, err = g.desk.Introduce(t.Context(), p.campaign.Slug, g.from(), &desk.Introducing{Person: g.person, Lang: booking.Korean, Secret: g.secret, Operation: uuid.New()})
				default:
					if _, err = db.NewSealer(p.Pool, p.set, 5).SealAll(t.Context()); err == nil {
						_, err = db.NewEnroller(p.Pool, p.set).EnrolPage(t.Context(), 5)
					}
				}
				if err != nil {
					t.Errorf("person %d, %d: %v", n, i, err)
				}
			})
		}
	}
	wg.Wait()
	for range 10 {
		p.announce(t)
	}
	if a, b, c := p.int(t, `SELECT count(*) FROM introduction WHERE verified_at IS NOT NULL`), p.int(t, `SELECT count(*) FROM place`),
		p.int(t, `SELECT count(*) FROM verification`); a != people || b != people || c != people {
		t.Errorf("%d introductions, %d places, %d proofs of %d people", a, b, c, people)
	}
	p.round(t)
	p.clean(t)
}

// introduced is a device that has introduced itself and been sent a code.
func (p *past) introduced(t *testing.T) (g *gadget, code string) {
	t.Helper()
	g = p.gadget(t, "prepared-device", dbtest.Person(1), time.Minute)
	_, err := g.introduce(t)
	ok(t, err)
	ok(t, g.desk.RequestCode(t.Context(), g.from(), g.holding()))
	return g, p.codes(t)[g.person.Phone]
}

// The entry comes and is enrolled after the proof has looked for it, and before the proof is kept.
func TestAnEntryThatIsEnrolledDuringTheProof(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	g, code := p.introduced(t)
	other := p.gadget(t, "other-device", dbtest.Person(1), 30*time.Second)
	done := make(chan error, 1)
	p.holding(t, `SELECT FROM code_request FOR UPDATE`, nil, func() {
		go func() { done <- g.desk.Verify(t.Context(), g.from(), g.holding(), code) }()
		p.blocked(t, done)
		_, err := other.register(t)
		ok(t, err)
		p.announce(t)
	})
	ok(t, <-done)
	if n := p.int(t, `SELECT count(*) FROM verification`); n != 1 {
		t.Errorf("%d proofs of the entry", n)
	}
	p.round(t)
	p.clean(t)
}

// The entry comes after the proof has found none for the second time, and is enrolled before the proof is committed.
func TestAProofThatIsNotCommittedYet(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	g, code := p.introduced(t)
	other := p.gadget(t, "other-device", dbtest.Person(1), 30*time.Second)
	done, enrolled := make(chan error, 1), make(chan error, 1)
	p.holding(t, `LOCK TABLE operation IN SHARE ROW EXCLUSIVE MODE`, nil, func() { // where the proof is recorded last
		go func() { done <- g.desk.Verify(t.Context(), g.from(), g.holding(), code) }()
		p.blocked(t, done)
		_, err := other.register(t)
		ok(t, err)
		_, err = db.NewSealer(p.Pool, p.set, 100).SealAll(t.Context())
		ok(t, err)
		go func() {
			_, err := db.NewEnroller(p.Pool, p.set).EnrolPage(t.Context(), 100)
			enrolled <- err
		}()
		p.waiting(t, enrolled, 2)
	})
	ok(t, <-done)
	ok(t, <-enrolled)
	if n := p.int(t, `SELECT count(*) FROM verification`); n != 1 {
		t.Errorf("%d proofs of the entry", n)
	}
	p.round(t)
	p.clean(t)
}
