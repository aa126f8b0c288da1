package db_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// gathered is a few people with wishes and a household, announced, none of them served.
func gathered(t *testing.T) *past {
	t.Helper()
	p := newPast(t, dbtest.Capacity(1))
	for i := range 16 {
		p.apply(t, i, time.Duration(40-i)*time.Second, func(a *desk.Application) {
			switch {
			case i%5 == 0:
				a.Wishes = booking.Wishes{Sites: []string{"south"}}
			case i == 3 || i == 11:
				a.Wishes = booking.Wishes{Household: &booking.Household{Code: "together", Size: 2}}
			case i == 4:
				a.Wishes = booking.Wishes{Household: &booking.Household{Code: "alone-so-far", Size: 3}}
			}
		})
	}
	p.announce(t)
	return p
}

// state is everything that a round would write.
func (p *past) written(t *testing.T) string {
	t.Helper()
	var s string
	p.Scan(t, `SELECT concat_ws(' ', (SELECT string_agg(walked_to::text, ',' ORDER BY queue_id) FROM walk), (SELECT string_agg(round || coalesce(busy_until::text, '-'), ',' ORDER BY id) FROM pool),
		(SELECT count(*) FROM appointment), (SELECT count(*) FROM message), (SELECT count(*) FROM decision), (SELECT count(*) FROM round), (SELECT count(*) FROM audit_log),
		(SELECT string_agg(w::text, ',' ORDER BY registration_id) FROM waiting w), (SELECT sum(taken) FROM slot))`, nil, &s)
	return s
}

func TestARoundIsShownApprovedAndHeld(t *testing.T) {
	t.Parallel()
	p := gathered(t)
	brake(t, p.DB, p.campaign, booking.BrakeRounds)
	a := db.NewAssigner(p.Pool, p.set, 3)
	before := p.written(t)
	v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	if again, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool); err != nil || again.Fingerprint != v.Fingerprint {
		t.Errorf("shown again: %v, %s and %s", err, again.Fingerprint, v.Fingerprint)
	}
	if after := p.written(t); after != before {
		t.Errorf("showing wrote:\n%s\n%s", before, after)
	}
	if !v.Braked || v.UnderWay || v.Looked != 16 || v.Served == 0 || v.Pages < 5 || len(v.Sites) != 3 || v.Notice.Shortest < 23*60 || v.Notice.Shortest > v.Notice.Median {
		t.Errorf("shown: %+v", v)
	}
	if r, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, "0123456789abcdef0123456789abcdef", "operator:kim"); !errors.Is(err, db.ErrNotApproved) || r.Looked != 0 {
		t.Errorf("another fingerprint: %+v, %v", r, err)
	}
	if after := p.written(t); after != before {
		t.Errorf("a refused approval wrote:\n%s\n%s", before, after)
	}
	r, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:kim")
	ok(t, err)
	if r.Looked != v.Looked || r.Assigned != v.Served {
		t.Errorf("shown %+v, held %+v", v, r)
	}
	for _, s := range v.Sites {
		var served, free int
		p.Scan(t, `SELECT coalesce(sum(s.taken), 0), coalesce(sum(s.capacity - s.taken), 0) FROM slot s JOIN site si ON si.id = s.site_id WHERE si.code = $1`, []any{s.Site}, &served, &free)
		if served != s.Served || free != s.FreeAfter || s.FreeBefore-s.Served != s.FreeAfter {
			t.Errorf("site %s: shown %+v, %d served and %d free", s.Site, s, served, free)
		}
	}
	for reason, n := range v.Unmatched {
		if got := p.int(t, `SELECT count(*) FROM waiting WHERE reason = $1`, reason); got != n {
			t.Errorf("%s: %d shown, %d wait", reason, n, got)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM audit_log WHERE act = 'round.approve' AND actor = 'operator:kim' AND detail->>'fingerprint' = $1`, v.Fingerprint); n != 1 {
		t.Errorf("%d lines in the trail", n)
	}
	// It was one round, not a licence: the same again is nothing, and rounds are still braked.
	if _, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:kim"); !errors.Is(err, db.ErrNotApproved) {
		t.Errorf("approved twice: %v", err)
	}
	p.apply(t, 30, time.Second)
	p.announce(t)
	if r, err := a.RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign"); err != nil || r.Looked != 0 {
		t.Errorf("a round under the brake: %+v, %v", r, err)
	}
	release(t, p.DB, p.campaign, booking.BrakeRounds)
	p.round(t)
	p.clean(t)
}

func TestAnApprovedRoundThatChangedIsRefused(t *testing.T) {
	t.Parallel()
	p := gathered(t)
	a := db.NewAssigner(p.Pool, p.set, 3)
	v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 1, "cancel")))
	before := p.written(t)
	if _, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:kim"); !errors.Is(err, db.ErrNotApproved) {
		t.Errorf("approved although somebody has left: %v", err)
	}
	if after := p.written(t); after != before {
		t.Errorf("a refused approval wrote:\n%s\n%s", before, after)
	}
}

// Something changes after the first page is written: that page stands as it was shown, the others are not written.
func TestAnApprovedRoundEndsBeforeThePageThatChanged(t *testing.T) {
	t.Parallel()
	p := gathered(t)
	brake(t, p.DB, p.campaign, booking.BrakeRounds)
	a := db.NewAssigner(p.Pool, p.set, 3)
	v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	p.Exec(t, fmt.Sprintf(`CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
		UPDATE registration SET withdrawn_at = now() WHERE id = '%x'; RETURN NEW; END $$`, p.ids[7][:]))
	p.Exec(t, `CREATE TRIGGER leave AFTER INSERT ON round FOR EACH ROW WHEN (NEW.page = 0) EXECUTE FUNCTION leave()`)
	r, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:kim")
	if !errors.Is(err, db.ErrNotApproved) {
		t.Fatalf("%+v, %v", r, err)
	}
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != r.Assigned || r.Looked != 6 || n == 0 {
		t.Errorf("%d appointments; the approval says %+v", n, r)
	}
	release(t, p.DB, p.campaign, booking.BrakeRounds)
	p.Exec(t, `UPDATE pool SET busy_until = NULL`) // otherwise ten seconds later
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM place p JOIN registration r ON r.id = p.registration_id WHERE r.withdrawn_at IS NULL
		AND NOT EXISTS (SELECT FROM appointment a WHERE a.registration_id = p.registration_id) AND NOT EXISTS (SELECT FROM waiting w WHERE w.registration_id = p.registration_id)`); n != 0 {
		t.Errorf("%d people were passed over", n)
	}
}

