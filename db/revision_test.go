package db_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// revision is the n-th person's entry's.
func (p *past) revision(t *testing.T, n int) string {
	t.Helper()
	e, err := p.book.Entry(t.Context(), p.campaign.ID, p.ids[n])
	ok(t, err)
	r, err := desk.Revision(e)
	ok(t, err)
	return r
}

func (p *past) based(t *testing.T, n int, kind, base string) desk.Change {
	t.Helper()
	c := p.change(t, n, kind)
	c.Base = base
	return c
}

// A revision changes with everything that the person sees change, and with nothing that happens by itself.
func TestARevisionChangesWithWhatAPersonChanges(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, 0)
	last := p.revision(t, 0)
	seen := map[string]string{last: "applied"}
	step := func(what string, changes bool, do func()) {
		t.Helper()
		do()
		now := p.revision(t, 0)
		if before, known := seen[now]; known == changes {
			t.Errorf("%s: the revision is that of %q", what, before)
		}
		seen[now] = what
	}
	south := booking.Wishes{Sites: []string{"south"}}
	step("got a place", false, func() { p.announce(t) })
	step("wishes", true, func() {
		ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), dbtest.Region, booking.Wishes{NotBefore: booking.Date{Year: 2021, Month: 1, Day: 2}}))
	})
	step("region", true, func() { ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), "", booking.Wishes{})) })
	step("person", true, func() { p.correct(t, 0, dbtest.Person(7)) })
	step("an offer", true, func() { p.round(t) })
	step("confirmed", true, func() { ok(t, p.book.Answer(t.Context(), p.change(t, 0, "confirm"), 0, booking.Confirmed)) })
	step("a swap asked", true, func() { ok(t, p.swaps(t, 0, south)) })
	step("the swap", true, func() { p.round(t) })
	step("a swap asked again", true, func() { ok(t, p.swaps(t, 0, booking.Wishes{Sites: []string{"north"}})) })
	step("taken back", true, func() { ok(t, p.book.DropSwap(t.Context(), p.change(t, 0, "swap.drop"))) })
	step("withdrawn", true, func() { ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel"))) })
}

// Whoever names the revision that they saw changes that one or nothing, and a repetition is told what the first try was.
func TestAChangeOfARevision(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 1)
	seen := p.revision(t, 0)
	south := booking.Wishes{Sites: []string{"south"}}
	first := p.based(t, 0, "wishes", seen)
	ok(t, p.book.SetWishes(t.Context(), first, dbtest.Region, south))
	if now := p.revision(t, 0); now == seen {
		t.Fatal("the revision has not changed")
	}
	late := map[string]func() error{}
	wishes, swap, correct := p.based(t, 0, "wishes", seen), p.based(t, 0, "swap", seen), p.based(t, 0, "correct", seen)
	late["wishes"] = func() error { return p.book.SetWishes(t.Context(), wishes, "", booking.Wishes{}) }
	late["swap"] = func() error { return p.book.AskSwap(t.Context(), swap, "", booking.Wishes{}) }
	to := p.correction(t, 0, dbtest.Person(9))
	late["correct"] = func() error { return p.book.Correct(t.Context(), correct, to) }
	helper := p.based(t, 0, "helper", seen)
	late["helper"] = func() error { return p.book.SetHelper(t.Context(), helper, desk.Helper{CT: []byte{1}}, 6) }
	for what, do := range late {
		if err := do(); booking.CodeOf(err) != booking.CodeConflict {
			t.Errorf("%s on an old revision: %v", what, err)
		}
	}
	e, err := p.book.Entry(t.Context(), p.campaign.ID, p.ids[0])
	ok(t, err)
	if e.Region != dbtest.Region || len(e.Wishes.Sites) != 1 || e.SwapAsked {
		t.Errorf("a refused change left something: %+v", e)
	}
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), "", booking.Wishes{})) // without a revision the latest counts
	ok(t, p.book.SetWishes(t.Context(), first, dbtest.Region, south))                    // was done, and stays done
	ok(t, p.book.SetWishes(t.Context(), p.change(t, 0, "wishes"), dbtest.Region, south)) // as the refused ones would have had it
	for what, do := range late {
		if err := do(); booking.CodeOf(err) != booking.CodeConflict {
			t.Errorf("%s again: %v, and before a conflict", what, err)
		}
	}
	ok(t, p.book.AskSwap(t.Context(), p.based(t, 0, "swap", p.revision(t, 0)), dbtest.Region, booking.Wishes{}))
}

