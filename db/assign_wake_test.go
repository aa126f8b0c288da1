package db_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// isTime reports whether slotsOf tells of a slot: reasons are one word.
func isTime(s string) bool { return strings.Contains(s, " ") }

// aged lets half a minute pass in which no round begins.
func (p *past) aged(t *testing.T) {
	t.Helper()
	p.Exec(t, `UPDATE waiting SET since = since - interval '31 seconds'`)
	p.Exec(t, `UPDATE household SET joined_at = joined_at - interval '31 seconds'`)
	p.Exec(t, `UPDATE pool SET checked_to = checked_to - interval '31 seconds'`)
}

// The member who stands first in the household proves the phone last: only that row is woken, and the household stands where its last member
// stands.
func TestAHouseholdWhoseFirstMemberProvesLast(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	p.apply(t, 0, 40*time.Second, wishing(home))
	p.apply(t, 1, 30*time.Second, wishing(home))
	p.announce(t)
	ok(t, p.book.Verify(t.Context(), p.change(t, 1, "verify"), "reply", 0))
	p.round(t)
	p.aged(t)
	ok(t, p.book.Verify(t.Context(), p.change(t, 0, "verify"), "reply", 0))
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || !isTime(got[1]) {
		t.Errorf("complete, ready, %d seats free, and not served: %v; looks left: %d", seats, got, p.int(t, `SELECT count(*) FROM waiting WHERE look`))
	}
}

// Whoever proves the phone when everything is taken is told so: at the first look there was nothing to tell.
func TestWhoProvesThePhoneTooLateIsToldWhy(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, one(1))
	p.apply(t, 0, 40*time.Second)
	p.apply(t, 1, 30*time.Second)
	p.announce(t)
	p.round(t)
	for n := range 2 {
		ok(t, p.book.Verify(t.Context(), p.change(t, n, "verify"), "reply", 0))
	}
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || got[1] != string(booking.ReasonNoSlots) {
		t.Fatalf("%v", got)
	}
	if n := p.messages(t, 1, "no_time"); n != 1 {
		t.Errorf("%d texts say that there is no time yet, want one", n)
	}
	p.clean(t)
}

func TestAHouseholdThatBecomesRightByAWithdrawal(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	for n := range 3 {
		p.apply(t, n, time.Duration(40-n)*time.Second, wishing(home))
	}
	p.announce(t)
	p.round(t)
	p.aged(t)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 2, "cancel")))
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || !isTime(got[1]) {
		t.Errorf("complete since one left, and not served: %v; looks left: %d", got, p.int(t, `SELECT count(*) FROM waiting WHERE look`))
	}
}

// One of a household is moved out of a slot, nothing suits, and later there is room again.
func TestAHouseholdsMemberWhomWeMovedIsServedFirst(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(2))
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	p.apply(t, 0, 40*time.Second, wishing(home))
	p.apply(t, 1, 30*time.Second, wishing(home))
	p.announce(t)
	p.round(t)
	ok(t, p.reapply(t, true, one(1)))
	_, err := db.NewMover(p.Pool, p.set, 10).Move(t.Context(), p.campaign, "test", nil)
	ok(t, err)
	ok(t, p.reapply(t, true, func(c *booking.Campaign) {
		s := c.Slots[0]
		s.Starts, s.Ends, s.Capacity = s.Starts.Add(2*time.Hour), s.Ends.Add(2*time.Hour), 5
		c.Slots = append(c.Slots, s)
	}))
	p.apply(t, 2, time.Second)
	p.announce(t)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[1]) {
		t.Errorf("lost the slot because of us, should be the first for the next, five seats are free: %v", got)
	}
}

// proofInPage lets the first person prove the phone when a page has read that they are not ready, and before it writes who waits.
func (p *past) proofInPage(t *testing.T) {
	t.Helper()
	var done <-chan error
	p.holding(t, `LOCK TABLE decision IN SHARE ROW EXCLUSIVE MODE`, nil, func() {
		done = p.inRound(t, 100)
		p.blocked(t, done)
		ok(t, p.book.Verify(t.Context(), p.change(t, 0, "verify"), "reply", 0))
	})
	ok(t, <-done)
}

// A proof comes while a page lets the person wait, and the next round begins more than half a minute later: a brake, a restart, or
// simply the same round still going through a nation.
func TestAProofInAPageIsFoundLater(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	p.apply(t, 0, 40*time.Second)
	p.announce(t)
	p.proofInPage(t)
	p.aged(t)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) {
		t.Errorf("ready, and everything is free: %v", got)
	}
}

// The same with a household: whoever proves the phone is not the last of it, where it stands.
func TestAProofInAPageIsFoundLaterForAHousehold(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	for n := range 2 {
		p.apply(t, n, time.Duration(40-n)*time.Second, together(p, n))
	}
	p.announce(t)
	ok(t, p.book.Verify(t.Context(), p.change(t, 1, "verify"), "reply", 0))
	p.Exec(t, `UPDATE household SET joined_at = joined_at - interval '5 minutes'`)
	p.proofInPage(t)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || !isTime(got[1]) {
		t.Errorf("complete and ready, and everything is free: %v", got)
	}
}