// Whatever has happened before, a round that is shown is the round that is held: page by page, or it would be refused.
func TestShownRoundsAreTheRoundsThatAreHeld(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		w := newWorld(t, seed)
		for step := range 12 {
			w.step(t)
			if step%3 != 2 {
				continue
			}
			a := db.NewAssigner(w.Pool, w.set, 1+w.rand.IntN(5))
			v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
			ok(t, err)
			if v.Pages == 0 {
				continue
			}
			before := w.int(t, `SELECT count(*) FROM appointment`)
			r, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:kim")
			if err != nil || r.Looked != v.Looked || r.Assigned != v.Served {
				t.Fatalf("seed %d, step %d: shown %+v, held %+v, %v", seed, step, v, r, err)
			}
			if n := w.int(t, `SELECT count(*) FROM appointment`) - before; n != v.Served {
				t.Errorf("seed %d, step %d: %d appointments, %d shown", seed, step, n, v.Served)
			}
		}
	}
}

// oldest is the first invented person in a world: some are born before 1970, and most after.
const oldest = 10

// world is a campaign of two queues for one pool, in which things happen by chance, the same for the same seed.
type world struct {
	*past
	rand   *rand.Rand
	people int
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 21))
	w := &world{past: newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) {
		for i := range c.Slots {
			c.Slots[i].Capacity = 1 + r.IntN(3)
		}
		c.Cohorts[0].Notice = time.Duration(22+r.IntN(5)) * time.Hour // the slots begin in 23 to 27
	}), rand: r, people: oldest}
	if r.IntN(3) > 0 {
		w.Exec(t, `INSERT INTO supply (campaign_id, site_id, from_day, to_day, doses) SELECT campaign_id, id, current_date, current_date + 3, $1 FROM site WHERE code = 'north'`, r.IntN(7))
		w.Exec(t, `UPDATE slot SET supply_id = (SELECT id FROM supply) WHERE site_id = (SELECT site_id FROM supply)`)
	}
	if r.IntN(3) > 0 {
		w.Exec(t, `UPDATE slot SET reserve = 1, reserved = 1, release_at = now() + interval '1 hour' WHERE id % 2 = 0`)
	}
	return w
}

