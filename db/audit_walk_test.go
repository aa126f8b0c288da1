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

// elapse lets time pass: everything that is recorded is so much older, and only the slots stay where they are.
func (p *past) elapse(t *testing.T, by time.Duration) {
	t.Helper()
	p.Exec(t, fmt.Sprintf(`DO $$
DECLARE c record;
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    FOR c IN SELECT table_name AS t, string_agg(format('%%1$I = %%1$I - interval ''%d milliseconds''', column_name), ', ') AS s FROM information_schema.columns
        JOIN pg_class k ON k.oid = format('public.%%I', table_name)::regclass AND k.relkind = 'r'
        WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' AND table_name NOT IN ('slot', 'queue', 'goose_db_version', 'draw', 'alarm')
          AND column_name NOT IN ('not_before', 'not_after', 'priority_at', 'useful_until') GROUP BY 1
    LOOP
        EXECUTE format('UPDATE %%I SET %%s', c.t, c.s);
    END LOOP;
END $$`, by.Milliseconds()))
}

// refused lets an operation be refused, which is an outcome like any other.
func refused(t *testing.T, err error) {
	t.Helper()
	if err != nil && booking.CodeOf(err) == "" {
		t.Fatal(err)
	}
}

// Whatever people, agents and operators do, and in whatever order: an honest history is clean.
func TestAuditOfHonestWalksIsClean(t *testing.T) {
	t.Parallel()
	for seed := range 6 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			walkHonestly(t, rand.New(rand.NewPCG(uint64(seed), 7)))
		})
	}
}

// storeEarlier lets a text come to light by which the n-th person had arrived earlier.
func storeEarlier(t *testing.T, p *past, n int, ago time.Duration) error {
	t.Helper()
	a := dbtest.Application(t, p.campaign, dbtest.Person(n), p.now(t).Add(-ago), fmt.Sprint("other", n))
	var arrival time.Time
	p.Scan(t, `SELECT cohort, queue_id, arrival FROM registration WHERE id = $1`, []any{[16]byte(p.ids[n])}, &a.Cohort, &a.Queue, &arrival)
	a.Arrival = arrival.Add(-ago)
	_, err := p.intake.Store(t.Context(), a)
	return err
}

