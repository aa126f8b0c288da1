package db_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/db/dbtest"
)

// released lets messages go by routes and returns them in their order.
func (h *house) released(t *testing.T, routes desk.Routes) []desk.Released {
	t.Helper()
	var out []desk.Released
	if _, err := h.outbox.Release(t.Context(), h.Now(), routes, 1000, time.Second, func(_ context.Context, ms []desk.Released) (int, error) {
		out = append(out, ms...)
		return len(ms), nil
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func turns(ms []desk.Released) []desk.Turn {
	out := make([]desk.Turn, len(ms))
	for i, m := range ms {
		out[i] = m.Turn
	}
	return out
}

// byPrefix are two routes: one for the first people's country code with its neighbours, one for all others.
func byPrefix(slow, fast desk.Route) desk.Routes {
	slow.Name, slow.Prefixes = "slow", []string{dbtest.Person(0).Phone.E164()}
	fast.Name = "fast"
	return desk.Routes{slow, fast}
}

// An instant is nobody's twice, whoever asks for it: together several workers keep to one pace.
func TestInstantsOfOneRouteStandApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	route := desk.Route{Name: "short", PerSecond: 100}
	var mu sync.Mutex
	var all []time.Time
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 4 {
				got, err := h.outbox.Reserve(t.Context(), route, 5, h.Now())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				all = append(all, got...)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(all) != 160 {
		t.Fatalf("%d instants, want 160", len(all))
	}
	slices.SortFunc(all, time.Time.Compare)
	for i := 100; i < len(all); i++ { // and 41 ms to spare for the way to the provider
		if all[i].Sub(all[i-100]) < 1041*time.Millisecond {
			t.Fatalf("101 instants within 1.041 s, from %v on", all[i-100])
		}
	}
}

// What would have to wait for long goes back: something more urgent can still overtake it.
func TestInstantsLieNear(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	route := desk.Route{Name: "long", PerSecond: 1}
	for _, want := range []int{2, 0} {
		got, err := h.outbox.Reserve(t.Context(), route, 5, h.Now())
		if err != nil || len(got) != want {
			t.Fatalf("%d instants, want %d: %v, %v", len(got), want, got, err)
		}
	}
	h.pass(2 * time.Second)
	got, err := h.outbox.Reserve(t.Context(), route, 5, h.Now())
	if err != nil || len(got) != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	// PostgreSQL's clock was set back by a day: nobody waits for it to come again.
	h.pass(-24 * time.Hour)
	if got, err = h.outbox.Reserve(t.Context(), route, 1, h.Now()); err != nil || len(got) != 1 || !got[0].Equal(h.Now()) {
		t.Fatalf("%v, %v", got, err)
	}
}

// A slow number holds up no fast one: what waits for it stands in a lane of its own.
func TestASlowRouteHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	routes := byPrefix(desk.Route{PerSecond: 1}, desk.Route{})
	slow, fast := h.person(t, dbtest.Person(0)), h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 20 {
		ms = append(ms, desk.Message{Entry: slow, Dedup: fmt.Sprint("slow/", i), Due: h.Now().Add(-time.Hour)})
	}
	for i := range 5 {
		ms = append(ms, desk.Message{Entry: fast, Dedup: fmt.Sprint("fast/", i)})
	}
	ids := h.queue(t, ms...)
	got := h.released(t, routes)
	if len(got) != 25 {
		t.Fatalf("%d released, want 25: their numbers are not known yet", len(got))
	}
	send := func(context.Context, desk.Letter) desk.SendResult {
		return desk.SendResult{Outcome: desk.SendUnknown}
	}
	fates, err := h.outbox.Deliver(t.Context(), turns(got), routes, h, time.Minute, send)
	if err != nil || fates["unknown"] < 5 || fates["paced"] < 17 {
		t.Fatalf("fates %v, %v", fates, err)
	}
	for _, id := range ids[20:] {
		h.wantState(t, id, "unknown")
	}
	if n := h.count(t, `SELECT count(*) FROM message WHERE state = 'pending' AND route = 'slow'`); n != fates["paced"] {
		t.Fatalf("%d wait for the slow route, want %d", n, fates["paced"])
	}
	if n := h.count(t, `SELECT count(*) FROM send_attempt`); n != fates["unknown"] {
		t.Fatalf("%d attempts, want one for each of %d", n, fates["unknown"])
	}
	// More for the fast one come, and are not behind.
	next := h.queue(t, desk.Message{Entry: fast, Dedup: "fast/new"})[0]
	got = h.released(t, routes)
	if !slices.ContainsFunc(got, func(m desk.Released) bool { return m.Message == next }) || len(got) > 3 {
		t.Fatalf("released %v, want the new one and at most two for the slow route", got)
	}
}

// What waits for a number that is there no more is decided anew.
func TestARouteThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	h.Exec(t, `UPDATE message SET route = 'gone'`)
	routes := byPrefix(desk.Route{}, desk.Route{})
	got := h.released(t, routes)
	if len(got) != 1 {
		t.Fatalf("%d released", len(got))
	}
	fates, err := h.outbox.Deliver(t.Context(), turns(got), routes, h, time.Minute, func(_ context.Context, l desk.Letter) desk.SendResult {
		return accepted("SM" + l.Route.Name)
	})
	if err != nil || fates["accepted"] != 1 {
		t.Fatalf("%v, %v", fates, err)
	}
	h.wantState(t, id, "accepted")
	if n := h.count(t, `SELECT count(*) FROM message m JOIN send_attempt a ON a.message_id = m.id WHERE m.route = 'fast' AND a.route = 'fast' AND a.provider_id = 'SMfast'`); n != 1 {
		t.Fatal("it is not written down by which number it went")
	}
}

// A number that has failed for a message is not tried again, and where none is left a person is told otherwise.
func TestRoutesThatWereTried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	routes := byPrefix(desk.Route{}, desk.Route{})
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(0))})[0]
	h.Exec(t, `UPDATE message SET tried = '{slow}'`)
	var by string
	deliver := func() map[string]int {
		fates, err := h.outbox.Deliver(t.Context(), turns(h.released(t, routes)), routes, h, time.Minute, func(_ context.Context, l desk.Letter) desk.SendResult {
			by = l.Route.Name
			return desk.SendResult{Outcome: desk.SendNotSent}
		})
		if err != nil {
			t.Fatal(err)
		}
		return fates
	}
	if fates := deliver(); fates["pending"] != 1 || by != "fast" {
		t.Fatalf("%v by %q", fates, by)
	}
	h.Exec(t, `UPDATE message SET tried = '{slow,fast}', due_at = now() - interval '1 hour'`)
	if fates := deliver(); fates["undelivered"] != 1 {
		t.Fatalf("%v", fates)
	}
	h.wantState(t, id, "undelivered")
	if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = 'no_route'`); n != 1 {
		t.Fatalf("%d escalations", n)
	}
}

// A provider that asks to slow down pauses its number, for all campaigns, and no other.
func TestSlowDownPausesTheRoute(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	routes := byPrefix(desk.Route{}, desk.Route{})
	first, other := h.person(t, dbtest.Person(0)), h.person(t, dbtest.Person(1))
	h.queue(t, desk.Message{Entry: first, Dedup: "a"})
	if _, err := h.outbox.Deliver(t.Context(), turns(h.released(t, routes)), routes, h, time.Minute, func(context.Context, desk.Letter) desk.SendResult {
		return desk.SendResult{Outcome: desk.SendSlowDown, RetryAfter: 20 * time.Second}
	}); err != nil {
		t.Fatal(err)
	}
	ids := h.queue(t, desk.Message{Entry: first, Dedup: "b"}, desk.Message{Entry: other, Dedup: "c"})
	fates, err := h.outbox.Deliver(t.Context(), turns(h.released(t, routes)), routes, h, time.Minute, func(_ context.Context, l desk.Letter) desk.SendResult {
		return accepted("SM" + l.Route.Name)
	})
	if err != nil || fates["accepted"] != 1 || fates["paced"] != 1 {
		t.Fatalf("%v, %v", fates, err)
	}
	h.wantState(t, ids[1], "accepted")
	if got := h.released(t, routes); len(got) != 0 {
		t.Fatalf("released %v while its number is paused", got)
	}
	h.pass(31 * time.Second)
	if got := h.released(t, routes); len(got) != 2 {
		t.Fatalf("released %v after the pause, want both", got)
	}
}

// What a provider has and has not passed on is bounded.
func TestTheProvidersQueueIsBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	routes := desk.Routes{{Name: "only", QueueMost: 3}}
	e := h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 8 {
		ms = append(ms, desk.Message{Entry: e, Dedup: fmt.Sprint("q/", i)})
	}
	h.queue(t, ms...)
	n := 0
	send := func() int {
		got := h.released(t, routes)
		if len(got) == 0 {
			return 0
		}
		var mu sync.Mutex
		fates, err := h.outbox.Deliver(t.Context(), turns(got), routes, h, time.Minute, func(context.Context, desk.Letter) desk.SendResult {
			mu.Lock()
			defer mu.Unlock()
			n++
			return accepted(fmt.Sprint("SM", n))
		})
		if err != nil {
			t.Fatal(err)
		}
		return fates["accepted"]
	}
	for i, want := range []int{3, 0} {
		if got := send(); got != want {
			t.Fatalf("release %d: %d sent, want %d", i, got, want)
		}
	}
	h.receive(t, "SM1", desk.ReceiptSent, 0)
	h.receive(t, "SM2", desk.ReceiptDelivered, 0)
	if got := send(); got != 2 {
		t.Fatalf("%d sent after two were passed on, want 2", got)
	}
	h.Exec(t, `UPDATE message SET created_at = created_at - interval '100 hours' WHERE state = 'accepted'`) // reported by nobody
	h.Exec(t, `UPDATE send_attempt SET claimed_at = claimed_at - interval '100 hours'`)
	if got := send(); got != 3 {
		t.Fatalf("%d sent, want 3: what nobody asks about any more fills no queue", got)
	}
}
