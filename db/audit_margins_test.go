package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

// What a round certainly saw counts as passed over, and what may not have been committed when it looked does not. In
// each of these person 4 got nothing in the first round, in which people behind 4 got something.
func TestAuditJudgesOnlyWhatARoundCertainlySaw(t *testing.T) {
	t.Parallel()
	history := honest(t)
	const round = `(SELECT min(at) FROM round)`
	held := func(opened, closed string) string {
		return `INSERT INTO escalation (campaign_id, registration_id, reason, opened_at, closed_at)
			SELECT campaign_id, id, 'corrected_duplicate', ` + round + opened + `, ` + closed + ` FROM registration WHERE id = $1`
	}
	proven := func(stored string) string {
		return `WITH r AS (UPDATE registration SET verify = 'before_offer' WHERE id = $1 RETURNING campaign_id, id),
			l AS (INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, now(), 'phone', 'verify.reply' FROM r)
			INSERT INTO verification (campaign_id, registration_id, method, at, stored_at, actor)
			SELECT campaign_id, id, 'reply', ` + round + ` - interval '5 minutes', ` + round + stored + `, 'phone' FROM r`
	}
	for name, test := range map[string]struct {
		change string
		passed bool
	}{
		"sealed long before":      {`UPDATE place SET sealed_at = ` + round + ` - interval '70 seconds' WHERE registration_id = $1`, true},
		"sealed just before":      {`UPDATE place SET sealed_at = ` + round + ` - interval '50 seconds' WHERE registration_id = $1`, false},
		"proof stored before":     {proven(` - interval '20 seconds'`), true},
		"proof stored too late":   {proven(` - interval '5 seconds'`), false},
		"withdrew long after":     {leaves(round + ` + interval '80 seconds'`), true},
		"withdrew in the round":   {leaves(round + ` + interval '50 seconds'`), false},
		"held back":               {held(` - interval '1 minute'`, `NULL`), false},
		"held back later":         {held(` + interval '80 seconds'`, `NULL`), true},
		"held back until before":  {held(` - interval '1 minute'`, round+` - interval '20 seconds'`), true},
		"held back until just":    {held(` - interval '1 minute'`, round+` - interval '5 seconds'`), false},
		"first page not recorded": {`WITH r AS (SELECT FROM registration WHERE id = $1) UPDATE round SET page = page + 100`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := history.copied(t)
			p.forget(t, 4)
			p.Exec(t, test.change, [16]byte(p.ids[4]))
			if r := p.audit(t); (r.Laws[2].Violations > 0) != test.passed || (r.Violations > 0) != test.passed {
				t.Errorf("expected a violation of law 3: %v\n%s", test.passed, r.Text())
			}
		})
	}
}