// Of many who change one revision at the same time one does.
func TestOneChangeOfARevisionWins(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.offered(t, 1)
	for round := range 5 {
		seen := p.revision(t, 0)
		var done atomic.Int64
		var wg sync.WaitGroup
		start := make(chan struct{})
		for i := range 8 {
			c := p.based(t, 0, "wishes", seen)
			wg.Go(func() {
				<-start
				err := p.book.SetWishes(t.Context(), c, dbtest.Region, booking.Wishes{Notice: 1 + 8*round + i}) // another one each time: what changes nothing keeps the revision
				switch {
				case err == nil:
					done.Add(1)
				case booking.CodeOf(err) != booking.CodeConflict:
					t.Error(err)
				}
			})
		}
		close(start)
		wg.Wait()
		if done.Load() != 1 {
			t.Errorf("%d changes of one revision were made", done.Load())
		}
	}
}

// Withdrawn is withdrawn: a copy of the first application that comes late enters nobody again, from the maker's device or from
// another that has proven the phone. Who has proven nothing is told what it was told, and a new secret starts afresh.
func TestWithdrawnIsWithdrawn(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	store := func(secret string) (desk.Stored, error) {
		return p.intake.Store(t.Context(), dbtest.Application(t, p.campaign, dbtest.Person(0), p.now(t), secret))
	}
	p.apply(t, 0, 0) // under "secret"
	stranger, err := store("stranger")
	ok(t, err)
	_, err = store("taker")
	ok(t, err)
	for _, secret := range []string{"secret", "taker", "introduced"} { // the last one came to the entry without applying
		device := p.campaign.Keys.Device(secret)
		p.Exec(t, `INSERT INTO verification (campaign_id, registration_id, method, device, at, actor) VALUES ($1, $2, 'code', $3, $4, 'app')`,
			p.campaign.ID, [16]byte(p.ids[0]), device[:], p.now(t))
	}
	again, err := store("secret")
	if err != nil || again.New || again.Freed {
		t.Fatalf("before the withdrawal: %+v %v", again, err)
	}
	ok(t, p.book.Withdraw(t.Context(), p.change(t, 0, "cancel")))
	for _, secret := range []string{"secret", "taker", "introduced"} {
		if got, err := store(secret); booking.CodeOf(err) != booking.CodeConflict {
			t.Errorf("%s after the withdrawal: %+v %v", secret, got, err)
		}
	}
	if got, err := store("stranger"); err != nil || got.Freed || !got.Arrival.Equal(stranger.Arrival) || got.Serial != stranger.Serial {
		t.Errorf("the stranger is told %+v %v, was told %+v", got, err, stranger)
	}
	if got, err := store("new"); err != nil || !got.Freed {
		t.Errorf("a new secret: %+v %v", got, err)
	}
	if got, err := p.intake.Store(t.Context(), dbtest.Application(t, p.campaign, dbtest.Person(0), p.now(t), "")); err != nil || !got.Freed {
		t.Errorf("a text: %+v %v", got, err)
	}
}

// What is refused because of a limit is no outcome: the very same request is carried out once the limit has passed.
func TestALimitIsNoOutcome(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	p.apply(t, 0, 0)
	ask := func(c desk.Change) error {
		return p.book.RequestCode(t.Context(), c, desk.CodeRequest{Limits: p.campaign.Limits.WithDefaults()})
	}
	for range p.campaign.Limits.WithDefaults().CodesPerPhoneHour {
		ok(t, ask(p.change(t, 0, "code")))
	}
	c := p.change(t, 0, "code")
	for range 2 {
		var refused *booking.Error
		if err := ask(c); !errors.As(err, &refused) || refused.Code != booking.CodeTooMany || refused.At == "" {
			t.Fatalf("at the limit: %v", err)
		}
	}
	c.At = c.At.Add(61 * time.Minute) // the same operation, an hour later
	ok(t, ask(c))
	if n := p.int(t, `SELECT count(*) FROM code_request`); n != p.campaign.Limits.WithDefaults().CodesPerPhoneHour+1 {
		t.Errorf("%d codes", n)
	}
}