// An earlier arrival comes to light, and the next round begins more than half a minute later.
func TestAnEarlierArrivalIsFoundLater(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(1))
	for n := range 3 {
		p.apply(t, n, time.Duration(40-n)*time.Second)
	}
	p.announce(t)
	p.round(t)
	p.apply(t, 2, 50*time.Second) // an earlier try of the same person
	if n := p.int(t, `SELECT count(*) FROM place WHERE moved_at IS NOT NULL`); n != 1 {
		t.Fatalf("%d moved", n)
	}
	p.Exec(t, `UPDATE pool SET checked_to = checked_to - interval '31 seconds'`)
	p.Exec(t, `UPDATE place SET moved_at = moved_at - interval '31 seconds', sealed_at = sealed_at - interval '2 minutes'`)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[2]) {
		t.Errorf("the freed slot goes to the first by order key, who is 2: %v", got)
	}
}

// A worker holds a round by the campaign that it read up to two seconds ago, after another version was applied.
func TestNoRoundGoesByAnOldVersion(t *testing.T) {
	t.Parallel()
	p := newPast(t, one(1))
	p.apply(t, 0, 40*time.Second)
	p.apply(t, 1, 30*time.Second)
	p.announce(t)
	p.round(t)
	c := p.file(func(c *booking.Campaign) {
		s, site := c.Slots[0], c.Sites[0]
		site.Code, s.Site, s.Capacity = "north2", "north2", 10
		c.Sites, c.Slots = append(c.Sites, site), append(c.Slots, s)
	})
	_, err := db.ApplyWith(t.Context(), p.Pool, p.Master, c, digestOf(c), "test", p.now(t), db.ApplyOptions{})
	ok(t, err)
	p.round(t) // the set is refreshed every two seconds: not yet
	ok(t, p.set.Refresh(t.Context()))
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[1]) {
		t.Errorf("a site was added with 10 seats: %v; looks %d, gained %d, free %d", got, p.int(t, `SELECT count(*) FROM waiting WHERE look`),
			p.int(t, `SELECT sum(gained) FROM slot`), p.int(t, `SELECT sum(capacity - taken) FROM slot`))
	}
}

// A household across two queues of a pool: one member's place is sealed while a round goes on, which does not know it.
func TestAHouseholdAcrossQueuesIsServedOnce(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues)
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	p.apply(t, 21, 60*time.Second)
	p.apply(t, 20, 40*time.Second, wishing(home))
	p.announce(t)
	p.apply(t, 0, 50*time.Second, wishing(home)) // the other queue, not sealed yet
	var done <-chan error
	p.holding(t, `SELECT FROM slot FOR UPDATE`, nil, func() {
		done = p.inRound(t, 1)
		p.blocked(t, done)
		p.announce(t)
	})
	ok(t, <-done)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || got[0] != got[20] {
		t.Errorf("the household came to one hour together: %v", got)
	}
	p.clean(t)
}

// An appointment that no mark of the rounds tells of must not stop everybody behind.
func TestAnAppointmentOutOfNowhereStopsNobody(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	for n := range 3 {
		p.apply(t, n, time.Duration(40-n)*time.Second)
	}
	p.announce(t)
	p.offer(t, 1)
	p.round(t)
	got := p.slotsOf(t)
	if !isTime(got[0]) || !isTime(got[1]) || !isTime(got[2]) || p.int(t, `SELECT count(*) FROM appointment`) != 3 {
		t.Errorf("%v, %d appointments", got, p.int(t, `SELECT count(*) FROM appointment`))
	}
}

// A site's supply serves slots of two pools. What is given back in one pool is free in the other.
func TestASupplySharedByTwoPools(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) {
		c.Pools = append(c.Pools, "second")
		c.Cohorts[1].Pool = "second"
		c.Slots = c.Slots[:2]
		c.Slots[1].Pool = "second"
		day := c.Slots[0].Starts.In(c.Zone)
		d := booking.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()}
		next := day.AddDate(0, 0, 1)
		c.Supplies = []booking.Supply{{Site: dbtest.Site, From: d, To: booking.Date{Year: next.Year(), Month: next.Month(), Day: next.Day()}, Doses: 1}}
	})
	p.apply(t, 0, 60*time.Second)
	p.apply(t, 20, 40*time.Second)
	p.announce(t)
	both := func() {
		for _, q := range []string{dbtest.Queue, "young"} {
			_, err := db.NewAssigner(p.Pool, p.set, 10).RunRound(t.Context(), p.campaign.Queues[q].Pool, "job:assign")
			ok(t, err)
		}
	}
	both()
	before := p.slotsOf(t)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	both()
	both()
	if got := p.slotsOf(t); !isTime(got[20]) {
		t.Errorf("one dose and a seat are free, nobody else waits: before %v, after %v, supply left %d", before, got, p.int(t, `SELECT doses - taken FROM supply`))
	}
}

