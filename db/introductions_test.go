package db_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// gadget is a device that speaks for a person, at the desk of a past. It acts at an instant that the test sets.
type gadget struct {
	*past
	desk      *desk.Desk
	secret    string
	person    booking.Person
	at        time.Time
	reference string
}

type fixedClock struct{ at *time.Time }

func (c fixedClock) Now() time.Time { return *c.at }

// gadget makes a device. ago is how long before now it acts.
func (p *past) gadget(t *testing.T, secret string, person booking.Person, ago time.Duration) *gadget {
	t.Helper()
	g := &gadget{past: p, secret: secret, person: person, at: p.now(t).Add(-ago).UTC()}
	g.desk = desk.New(desk.Ports{Campaigns: p.set, Intake: p.intake, Book: p.book, Phones: db.NewSwitchboard(p.Pool, p.set), Clock: fixedClock{&g.at}})
	return g
}

func (g *gadget) from() desk.Entrance {
	return desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: g.at, Address: g.secret}
}

func (g *gadget) holding() desk.Holding {
	return desk.Holding{Campaign: g.campaign.Slug, Reference: g.reference, Secret: g.secret, Operation: uuid.New()}
}

func (g *gadget) introduce(t *testing.T) (desk.Received, error) {
	t.Helper()
	r, err := g.desk.Introduce(t.Context(), g.campaign.Slug, g.from(), &desk.Introducing{
		Person: g.person, Region: dbtest.Region, Wishes: booking.Wishes{Sites: []string{"south"}}, Lang: booking.English, Secret: g.secret, Operation: uuid.New(),
	})
	if err == nil {
		g.reference = r.Reference
	}
	return r, err
}

func (g *gadget) register(t *testing.T) (desk.Received, error) {
	t.Helper()
	r, err := g.desk.Register(t.Context(), g.campaign.Slug, g.from(), &desk.Applying{
		Person: g.person, Region: dbtest.Region, Lang: booking.Korean, Secret: g.secret, Operation: uuid.New(),
	})
	if err == nil {
		g.reference = r.Reference
	}
	return r, err
}

func (g *gadget) status(t *testing.T) desk.View {
	t.Helper()
	v, err := g.desk.Status(t.Context(), g.campaign.Slug, g.reference, g.secret)
	ok(t, err)
	return v
}

// prove asks for a code, reads it from the phone, and answers.
func (g *gadget) prove(t *testing.T, phone booking.Phone) {
	t.Helper()
	ok(t, g.desk.RequestCode(t.Context(), g.from(), g.holding()))
	code := g.codes(t)[phone]
	if code == "" {
		t.Fatal("no code came to the phone")
	}
	ok(t, g.desk.Verify(t.Context(), g.from(), g.holding(), code))
}

// codes sends everything that is due and returns the last code that came to each phone.
func (p *past) codes(t *testing.T) map[booking.Phone]string {
	t.Helper()
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), p.Pool))
	outbox, out := db.NewOutbox(p.Pool, p.set), map[booking.Phone]string{}
	type task struct {
		id int64
		n  int
	}
	var tasks []task
	p.Exec(t, `UPDATE spend SET allowance = 1000`)
	_, err := outbox.Release(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(_ context.Context, id int64, n int, _ words.Kind, _ bool) error {
		tasks = append(tasks, task{id, n})
		return nil
	})
	ok(t, err)
	for _, m := range tasks {
		_, err := outbox.Deliver(t.Context(), m.id, m.n, clock, func(_ context.Context, kind words.Kind, lang booking.Lang, d words.Data, text desk.OutgoingText) desk.SendResult {
			if _, err := words.Render(kind, lang, d); err != nil {
				t.Error(err)
			}
			if kind == words.Code {
				out[text.To] = d.Code
			}
			return accepted(fmt.Sprint("text", m.id))
		})
		ok(t, err)
	}
	return out
}

// soon opens the campaign five minutes ago, so that what happened before that happened before the opening.
func soon(c *booking.Campaign) { c.Cohorts[0].Opens = c.Cohorts[0].Opens.Add(55 * time.Minute) }

