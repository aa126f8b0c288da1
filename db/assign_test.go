package db_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// wishing lets somebody apply with wishes.
func wishing(w booking.Wishes) func(*desk.Application) {
	return func(a *desk.Application) { a.Wishes = w }
}

// slotsOf says who has which slot, by person and as "site hour", and why the others have none.
func (p *past) slotsOf(t *testing.T) map[int]string {
	t.Helper()
	number := map[booking.ID]int{}
	for n, id := range p.ids {
		number[id] = n
	}
	rows, err := p.Admin.Query(t.Context(), `
SELECT a.registration_id, si.code || ' ' || to_char(s.starts_at, 'DD HH24') FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
WHERE a.state IN ('offered', 'confirmed') UNION ALL SELECT registration_id, reason FROM waiting WHERE swap_of IS NULL`)
	ok(t, err)
	out := map[int]string{}
	for rows.Next() {
		var id booking.ID
		var what string
		ok(t, rows.Scan((*[16]byte)(&id), &what))
		if before, twice := out[number[id]]; twice {
			t.Errorf("person %d has %q and %q", number[id], before, what)
		}
		out[number[id]] = what
	}
	ok(t, rows.Err())
	return out
}

// clean lets every text arrive and audits as of an hour later.
func (p *past) clean(t *testing.T) {
	t.Helper()
	p.cleanIn(t, time.Hour)
}

// cleanIn does so as of another time, for what is recorded ahead of the clock.
func (p *past) cleanIn(t *testing.T, later time.Duration) {
	t.Helper()
	p.delivered(t)
	r, err := db.Audit(t.Context(), p.Pool, p.set, db.AuditOptions{Now: p.now(t).Add(later)})
	ok(t, err)
	if r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

// rested lets the next round begin at once, as if the time had passed after which a dead assigner is given up.
func (p *past) rested(t *testing.T) {
	t.Helper()
	p.Exec(t, `UPDATE pool SET busy_until = NULL`)
}

// one leaves a single slot, at the first site, with room for so many.
func one(capacity int) dbtest.Options {
	return func(c *booking.Campaign) {
		c.Slots = c.Slots[:1]
		c.Slots[0].Capacity = capacity
	}
}

func TestWhoGetsNothingWaitsAndIsServedFirst(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(1))
	for n := range 4 {
		p.apply(t, n, time.Duration(40-10*n)*time.Second)
	}
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); got[1] != string(booking.ReasonNoSlots) || len(got) != 4 {
		t.Fatalf("after the first round: %v", got)
	}
	p.apply(t, 4, 90*time.Second) // came by a slow way, before everybody
	p.announce(t)
	ok(t, p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined))
	p.round(t)
	if got := p.slotsOf(t); got[4][:5] != dbtest.Site || got[1] != string(booking.ReasonNoSlots) {
		t.Errorf("the freed slot did not go to the earliest key: %v", got)
	}
	ok(t, p.book.Answer(t.Context(), p.change(t, 4, "decline"), 0, booking.Declined))
	p.round(t)
	got := p.slotsOf(t)
	if got[1][:5] != dbtest.Site || got[0] != string(booking.ReasonNoSlots) && got[0] != string(booking.ReasonWishes) {
		t.Errorf("who declined is not offered the same again, and 1 is next: %v", got)
	}
	p.clean(t)
}

// A missed call at 20:00 is called back at noon: the arrival is the ring. An app user of 20:01 still waits.
func TestACallbackKeepsItsPlace(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(1))
	p.apply(t, 0, 40*time.Second)
	p.apply(t, 1, 20*time.Second) // the app user
	p.announce(t)
	p.round(t)
	p.apply(t, 2, 30*time.Second, func(a *desk.Application) { a.Door, a.Actor, a.Attested = desk.DoorVoice, "agent:kim", true })
	p.announce(t)
	p.round(t) // nothing is free: nobody moves
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.round(t)
	got := p.slotsOf(t)
	if got[2] == string(booking.ReasonNoSlots) || got[1] != string(booking.ReasonNoSlots) {
		t.Errorf("the callback stands at its ring: %v", got)
	}
	var number int64
	var late string
	p.Scan(t, `SELECT number, late FROM place WHERE registration_id = $1`, []any{[16]byte(p.ids[2])}, &number, &late)
	if number != 3 || late == "" {
		t.Errorf("place %d, late %q: a late one gets the next number and says why", number, late)
	}
	p.clean(t)
}