// step lets one thing happen.
func (w *world) step(t *testing.T) {
	t.Helper()
	r := w.rand
	switch r.IntN(8) {
	case 0, 1, 2: // people come; some of them prove an earlier arrival than those who are sealed
		for range 1 + r.IntN(7) {
			w.apply(t, w.people, time.Duration(1+r.IntN(3000))*time.Second, w.wish)
			w.people++
		}
		w.announce(t)
	case 3:
		if _, err := db.NewAssigner(w.Pool, w.set, 1+r.IntN(4)).RunRound(t.Context(), w.campaign.Queues[dbtest.Queue].Pool, "job:assign"); err != nil {
			t.Fatal(err)
		}
	case 4: // an offer is declined
		if n := w.someone(`SELECT EXISTS (SELECT FROM appointment WHERE registration_id = $1 AND dose = 1 AND state = 'offered')`, t); n >= 0 {
			ok(t, w.book.Answer(t.Context(), w.change(t, n, "decline"), 0, booking.Declined))
		}
	case 5: // somebody leaves
		if n := w.someone(`SELECT EXISTS (SELECT FROM registration WHERE id = $1 AND withdrawn_at IS NULL)`, t); n >= 0 {
			ok(t, w.book.Withdraw(t.Context(), w.change(t, n, "cancel")))
		}
	case 6: // seats come and go
		w.Exec(t, `UPDATE slot SET capacity = greatest(taken, reserved, capacity + $1) WHERE id % 4 = $2`, r.IntN(5)-2, r.IntN(4))
	case 7: // somebody who stands there is found to have come earlier
		if w.people > oldest {
			n := oldest + r.IntN(w.people-oldest)
			w.apply(t, n, time.Duration(3000+r.IntN(500))*time.Second)
			w.announce(t)
		}
	}
}

func (w *world) wish(a *desk.Application) {
	switch w.rand.IntN(6) {
	case 0:
		a.Wishes = booking.Wishes{Sites: []string{"south", "middle"}}
	case 1:
		a.Wishes = booking.Wishes{Household: &booking.Household{Code: fmt.Sprintf("household-%d", w.people/4), Size: 2}}
	}
}

// someone picks one of the people of whom something is true; -1: nobody.
func (w *world) someone(sql string, t *testing.T) int {
	t.Helper()
	many := w.people - oldest
	if many == 0 {
		return -1
	}
	from := w.rand.IntN(many)
	for i := range many {
		n := oldest + (from+i)%many
		var yes bool
		w.Scan(t, sql, []any{[16]byte(w.ids[n])}, &yes)
		if yes {
			return n
		}
	}
	return -1
}

// An approved round with a swap in it, one person a page: the swap's seat is wanted by the next.
func TestAnApprovedRoundHoldsASwap(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1), func(c *booking.Campaign) {
		var out []booking.Slot
		for _, s := range c.Slots {
			if s.Site == "north" && len(out) == 0 || s.Site == "south" && len(out) == 1 {
				out = append(out, s)
			}
		}
		c.Slots = out
	})
	p.apply(t, 0, 3*time.Minute)
	p.announce(t)
	p.round(t)
	brake(t, p.DB, p.campaign, booking.BrakeRounds)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	p.apply(t, 1, 2*time.Minute, func(a *desk.Application) { a.Wishes = booking.Wishes{Sites: []string{"north"}} })
	p.announce(t)
	a := db.NewAssigner(p.Pool, p.set, 1)
	v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	r, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:x")
	t.Logf("shown %+v\nheld %+v %v", v, r, err)
	if err != nil {
		t.Error(err)
	}
	for range 2 {
		v, err = a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
		ok(t, err)
		if v.Pages > 0 {
			if _, err := a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:x"); err != nil {
				t.Error(err)
			}
		}
	}
	if state, _ := p.stands(t, 1); state != "offered" {
		t.Errorf("who wants the seat given up: %v", p.slotsOf(t))
	}
	p.clean(t)
}

// A round that is approved is the operator's: one swap in it must not be an alarm.
func TestAnApprovedSwapStandsInTheTrail(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 1)
	ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"south"}}))
	a := db.NewAssigner(p.Pool, p.set, 100)
	v, err := a.ShowRound(t.Context(), dbtest.Slug, dbtest.Pool)
	ok(t, err)
	_, err = a.ApproveRound(t.Context(), dbtest.Slug, dbtest.Pool, v.Fingerprint, "operator:x")
	ok(t, err)
	p.clean(t)
}
