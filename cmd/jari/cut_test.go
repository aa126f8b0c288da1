package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"jari/db/dbtest"
	"jari/mobile-contract/client"
	"jari/mobile-contract/contract"
)

// cutCase is one device with two people, and the line that it has.
type cutCase struct {
	name  string
	phone *appPhone
	line  *cutLine
	n     int // its two people are dbtest's 2n and 2n+1
	she   string
	he    string
	short bool
}

// The network is cut at every boundary of every exchange, and at every pair of boundaries of a shorter scenario; requests come again later.
// Whatever was cut, it ends the same: what was written was done once, nothing else was done, and the device knows it.
func TestCutEverywhere(t *testing.T) {
	t.Parallel()
	w := newTown(t, dbtest.Capacity(1000))
	w.openDoor()
	var all []*cutCase
	add := func(name string, short, replay bool, plan map[int]cut) {
		line := newCutLine(t, strings.TrimPrefix(w.apiURL, "http://"), plan)
		line.replay = replay
		c := &cutCase{name: name, line: line, n: len(all), short: short, phone: w.newAppPhone(overHTTP(line.url()))}
		all = append(all, c)
	}
	const long, short = 16, 4 // exchanges of the two scenarios when nothing is cut
	add("long, whole", false, false, nil)
	add("short, whole", true, false, nil)
	add("long, everything again", false, true, nil)
	add("long, everything again and no answer at first", false, true, map[int]cut{0: beforeAnswer, 2: lastByte, 4: midAnswer, 6: beforeAnswer})
	for i := range long {
		for c := beforeServer; c < cuts; c++ {
			add(fmt.Sprintf("exchange %d: %s", i, c), false, false, map[int]cut{i: c})
		}
	}
	for i := range short + 1 {
		for j := i + 1; j < short+1; j++ {
			for a := beforeServer; a < cuts; a++ {
				for b := beforeServer; b < cuts; b++ {
					add(fmt.Sprintf("exchange %d: %s, %d: %s", i, a, j, b), true, false, map[int]cut{i: a, j: b})
				}
			}
		}
	}
	everyone(t, all, (*cutCase).apply)
	w.holdRound(2 * len(all))
	everyone(t, all, (*cutCase).answer)
	for i, want := range []int{long, short} {
		if seen, _ := all[i].line.exchanges(); seen != want {
			t.Fatalf("%s took %d exchanges, not %d: the cuts would miss some", all[i].name, seen, want)
		}
	}
	dumps := make([]map[string]string, len(all))
	for i, c := range all {
		dumps[i] = c.dump(t)
		standard := dumps[0]
		if c.short {
			standard = dumps[1]
		}
		if diff := cmp.Diff(standard, dumps[i]); diff != "" {
			t.Errorf("%s ends otherwise (-whole +cut):\n%s", c.name, diff)
		}
		if _, broken := c.line.exchanges(); broken != len(c.line.plan) {
			t.Errorf("%s: %d of %d cuts were met", c.name, broken, len(c.line.plan))
		}
	}
	var entries int
	w.db.Scan(t, `SELECT count(*) FROM registration WHERE alias_of IS NULL`, nil, &entries)
	if entries != 2*len(all) {
		t.Errorf("%d entries for %d people", entries, 2*len(all))
	}
	w.obeys(2, 3, 4)
}

// everyone lets all devices do something, some at a time.
func everyone[T fmt.Stringer](t *testing.T, all []T, do func(T, context.Context) error) {
	t.Helper()
	work := make(chan T)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for c := range work {
				if err := do(c, t.Context()); err != nil {
					t.Errorf("%s: %v", c, err)
				}
			}
		})
	}
	for _, c := range all {
		work <- c
	}
	close(work)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func (c *cutCase) String() string { return c.name }

func (c *cutCase) write(do ...func(client.Pen) error) error {
	for _, d := range do {
		if err := c.phone.client.Write(d); err != nil {
			return err
		}
	}
	return nil
}