func TestNothingIsDoneWhenNothingChanged(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(2))
	for n := range 6 {
		p.apply(t, n, time.Minute, wishing(booking.Wishes{NotAfter: booking.Date{Year: 2000, Month: 1, Day: 1}})) // nothing suits
	}
	p.announce(t)
	p.round(t)
	var rounds, now int
	p.Scan(t, `SELECT sum(round) FROM pool`, nil, &rounds)
	for range 3 {
		p.round(t)
	}
	p.Scan(t, `SELECT sum(round) FROM pool`, nil, &now)
	if now != rounds {
		t.Errorf("%d rounds were held for people for whom nothing had changed", now-rounds)
	}
	// One changes the wishes, and is looked at alone.
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 3, "wishes"), dbtest.Region, booking.Wishes{}))
	got, err := db.NewAssigner(p.Pool, p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
	ok(t, err)
	if got.Looked != 1 || got.Assigned != 1 {
		t.Errorf("%+v", got)
	}
	p.clean(t)
}

func TestAHouseholdStandsAtItsLastMember(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(2))
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	alone := booking.Wishes{Household: &booking.Household{Code: "together-2", Size: 3}}
	p.apply(t, 0, 50*time.Second, wishing(home))
	p.apply(t, 1, 45*time.Second, wishing(alone)) // the others never come
	p.apply(t, 2, 40*time.Second)
	p.announce(t)
	p.round(t)
	got := p.slotsOf(t)
	if got[0] != string(booking.ReasonIncomplete) || got[1] != string(booking.ReasonIncomplete) || got[2][:5] != dbtest.Site {
		t.Fatalf("before the household is complete: %v", got)
	}
	p.apply(t, 3, 30*time.Second, wishing(home))
	p.announce(t)
	p.round(t)
	got = p.slotsOf(t)
	if got[0] != got[3] || got[0] == got[2] || got[1] != string(booking.ReasonIncomplete) {
		t.Errorf("two people came to one hour together: %v", got)
	}
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 1, "wishes"), dbtest.Region, booking.Wishes{}))
	p.round(t)
	if got = p.slotsOf(t); got[1][:5] != dbtest.Site {
		t.Errorf("who no longer waits for others is served: %v", got)
	}
	p.clean(t)
}

func TestWhoeverBecomesReadyIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, dbtest.Capacity(1))
	for n := range 3 {
		p.apply(t, n, time.Duration(40-10*n)*time.Second)
	}
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); got[0] != string(booking.ReasonNotReady) || len(got) != 3 {
		t.Fatalf("nobody has proven a phone: %v", got)
	}
	ok(t, p.book.Verify(t.Context(), p.change(t, 1, "verify"), "reply", 0))
	p.round(t)
	got := p.slotsOf(t)
	if got[1][:5] != dbtest.Site || got[0] != string(booking.ReasonNotReady) {
		t.Errorf("%v", got)
	}
	// The proof came while a page let the person wait: neither saw the other.
	p.Exec(t, `INSERT INTO verification (campaign_id, registration_id, method, at, actor) SELECT campaign_id, id, 'reply', now(), 'phone' FROM registration WHERE id = $1`, [16]byte(p.ids[0]))
	p.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, now(), 'phone', 'verify.reply' FROM registration WHERE id = $1`, [16]byte(p.ids[0]))
	p.apply(t, 4, time.Second)
	p.announce(t)
	p.round(t)
	if got := p.slotsOf(t); got[0][:5] != dbtest.Site {
		t.Errorf("the next round finds it: %v", got)
	}
	p.clean(t)
}

// Wherever a worker dies, the next one goes on, and it ends as if nothing had happened.
func TestARoundGoesOnAfterAKillAtAnyPage(t *testing.T) {
	t.Parallel()
	const people, page = 40, 6
	sites := []string{"north", "middle", "south"}
	p := newPast(t, dbtest.Capacity(2))
	for n := range people {
		var w booking.Wishes
		switch n % 5 {
		case 1:
			w.Sites = []string{sites[n%3], sites[(n+1)%3]}
		case 2:
			w.NotBefore = booking.Date{Year: 2100, Month: 1, Day: 1}
		case 3:
			w.Household = &booking.Household{Code: fmt.Sprintf("home-%d", n/10), Size: 2}
		}
		p.apply(t, n, time.Minute-time.Duration(n)*time.Second, wishing(w))
	}
	p.apply(t, people, 2*time.Minute)
	p.announce(t)
	for n := range 4 { // some wait already, and something has become free
		ok(t, p.book.Verify(t.Context(), p.change(t, n, "verify"), "reply", 0))
	}
	unbroken := p.copied(t)
	p = unbroken // p's database is a template from here on
	whole := p.copied(t)
	pages := 0
	for {
		got, err := db.NewAssigner(whole.Pool, whole.set, page).RunRound(t.Context(), whole.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		ok(t, err)
		if got.Looked == 0 {
			break
		}
		pages += (got.Looked + page - 1) / page
	}
	want := whole.slotsOf(t)
	whole.clean(t)
	if pages < 4 || len(want) != people+1 {
		t.Fatalf("%d pages, %d people", pages, len(want))
	}
	for dies := range pages {
		q := p.copied(t)
		// The worker dies as it writes the round's record of this page, at the end of its transaction.
		q.Exec(t, fmt.Sprintf(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.page = %d THEN RAISE EXCEPTION ''killed''; END IF; RETURN NEW; END'`, dies))
		q.Exec(t, `CREATE TRIGGER die BEFORE INSERT ON round FOR EACH ROW EXECUTE FUNCTION die()`)
		_, err := db.NewAssigner(q.Pool, q.set, page).RunRound(t.Context(), q.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		if err == nil && dies < 3 {
			t.Fatalf("page %d was written", dies)
		}
		q.Exec(t, `DROP TRIGGER die ON round`)
		for looked := 1; looked > 0; {
			q.rested(t)
			got, err := db.NewAssigner(q.Pool, q.set, page).RunRound(t.Context(), q.campaign.Queues[dbtest.Queue].Pool, "job:assign")
			ok(t, err)
			looked = got.Looked
		}
		if got := q.slotsOf(t); !maps.Equal(got, want) {
			for n, s := range want {
				if got[n] != s {
					t.Errorf("died at page %d: person %d has %q, without it %q", dies, n, got[n], s)
				}
			}
		}
		q.clean(t)
	}
}

// Random days of a small campaign: whatever happens, in whatever order, the audit finds nothing and everybody is somewhere.
func TestRoundsKeepTheLaws(t *testing.T) {
	t.Parallel()
	empty := newPast(t, dbtest.Capacity(1))
	empty.apply(t, 0, 10*time.Minute)
	empty = empty.copied(t)
	rapid.Check(t, func(rt *rapid.T) {
		p := empty.copied(t)
		defer p.left() // a hundred days at once would take all connections
		there := 1
		for range rapid.IntRange(2, 10).Draw(rt, "steps") {
			switch k := rapid.IntRange(0, 9).Draw(rt, "what"); {
			case k < 4:
				var w booking.Wishes
				if rapid.Bool().Draw(rt, "ranks") {
					w.Sites = slices.Clone(rapid.SampledFrom([][]string{{"north"}, {"south", "middle"}, {"middle"}}).Draw(rt, "sites"))
				}
				p.apply(t, there, time.Duration(rapid.IntRange(1, 300).Draw(rt, "ago"))*time.Second, wishing(w))
				there++
			case k < 6:
				p.announce(t)
			case k < 8:
				p.announce(t)
				p.round(t)
			case k == 8:
				c := p.change(t, rapid.IntRange(0, there-1).Draw(rt, "who"), "decline")
				if err := p.book.Answer(t.Context(), c, 0, booking.Declined); err != nil && booking.CodeOf(err) == "" {
					t.Fatal(err)
				}
			default:
				c := p.change(t, rapid.IntRange(0, there-1).Draw(rt, "who"), "cancel")
				if err := p.book.Withdraw(t.Context(), c); err != nil && booking.CodeOf(err) == "" {
					t.Fatal(err)
				}
			}
		}
		p.announce(t)
		p.round(t)
		p.round(t)
		p.delivered(t)
		if r := p.audit(t); r.Violations != 0 {
			rt.Fatal("\n" + r.Text())
		}
	})
}