func TestAuditAcceptsACorrectedEntryThatIsHeldBack(t *testing.T) {
	t.Parallel()
	p := honest(t)
	p.Exec(t, `DELETE FROM possible_duplicate WHERE reason = 'corrected'`)
	if r := p.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

func TestAuditAcceptsTheCorrectionOfASecondEntry(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, 0)
	p.announce(t)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.again(t, 0)
	p.announce(t)
	p.correct(t, 0, dbtest.Person(1))
	p.round(t)
	p.delivered(t)
	if r := p.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

func TestAuditAcceptsAnExpiredOfferThatSomebodyCallsAbout(t *testing.T) {
	t.Parallel()
	p := honest(t)
	p.Exec(t, `UPDATE message SET state = 'expired' WHERE kind = 'offer'`)
	p.Exec(t, `INSERT INTO escalation (campaign_id, registration_id, message_id, reason, opened_at)
		SELECT m.campaign_id, m.registration_id, m.id, 'not_told_in_time', now() FROM message m JOIN appointment a ON a.id = m.appointment_id
		WHERE m.kind = 'offer' AND a.state IN ('offered', 'confirmed')`)
	if r := p.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

// Whoever did not want what others got was not passed over, and whoever wanted it was.
// A text that lay with the provider during an outage of ours is late from when we could know of it.
func TestAuditCountsFromWhenALogGaveTheText(t *testing.T) {
	t.Parallel()
	p := honest(t)
	p.Exec(t, `UPDATE inbound SET via = 'log', arrival = arrival - interval '2 hours', found_at = handled_at`)
	p.clean(t)
}

func TestAuditJudgesByWishes(t *testing.T) {
	t.Parallel()
	history := honest(t)
	for name, test := range map[string]struct {
		wishes string
		passed bool
	}{
		"any site":               {`{"Sites": ["north", "middle", "south"]}`, true},
		"no site that was given": {`{"Sites": ["nowhere"]}`, false},
		"days long past":         {`{"NotAfter": {"Year": 2001, "Month": 1, "Day": 1}}`, false},
		"days to come":           {`{"NotBefore": {"Year": 2001, "Month": 1, "Day": 1}}`, true},
		"needs what no site has": {`{"Needs": ["step-free"]}`, false},
		"near enough":            {`{"MaxKm": 500}`, true},
		"too much notice":        {`{"Notice": 700}`, false},
		"a household":            {`{"Household": {"Code": "together", "Size": 2}}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := history.copied(t)
			p.forget(t, 4)
			p.Exec(t, `UPDATE registration SET wishes = $2 WHERE id = $1`, [16]byte(p.ids[4]), test.wishes)
			if r := p.audit(t); (r.Laws[2].Violations > 0) != test.passed || (r.Violations > 0) != test.passed {
				t.Errorf("expected a violation of law 3: %v\n%s", test.passed, r.Text())
			}
		})
	}
}

// A seat that is kept for some is given to nobody else before its release.
func TestAuditHoldsReserves(t *testing.T) {
	t.Parallel()
	history := newPast(t, dbtest.TwoQueues, func(c *booking.Campaign) {
		c.Reserves = []booking.Reserve{{Cohorts: []string{"young"}, Sites: []string{dbtest.Site}, Percent: 100, Release: time.Minute}}
	})
	for _, n := range []int{0, 1, 20, 21} { // the last two were born from 1970 on
		history.apply(t, n, time.Minute)
	}
	history.announce(t)
	history.round(t)
	history.delivered(t)
	if n := history.int(t, `SELECT count(*) FROM appointment WHERE kept`); n != 2 {
		t.Fatalf("%d kept seats were taken, want 2", n)
	}
	for breach, bad := range map[string]bool{
		`SELECT`: false,
		`UPDATE appointment SET kept = false; UPDATE slot SET kept_taken = 0`:                                                   true,
		`UPDATE registration SET cohort = 'all' WHERE cohort = 'young'; UPDATE place SET cohort = 'all' WHERE cohort = 'young'`: true,
	} {
		t.Run(breach, func(t *testing.T) {
			p := history.copied(t)
			p.Exec(t, breach)
			if r := p.audit(t); (r.Laws[3].Violations > 0) != bad {
				t.Errorf("\n%s", r.Text())
			}
		})
	}
}

// Whoever has an appointment and an open wish for another one waits too.
func TestAuditJudgesOpenSwaps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		wishes booking.Wishes
		passed bool
	}{
		"that site":    {booking.Wishes{Sites: []string{"south"}}, true},
		"another site": {booking.Wishes{Sites: []string{"middle"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, func(c *booking.Campaign) { c.Cohorts[0].FirstRound = c.Cohorts[0].Opens.Add(time.Minute) })
			p.offered(t, 3)
			ok(t, p.swaps(t, 0, test.wishes))
			p.apply(t, 3, time.Second, wishing(booking.Wishes{Sites: []string{"south"}}))
			p.announce(t)
			// As if all had been long before, and a round had passed over the wish.
			p.Exec(t, `UPDATE place SET sealed_at = sealed_at - interval '5 minutes'`)
			p.Exec(t, `UPDATE appointment SET made_at = made_at - interval '4 minutes'`)
			p.Exec(t, `UPDATE audit_log SET at = at - interval '3 minutes' WHERE act IN ('swap.asked', 'wishes')`)
			var old int64
			p.Scan(t, `DELETE FROM waiting RETURNING swap_of`, nil, &old)
			p.round(t)
			p.Exec(t, `INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look, swap_of)
				SELECT p.campaign_id, p.registration_id, q.pool_id, q.id, p.arrival, p.tie, false, $2::bigint FROM place p JOIN queue q ON q.id = p.queue_id
				WHERE p.registration_id = $1`, [16]byte(p.ids[0]), old)
			p.delivered(t)
			if r := p.audit(t); (r.Laws[2].Violations > 0) != test.passed || (r.Violations > 0) != test.passed {
				t.Errorf("expected a violation of law 3: %v\n%s", test.passed, r.Text())
			}
		})
	}
}

// An opening is moved, and the cohort is another one by then: what counts is the first round that the queue had.
func TestAuditKnowsTheFirstRoundOfAQueueWhoseCohortIsGone(t *testing.T) {
	t.Parallel()
	p := newPast(t, func(c *booking.Campaign) { c.Cohorts[0].FirstRound = c.Cohorts[0].Opens.Add(2 * time.Hour) })
	p.apply(t, 0, time.Minute)
	p.announce(t)
	ok(t, p.reapply(t, false, func(c *booking.Campaign) {
		c.Cohorts[0].Code, c.Cohorts[0].FirstRound = "everybody", c.Cohorts[0].Opens.Add(time.Minute)
	}))
	p.round(t)
	if state, _ := p.stands(t, 0); state != "offered" {
		t.Fatal(state)
	}
	p.clean(t)
}

// Somebody gave up and applied again; whoever's entry is corrected to the same data then is held back, as behind a first entry.
func TestACorrectionSeesWhoAppliedAgain(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, 2*time.Minute)
	p.apply(t, 1, time.Minute)
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	p.again(t, 0)
	p.correct(t, 1, dbtest.Person(0))
	p.announce(t)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM appointment`); n != 1 {
		t.Errorf("one person has %d appointments", n)
	}
	p.clean(t)
}
