package db_test

import (
	"context"
	"fmt"
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
	_, err := outbox.ReleaseEach(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(_ context.Context, id int64, n int, _ words.Kind, _ bool) error {
		tasks = append(tasks, task{id, n})
		return nil
	})
	ok(t, err)
	for _, m := range tasks {
		_, err := outbox.DeliverOne(t.Context(), m.id, m.n, clock, func(_ context.Context, kind words.Kind, lang booking.Lang, d words.Data, text desk.OutgoingText) desk.SendResult {
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

// unauthorized returns what asking for the entry is refused with.
func (g *gadget) unauthorized(t *testing.T) booking.Code {
	t.Helper()
	_, err := g.desk.Status(t.Context(), g.campaign.Slug, g.reference, g.secret)
	return booking.CodeOf(err)
}
