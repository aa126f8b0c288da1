package db_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// Under a number anybody may introduce somebody else with a phone of their own. That proves nothing about the person's entry, and
// nothing changes for the introducer when the person applies.
func TestAStrangersNumberIsNoWayIn(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, soon, func(c *booking.Campaign) { c.Identity, c.Number = booking.ByNumber, `[0-9]{6}` })
	victim, intruder := dbtest.Person(1), dbtest.Person(1)
	victim.Number, intruder.Number = "123456", "123456"
	intruder.Phone = dbtest.Person(66).Phone
	g := p.gadget(t, "intruder-device", intruder, 50*time.Minute)
	_, err := g.introduce(t)
	ok(t, err)
	g.prove(t, intruder.Phone)
	g.at = p.now(t).UTC().Add(-time.Minute)
	seen := func() string {
		out := fmt.Sprintf("%+v\n", g.status(t))
		for _, do := range []func() error{
			func() error { return g.desk.Cancel(t.Context(), g.from(), g.holding()) },
			func() error {
				return g.desk.ChangeWishes(t.Context(), g.from(), g.holding(), dbtest.Region, booking.Wishes{})
			},
			func() error { return g.desk.Confirm(t.Context(), g.from(), g.holding(), 1) },
			func() error { return g.desk.Verify(t.Context(), g.from(), g.holding(), "000000") },
			func() error { return g.desk.RequestCode(t.Context(), g.from(), g.holding()) },
		} {
			out += fmt.Sprintln(booking.CodeOf(do()))
		}
		texts := p.codes(t)
		out += fmt.Sprintf("codes to the intruder's phone: %d, to the victim's: %d\n", len(texts[intruder.Phone]), len(texts[victim.Phone]))
		if code := texts[intruder.Phone]; code != "" {
			out += fmt.Sprintln(g.desk.Verify(t.Context(), g.from(), g.holding(), code))
		}
		return out
	}
	before := seen()
	v := p.gadget(t, "victim-device", victim, time.Minute)
	_, err = v.register(t)
	ok(t, err)
	if after := seen(); after != before {
		t.Errorf("the intruder saw\n%s\nand when the person had applied\n%s", before, after)
	}
	p.announce(t)
	p.round(t)
	if n := p.int(t, `SELECT count(*) FROM verification`) + p.int(t, `SELECT count(*) FROM appointment`); n != 0 {
		t.Errorf("the intruder's proof counts: %d", n)
	}
	if got := g.status(t); got.State != desk.StatePrepared {
		t.Errorf("the intruder reads %+v", got)
	}
	p.clean(t)
}

// What an unproven device is told depends on nothing that others did, before or after it introduced itself.
func TestAnIntroductionTellsNothing(t *testing.T) {
	t.Parallel()
	other := func(t *testing.T, p *past) *gadget {
		t.Helper()
		g := p.gadget(t, "owner-device", dbtest.Person(1), 50*time.Minute)
		_, err := g.register(t)
		ok(t, err)
		return g
	}
	cancel := func(t *testing.T, g *gadget) {
		t.Helper()
		ok(t, g.desk.Cancel(t.Context(), g.from(), g.holding()))
	}
	corrected := func(t *testing.T, p *past, from int, to booking.Person) {
		t.Helper()
		g := p.gadget(t, "corrector", dbtest.Person(from), 40*time.Minute)
		_, err := g.register(t)
		ok(t, err)
		g.prove(t, g.person.Phone)
		ok(t, g.desk.Correct(t.Context(), g.from(), g.holding(), to, dbtest.Region))
	}
	nothing := func(*testing.T, *past) {}
	for name, world := range map[string]struct{ before, after func(*testing.T, *past) }{
		"nobody":         {nothing, nothing},
		"entered":        {func(t *testing.T, p *past) { other(t, p) }, nothing},
		"entered later":  {nothing, func(t *testing.T, p *past) { other(t, p) }},
		"enrolled later": {nothing, func(t *testing.T, p *past) { other(t, p); p.announce(t) }},
		"withdrawn": {func(t *testing.T, p *past) {
			g := other(t, p)
			g.prove(t, g.person.Phone)
			cancel(t, g)
		}, nothing},
		"entered, and withdrawn later": {func(t *testing.T, p *past) {
			other(t, p)
		}, func(t *testing.T, p *past) {
			g := other(t, p)
			g.prove(t, g.person.Phone)
			cancel(t, g)
		}},
		"corrected into it": {func(t *testing.T, p *past) { corrected(t, p, 2, dbtest.Person(1)) }, nothing},
		"corrected into it later": {nothing, func(t *testing.T, p *past) {
			corrected(t, p, 2, dbtest.Person(1))
		}},
		"withdrawn, and corrected into it later": {func(t *testing.T, p *past) {
			g := other(t, p)
			g.prove(t, g.person.Phone)
			cancel(t, g)
		}, func(t *testing.T, p *past) {
			corrected(t, p, 2, dbtest.Person(1))
		}},
		"corrected into it and back": {func(t *testing.T, p *past) { p.passing(t, dbtest.Person(1)) }, nothing},
		"corrected into it, and back later": {func(t *testing.T, p *past) {
			corrected(t, p, 2, dbtest.Person(1))
		}, func(t *testing.T, p *past) {
			g := p.gadget(t, "corrector", dbtest.Person(2), 30*time.Minute)
			_, err := g.register(t)
			ok(t, err)
			g.corrects(t, g.person)
		}},
		"corrected out of it": {func(t *testing.T, p *past) { corrected(t, p, 1, dbtest.Person(3)) }, nothing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, dbtest.BeforeOffer)
			world.before(t, p)
			p.codes(t)
			if diff := tryAll(t, p, func() { world.after(t, p); p.codes(t) }); diff != wantTold {
				t.Errorf("told\n%s\nwant\n%s", diff, wantTold)
			}
		})
	}
}

