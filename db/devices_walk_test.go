package db_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// crowdOfDevices are devices of two people who do what they like: theirs, or not.
type crowdOfDevices struct {
	*past
	random *rand.Rand
	all    []*gadget
	told   map[*gadget]string // the reference that a device was given
	proven map[*gadget]bool
	log    strings.Builder
}

func newCrowdOfDevices(t *testing.T, seed uint64) *crowdOfDevices {
	t.Helper()
	p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) {
		l := &c.Limits
		l.TextsPerSecond, l.CodesPerPhoneHour, l.CodesPerPhoneDay, l.CodesPerAddrHour = 1000, 1000, 1000, 1000
		if seed%2 == 1 {
			c.Identity, c.Number = booking.ByNumber, `[0-9]{6}`
		}
	})
	return &crowdOfDevices{past: p, random: rand.New(rand.NewPCG(seed, 99)), told: map[*gadget]string{}, proven: map[*gadget]bool{}}
}

// somebody is one of two people; under a number perhaps with a phone that is not theirs.
func (w *crowdOfDevices) somebody() booking.Person {
	n := 1 + w.random.IntN(2)
	person := dbtest.Person(n)
	if w.campaign.Identity == booking.ByNumber {
		person.Number = fmt.Sprintf("%06d", n)
		if w.random.IntN(2) == 0 {
			person.Phone = dbtest.Person(60 + w.random.IntN(3)).Phone
		}
	}
	return person
}

// tries asks for a code and types one in: the own phone's, or sometimes another's that came at that moment.
func (w *crowdOfDevices) tries(t *testing.T, g *gadget) error {
	t.Helper()
	if err := g.desk.RequestCode(t.Context(), g.from(), g.holding()); err != nil {
		return err
	}
	texts := w.codes(t)
	code := texts[g.person.Phone]
	for _, other := range texts {
		if code == "" && w.random.IntN(2) == 0 {
			code = other
		}
	}
	if code == "" {
		return nil
	}
	return g.desk.Verify(t.Context(), g.from(), g.holding(), code)
}

// step lets a device do something.
func (w *crowdOfDevices) step(t *testing.T, g *gadget) (what string, got desk.Received, err error) {
	t.Helper()
	act := w.random.IntN(12)
	switch {
	case act < 2:
		got, err = g.register(t)
		return "registers", got, err
	case act < 4 || g.reference == "":
		got, err = g.introduce(t)
		return "introduces", got, err
	case act < 7:
		return "proves", got, w.tries(t, g)
	case act < 9:
		to := w.somebody()
		return "corrects to " + to.Name + to.Number, got, g.desk.Correct(t.Context(), g.from(), g.holding(), to, dbtest.Region)
	case act == 9:
		return "cancels", got, g.desk.Cancel(t.Context(), g.from(), g.holding())
	case act == 10:
		return "removes", got, g.desk.RemoveDevices(t.Context(), g.from(), g.holding(), w.random.IntN(2) == 0)
	}
	w.announce(t)
	w.round(t)
	return "sees time pass", got, nil
}

// Whatever devices do in whatever order: no error without a code, a device that has proven nothing keeps the reference that it was given, and the
// laws hold.
func TestDevicesThatDoWhatTheyLike(t *testing.T) {
	t.Parallel()
	for i := range uint64(24) {
		seed := 33 + i // some of these have met what was wrong once
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newCrowdOfDevices(t, seed)
			began := w.now(t).Add(-50 * time.Minute).UTC()
			for n := range 60 {
				if len(w.all) < 4 || w.random.IntN(16) == 0 {
					w.all = append(w.all, w.gadget(t, fmt.Sprint("device-", len(w.all)), w.somebody(), 0))
				}
				g := w.all[w.random.IntN(len(w.all))]
				g.at = began.Add(time.Duration(n) * 45 * time.Second)
				w.judge(t, g)
			}
			w.announce(t)
			for range 3 { // whose household or proof came last is looked at again
				w.rested(t)
				w.round(t)
			}
			w.codes(t)
			w.clean(t)
			if t.Failed() {
				t.Log(w.log.String())
			}
		})
	}
}

// judge lets a device take a step, and looks at what it can see then.
func (w *crowdOfDevices) judge(t *testing.T, g *gadget) {
	t.Helper()
	what, got, err := w.step(t, g)
	fmt.Fprintf(&w.log, "%s (%s%s) %s: %v\n", g.secret, g.person.Name, g.person.Number, what, err)
	if err != nil && booking.CodeOf(err) == "" {
		t.Errorf("%s %s: %v", g.secret, what, err)
	}
	if got.Reference != "" {
		if was := w.told[g]; was != "" && was != got.Reference && !w.proven[g] {
			t.Errorf("%s %s: another reference than before", g.secret, what)
		}
		w.told[g] = got.Reference
	}
	if g.reference == "" {
		return
	}
	v, err := g.desk.Status(t.Context(), g.campaign.Slug, g.reference, g.secret)
	if err != nil && booking.CodeOf(err) != booking.CodeUnauthorized {
		t.Errorf("%s asks: %v", g.secret, err)
	}
	w.proven[g] = w.proven[g] || v.Proven
}