// apply takes two people from nothing to wishes and a proven phone. Each line of steps is what is written before the device comes online.
func (c *cutCase) apply(ctx context.Context) error {
	if err := c.write(
		func(p client.Pen) (err error) {
			c.she, err = p.Add(dbtest.Slug, form(dbtest.Person(2*c.n)))
			return err
		},
		func(p client.Pen) (err error) {
			c.he, err = p.Add(dbtest.Slug, form(dbtest.Person(2*c.n+1)))
			return err
		}); err != nil {
		return err
	}
	south := &contract.Wishes{Sites: &[]contract.Code{"south"}}
	middle := &contract.Wishes{Sites: &[]contract.Code{"middle"}}
	introduce := func(id *string) func(client.Pen) error { return func(p client.Pen) error { return p.Introduce(*id) } }
	apply := func(id *string) func(client.Pen) error { return func(p client.Pen) error { return p.Apply(*id) } }
	ask := func(id *string) func(client.Pen) error { return func(p client.Pen) error { return p.RequestCode(*id) } }
	wish := func(id *string, w *contract.Wishes) func(client.Pen) error {
		return func(p client.Pen) error { return p.ChangeWishes(*id, "s", w, false) }
	}
	steps := [][]func(client.Pen) error{
		{introduce(&c.she)}, {apply(&c.he), ask(&c.she)}, {ask(&c.he), wish(&c.she, middle)}, {c.prove(&c.she)}, {apply(&c.she)},
		{c.prove(&c.he), wish(&c.she, south)},
	}
	if c.short {
		steps = [][]func(client.Pen) error{
			{apply(&c.she), apply(&c.he), ask(&c.she), ask(&c.he)}, {c.prove(&c.she), c.prove(&c.he), wish(&c.she, south)},
		}
	}
	for _, s := range steps {
		if err := c.write(s...); err != nil {
			return err
		}
		if err := c.sendAll(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sendAll hands in what can be sent: what waits for the phone to be proven is left.
func (c *cutCase) sendAll(ctx context.Context) error {
	return c.phone.until(ctx, "everything handed in", func(s *client.State) bool {
		return !slices.ContainsFunc(s.People, func(p client.Person) bool {
			return slices.ContainsFunc(p.Outbox, func(o client.Operation) bool { return !p.Held(o) })
		})
	})
}

// prove types the code in that was texted.
func (c *cutCase) prove(id *string) func(client.Pen) error {
	return func(p client.Pen) error {
		who := p.State.People[slices.IndexFunc(p.State.People, func(w client.Person) bool { return w.ID == *id })]
		code, err := c.phone.codeOf(c.phone.w.t.Context(), who.Reference)
		if err != nil {
			return err
		}
		return p.Verify(*id, code)
	}
}

// answer is what follows after the round: she accepts what she was offered, and he leaves.
func (c *cutCase) answer(ctx context.Context) error {
	if err := c.phone.look(ctx); err != nil {
		return err
	}
	if err := c.write(c.accept, func(p client.Pen) error { return p.Cancel(c.he) }); err != nil {
		return err
	}
	if err := c.phone.handIn(ctx); err != nil {
		return err
	}
	if c.short {
		return nil
	}
	if err := c.phone.look(ctx); err != nil {
		return err
	}
	corrected := form(dbtest.Person(2 * c.n)).Person
	corrected.Name = "김바른"
	for _, step := range [][]func(client.Pen) error{
		{func(p client.Pen) error { return p.AskSwap(c.she, "s", nil, true) }},
		{func(p client.Pen) error { return p.DropSwap(c.she) }, func(p client.Pen) error { return p.Correct(c.she, corrected, "s", false) }},
		{func(p client.Pen) error { return p.SetHelper(c.she, "+821012349876", true) }},
		{func(p client.Pen) error { return p.RemoveHelper(c.she) }},
		{c.giveBack},
		{func(p client.Pen) error { return p.RemoveDevices(c.she, contract.DeviceRemovalRequestDevicesOthers) }},
	} {
		if err := c.write(step...); err != nil {
			return err
		}
		if err := c.phone.handIn(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *cutCase) accept(p client.Pen) error { return c.reply(p, p.Confirm) }

func (c *cutCase) giveBack(p client.Pen) error { return c.reply(p, p.Decline) }

// reply answers the offer that she was told of last.
func (c *cutCase) reply(p client.Pen, say func(string, contract.AppointmentID) error) error {
	for _, who := range p.State.People {
		if who.ID == c.she && who.Told != nil && who.Told.Appointment != nil {
			return say(c.she, who.Told.Appointment.ID)
		}
	}
	return client.ErrNoOffer
}