// Whatever the size of a page, everybody gets the same.
func TestThePageSizeDecidesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, 1))
			people := 24 + rng.IntN(20)
			p := newPast(t, dbtest.Capacity(1+rng.IntN(4)), dbtest.TwoQueues, func(c *booking.Campaign) {
				for i := range c.Cohorts {
					if seed%2 == 0 {
						c.Cohorts[i].Verify = booking.BeforeOffer
					}
				}
				c.Reserves = []booking.Reserve{{Cohorts: []string{"young"}, Sites: []string{"middle"}, Percent: 50, Release: time.Minute}}
				d := booking.DateOf(c.Slots[0].Starts, c.Zone)
				next := booking.DateOf(c.Slots[0].Starts.Add(dbtest.Day), c.Zone)
				c.Supplies = []booking.Supply{{Site: "north", From: d, To: next, Doses: 1 + rng.IntN(6)}, {Site: "south", From: d, To: next, Doses: 3}}
			})
			sites := []string{"north", "middle", "south"}
			same := rng.IntN(2) == 0
			at := p.now(t).Add(-10 * time.Minute)
			for n := range people {
				var w booking.Wishes
				switch rng.IntN(6) {
				case 0:
					w.Sites = []string{sites[rng.IntN(3)], sites[rng.IntN(3)]}
					if w.Sites[0] == w.Sites[1] {
						w.Sites = w.Sites[:1]
					}
				case 1:
					w.NotBefore = booking.Date{Year: 2100, Month: 1, Day: 1}
				case 2, 3:
					w.Household = &booking.Household{Code: fmt.Sprintf("home-%d", rng.IntN(6)), Size: 2 + rng.IntN(3)}
				}
				arrival := at
				if !same {
					arrival = at.Add(time.Duration(rng.IntN(600)) * time.Second)
				}
				p.apply(t, n, 0, wishing(w), func(a *desk.Application) { a.Arrival = arrival.Truncate(time.Microsecond); a.Told = a.Arrival })
				if n%7 == 6 {
					p.announce(t)
				}
			}
			p.announce(t)
			for n := range people {
				if rng.IntN(5) > 0 {
					ok(t, p.book.Verify(t.Context(), p.change(t, n, "verify"), "reply", 0))
				}
			}
			p = p.copied(t)
			var want map[int]string
			for _, page := range []int{1000, 1, 3} {
				q := p.copied(t)
				for looked := 1; looked > 0; {
					q.rested(t)
					got, err := db.NewAssigner(q.Pool, q.set, page).RunRound(t.Context(), q.campaign.Queues[dbtest.Queue].Pool, "job:assign")
					ok(t, err)
					looked = got.Looked
				}
				got := q.slotsOf(t)
				if want == nil {
					want = got
				}
				if !maps.Equal(got, want) {
					for n := range people {
						if got[n] != want[n] {
							t.Errorf("page %d: person %d has %q, with one page %q", page, n, got[n], want[n])
						}
					}
				}
				q.clean(t)
			}
		})
	}
}