const wantTold = `introduced again at the same instant: true
introduced verify 
verify_first verify_first verify_first
code  text true
wrong_code
introduced verify
the same reference: true, at its own instant: true
received verify
the same again: true
the same reference after another introduction: true
received verify
removed  unauthorized
again  , other operation unauthorized
introduces conflict
registers 
unauthorized
`

// tryAll lets a stranger's device do all that it can without the phone, and returns what it sees. later happens after it has
// introduced itself.
func tryAll(t *testing.T, p *past, later func()) string {
	t.Helper()
	var out strings.Builder
	g := p.gadget(t, "stranger-device", dbtest.Person(1), 20*time.Minute)
	code := func(err error) booking.Code {
		t.Helper()
		if err != nil && booking.CodeOf(err) == "" {
			t.Error(err)
		}
		return booking.CodeOf(err)
	}
	first, err := g.introduce(t)
	ok(t, err)
	later()
	g.at = g.at.Add(time.Minute)
	second, err := g.introduce(t)
	ok(t, err)
	fmt.Fprintln(&out, "introduced again at the same instant:", first.At.Equal(second.At) && first.Reference == second.Reference)
	v := g.status(t)
	fmt.Fprintln(&out, v.State, v.Next, v.Ticket)
	fmt.Fprintln(&out, code(g.desk.Cancel(t.Context(), g.from(), g.holding())), code(g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), true)),
		code(g.desk.ChangeWishes(t.Context(), g.from(), g.holding(), dbtest.Region, booking.Wishes{})))
	asked := code(g.desk.RequestCode(t.Context(), g.from(), g.holding()))
	fmt.Fprintln(&out, "code", asked, "text", p.codes(t)[g.person.Phone] != "")
	fmt.Fprintln(&out, code(g.desk.Verify(t.Context(), g.from(), g.holding(), "000000")))
	v = g.status(t)
	fmt.Fprintln(&out, v.State, v.Next)
	applied, err := g.register(t)
	ok(t, err)
	fmt.Fprintf(&out, "the same reference: %v, at its own instant: %v\n", applied.Reference == first.Reference, applied.At.Equal(g.at.Truncate(time.Microsecond)))
	v = g.status(t)
	fmt.Fprintln(&out, v.State, v.Next)
	g.at = g.at.Add(time.Minute)
	again, err := g.register(t)
	ok(t, err)
	fmt.Fprintln(&out, "the same again:", again.Reference == first.Reference && again.At.Equal(applied.At))
	second, err = g.introduce(t)
	ok(t, err)
	fmt.Fprintln(&out, "the same reference after another introduction:", second.Reference == first.Reference)
	v = g.status(t)
	fmt.Fprintln(&out, v.State, v.Next)
	remove := g.holding()
	fmt.Fprintln(&out, "removed", code(g.desk.RemoveDevices(t.Context(), g.from(), remove, false)), g.unauthorized(t))
	fmt.Fprintln(&out, "again", code(g.desk.RemoveDevices(t.Context(), g.from(), remove, false)), ", other operation", code(g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), false)))
	_, err = g.introduce(t)
	fmt.Fprintln(&out, "introduces", code(err))
	_, err = g.register(t)
	fmt.Fprintln(&out, "registers", code(err))
	fmt.Fprintln(&out, g.unauthorized(t))
	return out.String()
}

// A code for a device that has only introduced itself is asked about at the phone that it was introduced with, also where nobody has applied.
func TestAnUnknownCodeOfAnIntroduction(t *testing.T) {
	t.Parallel()
	for name, replaced := range map[string]bool{"the same phone": false, "a phone that was replaced": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, dbtest.BeforeOffer, soon)
			me := dbtest.Person(1)
			g := p.gadget(t, "device", me, time.Minute)
			_, err := g.introduce(t)
			ok(t, err)
			ok(t, g.desk.RequestCode(t.Context(), g.from(), g.holding()))
			h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: p.now(t).Add(time.Second)}
			if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendUnknown}); fate != "unknown" {
				t.Fatalf("fate %q, want unknown", fate)
			}
			var dedup string
			p.Scan(t, `SELECT dedup FROM message WHERE kind = 'code'`, nil, &dedup)
			b := &bookOfTexts{}
			want := "found"
			if b.texts = append(b.texts, h.copyOf(me, dedup, "SM1", desk.ReceiptDelivered)); replaced {
				want = "waiting"
				p.Exec(t, `UPDATE introduction SET phone_hash = decode(repeat('00', 16), 'hex')`)
			}
			h.pass(time.Minute)
			if got := h.reconcile(t, b); got[want] != 1 {
				t.Fatalf("counts %v, want %s", got, want)
			}
			if !replaced {
				return
			}
			h.pass(time.Minute)
			h.reconcile(t, b)
			h.pass(time.Second)
			h.wantFate(t, "expired")
		})
	}
}