// Everything is told and proven days before the opening, and on the night one tap is enough.
func TestPreparedBeforeTheOpening(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, soon)
	g := p.gadget(t, "prepared-device", dbtest.Person(1), 50*time.Minute)
	first, err := g.introduce(t)
	ok(t, err)
	if v := g.status(t); v.State != desk.StateIntroduced || v.Next != desk.NextVerify || !v.ReceivedAt.Equal(g.at.Truncate(time.Microsecond)) || v.Proven {
		t.Errorf("introduced: %+v", v)
	}
	for what, do := range map[string]func() error{
		"wishes": func() error { return g.desk.ChangeWishes(t.Context(), g.from(), g.holding(), "", booking.Wishes{}) },
		"others": func() error { return g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), true) },
	} {
		if err := do(); booking.CodeOf(err) != booking.CodeVerifyFirst {
			t.Errorf("%s before the proof: %v", what, err)
		}
	}
	g.prove(t, g.person.Phone)
	v := g.status(t)
	if v.State != desk.StatePrepared || v.Next != desk.NextNothing || v.Region != dbtest.Region || len(v.Wishes.Sites) != 1 || v.Masked == "" || v.Ticket != "" || v.Place.Queue != "" {
		t.Errorf("prepared: %+v", v)
	}
	if err := g.desk.Cancel(t.Context(), g.from(), g.holding()); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("there is nothing to withdraw: %v", err)
	}
	if n := p.int(t, `SELECT count(*) FROM registration`); n != 0 {
		t.Fatalf("%d registrations before the opening", n)
	}

	g.at = p.now(t).UTC().Add(-time.Minute)
	if v := g.status(t); v.State != desk.StatePrepared || v.Next != desk.NextReapply {
		t.Errorf("open, and not registered: %+v", v)
	}
	p.announce(t)
	if n := p.int(t, `SELECT count(*) FROM place`); n != 0 {
		t.Fatalf("an introduction got %d places", n)
	}
	r, err := g.register(t)
	ok(t, err)
	if r.Reference != first.Reference || !r.New || !r.At.Equal(g.at.Truncate(time.Microsecond)) {
		t.Errorf("the application: %+v, the introduction: %+v", r, first)
	}
	if v := g.status(t); v.State != desk.StateWaiting || v.Ticket == "" || !v.Proven {
		t.Errorf("registered, and the proof is not known: %+v", v)
	}
	if n := p.int(t, `SELECT count(*) FROM verification`); n != 0 {
		t.Errorf("the intake wrote %d proofs", n)
	}
	p.announce(t)
	if n := p.int(t, `SELECT count(*) FROM message WHERE kind = 'welcome'`); n != 1 {
		t.Errorf("%d people were told that there is nothing to do", n)
	}
	p.round(t)
	if v := g.status(t); v.State != desk.StateOffered {
		t.Errorf("after the round: %+v", v)
	}
	ok(t, g.desk.Confirm(t.Context(), g.from(), g.holding(), g.status(t).Appointment.ID))
	p.clean(t)
}

// A device that is not the applicant's is ready to see the entry as well, when it has proven the phone before.
func TestProofsOfSeveralDevicesAreCarriedOver(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, soon)
	one, two := p.gadget(t, "first-device", dbtest.Person(1), 50*time.Minute), p.gadget(t, "second-device", dbtest.Person(1), 50*time.Minute)
	unproven := p.gadget(t, "third-device", dbtest.Person(1), 50*time.Minute)
	for _, g := range []*gadget{one, two, unproven} {
		_, err := g.introduce(t)
		ok(t, err)
	}
	one.prove(t, one.person.Phone)
	two.prove(t, two.person.Phone)
	one.at = p.now(t).Add(-time.Minute)
	_, err := one.register(t)
	ok(t, err)
	// Before anything is carried over, the second device may already change what it sees.
	ok(t, two.desk.ChangeWishes(t.Context(), two.from(), two.holding(), dbtest.Region, booking.Wishes{Sites: []string{"middle"}}))
	p.announce(t)
	for _, g := range []*gadget{one, two} {
		if v := g.status(t); v.State != desk.StateWaiting || len(v.Wishes.Sites) != 1 {
			t.Errorf("%s: %+v", g.secret, v)
		}
	}
	if v := unproven.status(t); v.State != desk.StateIntroduced {
		t.Errorf("the third: %+v", v)
	}
	if n := p.int(t, `SELECT count(DISTINCT device) FROM verification`); n != 2 {
		t.Errorf("%d proofs", n)
	}
	p.round(t)
	p.clean(t)
}