// walkHonestly does some 60 things in a row, each of which somebody could have done; time passes in between.
func walkHonestly(t *testing.T, r *rand.Rand) {
	t.Helper()
	has := func(percent int) bool { return r.IntN(100) < percent }
	opts := []dbtest.Options{func(c *booking.Campaign) {
		now := c.Cohorts[0].Opens.Add(time.Hour)
		c.Cohorts[0].Opens, c.Cohorts[0].FirstRound = now.Add(-10*dbtest.Day), now.Add(-9*dbtest.Day)
		c.Cohorts[0].Declines = 1 + r.IntN(3)
	}, dbtest.Capacity(1 + r.IntN(2))}
	if has(50) {
		opts = append(opts, dbtest.TwoQueues)
	}
	if has(50) {
		opts = append(opts, twoDoses)
	}
	if has(40) {
		opts = append(opts, func(c *booking.Campaign) { c.Cohorts[0].Verify = booking.BeforeOffer })
	}
	if has(50) {
		opts = append(opts, func(c *booking.Campaign) { c.Cohorts[0].Lapse = 2 * time.Hour })
	}
	if has(50) {
		opts = append(opts, func(c *booking.Campaign) {
			c.Reserves = []booking.Reserve{{Cohorts: []string{dbtest.Cohort}, Percent: 50, Release: time.Duration(r.IntN(3)) * 13 * time.Hour}}
		})
	}
	p := newPast(t, opts...)
	everybody := 0
	anyone := func() int { return r.IntN(everybody) }
	site := func() string { return []string{"north", "middle", "south"}[r.IntN(3)] }
	wishes := func() (w booking.Wishes) {
		switch r.IntN(6) {
		case 0:
			w.Sites = []string{site()}
		case 1:
			w.Sites = []string{"south", "north"}
		case 2:
			w.MaxKm = 15
		case 3:
			w.Times = []booking.DayTime{{From: 0, To: 12 * 60}}
		}
		return w
	}
	pool := p.campaign.Queues[dbtest.Queue].Pool
	var log []string
	generation := map[int]int{}
	round := func() {
		p.rested(t)
		_, err := db.NewAssigner(p.Pool, p.set, 1+r.IntN(3)).RunRound(t.Context(), pool, "job:assign")
		ok(t, err)
	}
	settled := func() {
		p.announce(t)
		for range 4 {
			round()
		}
	}
	steps := []struct {
		name string
		do   func()
	}{
		{"apply", func() {
			for range 1 + r.IntN(3) {
				n := everybody
				w := wishes()
				if has(25) {
					w.Household = &booking.Household{Code: fmt.Sprint(n / 3), Size: 2 + r.IntN(2)}
				}
				p.apply(t, n, time.Duration(1+r.IntN(600))*time.Second, wishing(w), func(a *desk.Application) {
					if k, err := booking.Eligible(p.campaign.Campaign, dbtest.Person(n).Born, a.Arrival); err == nil {
						a.Cohort, a.Queue, a.Verify = k.Code, p.campaign.Queues[k.Queue].ID, k.Verify
					} else {
						t.Fatal(err)
					}
				})
				everybody++
			}
		}},
		{"announce", func() { p.announce(t) }},
		{"round", round},
		{"round", round},
		{"verify", func() { refused(t, p.book.Verify(t.Context(), p.change(t, anyone(), "verify"), "reply", 0)) }},
		{"verify", func() {
			for n := range everybody {
				refused(t, p.book.Verify(t.Context(), p.change(t, n, "verify"), "reply", 0))
			}
		}},
		{"confirm", func() { refused(t, p.book.Answer(t.Context(), p.change(t, anyone(), "confirm"), 0, booking.Confirmed)) }},
		{"decline", func() { refused(t, p.book.Answer(t.Context(), p.change(t, anyone(), "decline"), 0, booking.Declined)) }},
		{"decline", func() { refused(t, p.book.Answer(t.Context(), p.change(t, anyone(), "decline"), 0, booking.Declined)) }},
		{"swap", func() { refused(t, p.swaps(t, anyone(), wishes())) }},
		{"swap", func() { refused(t, p.swaps(t, anyone(), wishes())) }},
		{"drop swap", func() { refused(t, p.book.DropSwap(t.Context(), p.change(t, anyone(), "swap.drop"))) }},
		{"wishes", func() {
			w := wishes()
			if has(30) {
				w.Household = &booking.Household{Code: fmt.Sprint(anyone() / 3), Size: 2}
			}
			refused(t, p.book.SetWishes(t.Context(), p.change(t, anyone(), "wishes"), []string{"n", "m", "s"}[r.IntN(3)], w))
		}},
		{"withdraw", func() {
			n := anyone()
			refused(t, p.book.Withdraw(t.Context(), p.change(t, n, "cancel")))
			if p.int(t, `SELECT count(*) FROM registration WHERE id = $1 AND withdrawn_at IS NOT NULL AND alias_of IS NULL`, [16]byte(p.ids[n])) == 1 && generation[n] == 0 && has(50) {
				generation[n]++
				p.again(t, n)
			}
		}},
		{"came earlier", func() {
			n := anyone()
			if generation[n] == 0 {
				refused(t, storeEarlier(t, p, n, time.Duration(r.IntN(3600))*time.Second))
			}
		}},
		{"correct", func() {
			n := anyone()
			person := dbtest.Person(n)
			person.Name = []string{"홍길동", "김산"}[r.IntN(2)]
			if has(30) {
				person = dbtest.Person(anyone())
			}
			refused(t, p.book.Correct(t.Context(), p.change(t, n, "correct"), p.correction(t, n, person)))
		}},
		{"a device", func() {
			g := p.gadget(t, fmt.Sprint("device ", len(log)), dbtest.Person(r.IntN(everybody+3)), 0) // some for people who apply only later
			_, err := g.introduce(t)
			ok(t, err)
			refused(t, g.desk.RequestCode(t.Context(), g.from(), g.holding()))
			if code := p.codes(t)[g.person.Phone]; code != "" {
				g.at = p.now(t)
				refused(t, g.desk.Verify(t.Context(), g.from(), g.holding(), code))
			}
			if has(30) {
				refused(t, g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), has(50)))
			}
		}},
		{"helper", func() {
			refused(t, p.book.SetHelper(t.Context(), p.change(t, anyone(), "helper"), p.helper(t, 90+r.IntN(3)), 2))
		}},
		{"helper ends", func() {
			refused(t, p.book.EndHelper(t.Context(), p.change(t, anyone(), "helper.remove"), 0, []string{desk.HelperRemoved, desk.HelperDeclined}[r.IntN(2)]))
		}},
		{"refuse", func() {
			n := anyone()
			refused(t, p.book.Refuse(t.Context(), p.change(t, n, "refuse"), p.helper(t, n).Phone))
		}},
		{"mark", func() {
			n := anyone()
			c := p.change(t, n, "mark")
			c.Actor, c.At = "agent:a", p.now(t).Add(30*time.Hour)
			refused(t, p.book.Mark(t.Context(), c, []booking.AppointmentState{booking.Attended, booking.Missed}[r.IntN(2)]))
		}},
		{"lapse", func() {
			p.delivered(t)
			p.elapse(t, 2*time.Hour+time.Minute)
			_, err := db.NewLapser(p.Pool, p.set, 2).Lapse(t.Context(), "job:lapse", p.now(t))
			ok(t, err)
		}},
		{"reapply", func() {
			err := p.reapply(t, has(70), func(c *booking.Campaign) {
				switch r.IntN(6) {
				case 0:
					c.Cohorts[0].Lapse = []time.Duration{0, 2 * time.Hour}[r.IntN(2)]
				case 1:
					c.Cohorts[0].Declines = 1 + r.IntN(3)
				case 2:
					for i := range c.Slots {
						c.Slots[i].Capacity = r.IntN(3)
					}
				case 3:
					without(site())(c)
				case 4:
					s := c.Slots[len(c.Slots)-1]
					s.Starts, s.Ends, s.Capacity = s.Starts.Add(time.Hour), s.Ends.Add(time.Hour), 1+r.IntN(3)
					c.Slots = append(c.Slots, s)
				case 5:
					for i := range c.Cohorts {
						c.Cohorts[i].FirstRound = c.Cohorts[i].FirstRound.Add(time.Duration(r.IntN(3)-1) * time.Minute)
					}
				}
			})
			if err != nil && !errors.Is(err, db.ErrApply) {
				t.Fatal(err)
			}
			p.move(t, 1+r.IntN(3), nil)
		}},
		{"brake", func() {
			_, err := db.SetBrake(t.Context(), p.Pool, p.campaign, booking.BrakeRounds, "because", "op", p.now(t))
			ok(t, err)
			round()
			_, err = db.ReleaseBrake(t.Context(), p.Pool, p.campaign, booking.BrakeRounds, "over", "op", p.now(t))
			ok(t, err)
		}},
		{"shift", func() {
			if p.campaign.Series == nil {
				return
			}
			day := booking.DateOf(p.now(t).Add(72*time.Hour), p.campaign.Zone)
			_, err := db.NewRedater(p.Pool, p.set, 2).Run(t.Context(), p.campaign, db.Shift{From: day.Add(-1), To: day.Add(3), Days: 1 - 2*r.IntN(2)}, "op", nil)
			if !errors.Is(err, db.ErrShift) {
				ok(t, err)
			}
		}},
	}
	p.apply(t, 0, time.Minute)
	everybody = 1
	for range 30 + r.IntN(60) {
		s := steps[r.IntN(len(steps))]
		log = append(log, s.name)
		s.do()
		if has(60) {
			p.elapse(t, 3*time.Minute)
		}
		if has(40) {
			settled()
			p.elapse(t, 3*time.Minute)
		}
	}
	settled()
	p.delivered(t)
	a, err := db.Audit(t.Context(), p.Pool, p.set, db.AuditOptions{Now: p.now(t).Add(32 * time.Hour)})
	ok(t, err)
	if a.Violations != 0 {
		t.Errorf("after %v\n%s", log, a.Text())
	}
}