// The household's latest word is that of the member whose wishes were changed last, wherever the member stands.
func TestTheLatestWishesOfAHouseholdCount(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	h := &booking.Household{Code: "together-1", Size: 2}
	narrow := booking.Wishes{Household: h, NotAfter: booking.Date{Year: 2000, Month: 1, Day: 1}}
	p.apply(t, 0, 40*time.Second, wishing(narrow))
	p.apply(t, 1, 30*time.Second, wishing(narrow))
	p.announce(t)
	p.round(t)
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), dbtest.Region, booking.Wishes{Household: h}))
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) {
		t.Errorf("told to widen the wishes, and did: %v", got)
	}
}

// People change their wishes without a pause, as they do in the hour of an opening: there is always somebody who shares the pool. A round
// gets its turn all the same; without turns it fails after the time that a page may take.
func TestChangesDoNotStarveRounds(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	const many = 16
	for n := range many + 1 {
		p.apply(t, n, time.Duration(100-n)*time.Second)
	}
	p.announce(t)
	stop, under := make(chan struct{}), make(chan struct{})
	var changes atomic.Int64
	var wg sync.WaitGroup
	for n := range many {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := p.book.SetWishes(context.WithoutCancel(t.Context()), p.change(t, n, "wishes"), dbtest.Region, booking.Wishes{}); err != nil {
					t.Error(err)
					return
				}
				if changes.Add(1) == 10*many {
					close(under)
				}
			}
		})
	}
	<-under
	got, err := db.NewAssigner(p.Pool, p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
	close(stop)
	wg.Wait()
	t.Logf("%d changes", changes.Load())
	if err != nil || got.Assigned != many+1 {
		t.Errorf("a round of %d people, in pages of 3: %+v, %v", many+1, got, err)
	}
}

// Reading what is free may take seconds: nobody's change waits for it.
func TestChangesGoOnWhileARoundReadsWhatIsFree(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, time.Minute)
	p.announce(t)
	var done <-chan error
	p.holding(t, `LOCK TABLE supply IN ACCESS EXCLUSIVE MODE`, nil, func() {
		done = p.inRound(t, 100)
		p.blocked(t, done)
		ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), dbtest.Region, booking.Wishes{Sites: []string{"south"}}))
	})
	ok(t, <-done)
	if got := p.slotsOf(t); len(got[0]) < 5 || got[0][:5] != "south" {
		t.Errorf("the change came before the page: %v", got)
	}
	p.clean(t)
}

// A household across two cohorts whose first rounds differ: the one who came last is looked at before the other's first round.
func TestAHouseholdAcrossFirstRounds(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.TwoQueues)
	home := booking.Wishes{Household: &booking.Household{Code: "together-1", Size: 2}}
	p.Exec(t, `UPDATE queue SET first_round_at = now() + interval '10 minutes' WHERE id = $1`, p.campaign.Queues[dbtest.Queue].ID)
	p.apply(t, 0, 50*time.Second, wishing(home))
	p.apply(t, 20, 40*time.Second, wishing(home))
	p.announce(t)
	p.round(t)
	p.aged(t)
	p.Exec(t, `UPDATE queue SET first_round_at = now() - interval '1 second'`)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[0]) || !isTime(got[20]) {
		t.Errorf("both first rounds have come: %v; looks left %d", got, p.int(t, `SELECT count(*) FROM waiting WHERE look`))
	}
}

// Somebody is moved to another site: the dose that they leave is free for a seat that was free all the time.
func TestASupplyThatAMoveFreed(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) {
		s := c.Slots[dbtest.PerSite : dbtest.PerSite+1] // one of the middle
		c.Slots = append(c.Slots[:2:2], s...)
		for i := range c.Slots {
			c.Slots[i].Capacity = 1
		}
		day := c.Slots[0].Starts.In(c.Zone)
		next := day.AddDate(0, 0, 1)
		c.Supplies = []booking.Supply{{
			Site: dbtest.Site, From: booking.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()},
			To: booking.Date{Year: next.Year(), Month: next.Month(), Day: next.Day()}, Doses: 1,
		}}
	})
	hour := p.wanted.Slots[0].Starts.In(p.wanted.Zone).Hour() * 60
	p.apply(t, 0, 60*time.Second, wishing(booking.Wishes{Times: []booking.DayTime{{From: hour, To: hour + 30}}}))
	p.apply(t, 1, 50*time.Second, wishing(booking.Wishes{Sites: []string{dbtest.Site}}))
	p.announce(t)
	p.round(t)
	before := p.slotsOf(t)
	ok(t, p.reapply(t, true, func(c *booking.Campaign) { c.Slots = c.Slots[1:] })) // the first slot of north closes
	p.round(t)
	_, err := db.NewMover(p.Pool, p.set, 10).Move(t.Context(), p.campaign, "test", nil)
	ok(t, err)
	p.round(t)
	p.round(t)
	if got := p.slotsOf(t); !isTime(got[1]) && got[0] != got[1] {
		t.Errorf("before %v, after %v; north has %d left and a free seat", before, got, p.int(t, `SELECT doses - taken FROM supply`))
	}
}