// With a new phone in hand, after the closing, a person finds the entry again, also under corrected data.
func TestANewDeviceFindsTheEntry(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) { c.Cohorts[0].Closes = c.Cohorts[0].Opens.Add(30 * time.Minute) })
	old := p.gadget(t, "old-device", dbtest.Person(1), 40*time.Minute)
	_, err := old.register(t)
	ok(t, err)
	old.prove(t, old.person.Phone)
	p.announce(t)
	p.round(t)
	moved := dbtest.Person(1)
	moved.Phone = dbtest.Person(77).Phone
	old.at = p.now(t).Add(-10 * time.Minute)
	ok(t, old.desk.Correct(t.Context(), old.from(), old.holding(), moved, dbtest.Region))
	p.codes(t)

	fresh := p.gadget(t, "new-device", moved, time.Minute)
	if _, err := fresh.register(t); booking.CodeOf(err) != booking.CodeClosed {
		t.Fatalf("it is closed: %v", err)
	}
	_, err = fresh.introduce(t)
	ok(t, err)
	if v := fresh.status(t); v.State != desk.StateIntroduced {
		t.Errorf("before the proof: %+v", v)
	}
	fresh.prove(t, moved.Phone)
	v, was := fresh.status(t), old.status(t)
	if v.State != desk.StateOffered || v.Ticket != was.Ticket || v.Place != was.Place || v.Appointment == nil {
		t.Errorf("found %+v, want %+v", v, was)
	}
	ok(t, fresh.desk.Confirm(t.Context(), fresh.from(), fresh.holding(), v.Appointment.ID))
	p.clean(t)
}

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

// unauthorized returns what asking for the entry is refused with.
func (g *gadget) unauthorized(t *testing.T) booking.Code {
	t.Helper()
	_, err := g.desk.Status(t.Context(), g.campaign.Slug, g.reference, g.secret)
	return booking.CodeOf(err)
}

// The removal of a lost phone, and of this one.
func TestDevicesAreRemoved(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.BeforeOffer)
	lost, kept := p.gadget(t, "lost-device", dbtest.Person(1), 20*time.Minute), p.gadget(t, "kept-device", dbtest.Person(1), 10*time.Minute)
	other := p.gadget(t, "other-device", dbtest.Person(1), 9*time.Minute)
	_, err := lost.register(t)
	ok(t, err)
	lost.prove(t, lost.person.Phone)
	for _, g := range []*gadget{kept, other} {
		_, err = g.introduce(t)
		ok(t, err)
	}
	kept.prove(t, kept.person.Phone)
	p.announce(t)
	p.round(t)

	removal := kept.holding()
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, true))
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, true))
	if got := lost.unauthorized(t); got != booking.CodeUnauthorized {
		t.Errorf("the lost phone reads %q", got)
	}
	for what, err := range map[string]error{
		"cancel": lost.desk.Cancel(t.Context(), lost.from(), lost.holding()),
		"code":   lost.desk.RequestCode(t.Context(), lost.from(), lost.holding()),
		"verify": lost.desk.Verify(t.Context(), lost.from(), lost.holding(), "000000"),
		"others": lost.desk.RemoveDevices(t.Context(), lost.from(), lost.holding(), true),
	} {
		if booking.CodeOf(err) != booking.CodeUnauthorized {
			t.Errorf("the lost phone's %s: %v", what, err)
		}
	}
	if _, err := lost.register(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("the lost phone applies: %v", err)
	}
	if _, err := lost.introduce(t); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("the lost phone introduces itself: %v", err)
	}
	if v := other.status(t); v.State != desk.StateIntroduced {
		t.Errorf("who has proven nothing is not shut out: %+v", v)
	}
	if v := kept.status(t); v.State != desk.StateOffered {
		t.Errorf("the entry stays: %+v", v)
	}

	removal = kept.holding()
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, false))
	ok(t, kept.desk.RemoveDevices(t.Context(), kept.from(), removal, false))
	if got := kept.unauthorized(t); got != booking.CodeUnauthorized {
		t.Errorf("this phone reads %q", got)
	}
	back := p.gadget(t, "next-secret", dbtest.Person(1), time.Minute)
	_, err = back.introduce(t)
	ok(t, err)
	back.prove(t, back.person.Phone)
	if v := back.status(t); v.State != desk.StateOffered {
		t.Errorf("back with a new secret: %+v", v)
	}
	p.clean(t)
}

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
