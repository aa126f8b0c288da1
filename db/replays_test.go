package db_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// replayed is a device whose requests may come again at any time, under their own ids.
type replayed struct {
	*gadget
	ids  [4]uuid.UUID
	code string
}

// do carries out one of the operations that the device wrote: it introduces itself, applies, proves the phone, gives up.
func (r *replayed) do(t *testing.T, what byte, from desk.Entrance) error {
	t.Helper()
	h := desk.Holding{Campaign: r.campaign.Slug, Reference: r.reference, Secret: r.secret}
	var err error
	var got desk.Received
	switch what {
	case 'i':
		got, err = r.desk.Introduce(t.Context(), h.Campaign, from, &desk.Introducing{Person: r.person, Lang: booking.Korean, Secret: r.secret, Operation: r.ids[0]})
	case 'r':
		got, err = r.desk.Register(t.Context(), h.Campaign, from, &desk.Applying{Person: r.person, Lang: booking.Korean, Secret: r.secret, Operation: r.ids[1]})
	case 'v':
		h.Operation = r.ids[2]
		err = r.desk.Verify(t.Context(), from, h, r.code)
	case 'c':
		h.Operation = r.ids[3]
		err = r.desk.Cancel(t.Context(), from, h)
	}
	if err == nil && got.Reference != "" && got.Reference != r.reference {
		t.Errorf("%s: another reference after %c", r.secret, what)
	}
	if code := booking.CodeOf(err); err != nil && code != booking.CodeConflict && code != booking.CodeVerifyFirst {
		t.Errorf("%s: %c: %v", r.secret, what, err)
	}
	return err
}

// replaying makes devices, each of which has done the first operation and been sent a code.
func (p *past) replaying(t *testing.T, first string, n int) []*replayed {
	t.Helper()
	all := make([]*replayed, n)
	for i := range all {
		r := &replayed{gadget: p.gadget(t, fmt.Sprint("device-", first, "-", i), dbtest.Person(i), 30*time.Minute)}
		for k := range r.ids {
			r.ids[k] = uuid.New()
		}
		c := p.campaign
		ids := r.person
		identity, err := booking.Identity(c.Identity, ids, 0)
		ok(t, err)
		r.reference, err = c.Keys.Reference(c.Keys.ID(identity), c.Keys.Device(r.secret))
		ok(t, err)
		ok(t, r.do(t, first[0], r.from()))
		ok(t, r.desk.RequestCode(t.Context(), r.from(), r.holding()))
		all[i] = r
	}
	for phone, code := range p.codes(t) {
		for _, r := range all {
			if r.person.Phone == phone {
				r.code = code
			}
		}
	}
	return all
}

// orders are all orders of letters, each once.
func orders(letters string) []string {
	if len(letters) == 0 {
		return []string{""}
	}
	var out []string
	seen := map[byte]bool{}
	for i := range len(letters) {
		if !seen[letters[i]] {
			seen[letters[i]] = true
			for _, rest := range orders(letters[:i] + letters[i+1:]) {
				out = append(out, letters[i:i+1]+rest)
			}
		}
	}
	return out
}

// In whatever order copies of a device's requests come: once its withdrawal was carried out nobody is entered, and it is told so ever after.
func TestCopiesOfRequestsInEveryOrder(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"i", "r"} {
		all := orders("irrvc")
		p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 1000 })
		people := p.replaying(t, first, len(all))
		var gone, lives int
		for n, order := range all {
			r := people[n]
			left, entered := false, first == "r"
			for i := range len(order) {
				from := r.from()
				from.Received = from.Received.Add(time.Duration(i+1) * time.Second)
				err := r.do(t, order[i], from)
				left = left || order[i] == 'c' && err == nil
				entered = entered || order[i] == 'r' && err == nil
				if left && order[i] == 'r' && err == nil {
					t.Errorf("%s after %s: applied after the withdrawal", order, first)
				}
			}
			want := desk.StateWaiting
			if left {
				want, gone = desk.StateWithdrawn, gone+1
			} else {
				lives++
			}
			if v := r.status(t); v.State != want || !entered {
				t.Errorf("%s after %s: %+v, want %s", order, first, v, want)
			}
		}
		if n := p.int(t, `SELECT count(*) FROM registration WHERE withdrawn_at IS NULL`); n != lives {
			t.Errorf("%d live, want %d; %d have left", n, lives, gone)
		}
		p.announce(t)
		p.clean(t)
	}
}

// Two identical batches at once: every operation once.
func TestTheSameBatchTwiceAtOnce(t *testing.T) {
	t.Parallel()
	const people = 12
	p := newPast(t, dbtest.BeforeOffer, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 1000 })
	all := p.replaying(t, "i", people)
	var wg sync.WaitGroup
	for _, r := range all {
		for range 3 {
			wg.Go(func() {
				for i, what := range []byte("irvc") {
					from := r.from()
					from.Received = from.Received.Add(time.Duration(i+1) * time.Second)
					_ = r.do(t, what, from)
				}
			})
		}
	}
	wg.Wait()
	for _, r := range all {
		if v := r.status(t); v.State != desk.StateWithdrawn {
			t.Errorf("%s: %+v", r.secret, v)
		}
	}
	if n := p.int(t, `SELECT count(*) FROM registration`); n != people {
		t.Errorf("%d registrations of %d people", n, people)
	}
	p.announce(t)
	p.clean(t)
}
