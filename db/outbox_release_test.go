package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db/dbtest"
)

func TestReleaseOrder(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	id := h.queue(t,
		desk.Message{Entry: e, Due: h.Now().Add(-time.Minute)},
		desk.Message{Entry: e, Due: h.Now().Add(-time.Hour)},
		desk.Message{Entry: e, Due: h.Now().Add(time.Second)},
		desk.Message{Entry: e, Urgent: true})
	got := h.release(t)
	if len(got) != 3 || got[0].id != id[3] || got[1].id != id[1] || got[2].id != id[0] {
		t.Fatalf("released %v of %v", got, id)
	}
	h.pass(time.Second)
	if m := h.only(t); m.id != id[2] {
		t.Fatalf("released %d, want %d", m.id, id[2])
	}
}

func TestEarliestAppointmentIsToldFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ms []desk.Message
	for i, order := range []string{"DESC", ""} {
		e := h.person(t, dbtest.Person(i))
		var appointment int64
		h.Scan(t, `INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
			SELECT campaign_id, $1, id, pool_id, 1, 'offered', now(), 0, now(), now(), 'test' FROM slot ORDER BY starts_at `+order+` LIMIT 1 RETURNING id`,
			[]any{[16]byte(*e)}, &appointment)
		ms = append(ms, desk.Message{Entry: e, Appointment: appointment, Kind: string(words.Offer)})
	}
	id := h.queue(t, ms...)
	if got := h.release(t); len(got) != 2 || got[0].id != id[1] {
		t.Fatalf("released %v of %v", got, id)
	}
	// An offer that was taken back meanwhile is not told.
	h.Exec(t, `UPDATE appointment SET state = 'declined' WHERE id = $1`, ms[0].Appointment)
	c, ok, err := h.outbox.ClaimSend(t.Context(), id[0], 1, h.Now())
	if ok || err != nil || c.Fate != "expired" {
		t.Fatalf("claimed %v, fate %q, %v", ok, c.Fate, err)
	}
	c, ok, err = h.outbox.ClaimSend(t.Context(), id[1], 1, h.Now())
	if !ok || err != nil || c.Data.Site == "" || c.Data.Starts.IsZero() || c.Data.First != 1 {
		t.Fatalf("claimed %v, data %+v, %v", ok, c.Data, err)
	}
}

func TestQuietHours(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 23, 0, 0, 0, h.campaign.Zone)
	id := h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e, Urgent: true})
	if m := h.only(t); m.id != id[1] {
		t.Fatal("an unasked text was released at night, or an answer was not")
	}
	h.at = time.Date(2030, 3, 5, 7, 59, 59, 0, h.campaign.Zone)
	if got := h.release(t); len(got) != 0 {
		t.Fatal("an unasked text was released before eight")
	}
	h.pass(time.Second)
	if m := h.only(t); m.id != id[0] {
		t.Fatal("the text was not released at eight")
	}
}

func TestSeveralRelaysKeepThePace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 10 })
	e := h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 100 {
		ms = append(ms, desk.Message{Entry: e, Dedup: fmt.Sprint("pace/", i)})
	}
	h.queue(t, ms...)
	var total atomic.Int64
	round := func() {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				n, err := h.outbox.ReleaseEach(t.Context(), h.Now(), 1000, 500*time.Millisecond, func(context.Context, int64, int, words.Kind, bool) error { return nil })
				if err != nil {
					t.Error(err)
				}
				total.Add(int64(n))
			})
		}
		wg.Wait()
	}
	round() // the bucket holds two intervals
	for range 6 {
		h.pass(500 * time.Millisecond)
		round()
	}
	if got := total.Load(); got != 10+6*5 {
		t.Fatalf("released %d in three seconds at 10/s, want 40", got)
	}
}

// PostgreSQL's clock is set back by an hour: texts go on at their pace, and do not wait for the hour to come again.
func TestAClockThatIsSetBackStopsNoTexts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerSecond = 1 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 12, 0, 0, 0, h.campaign.Zone)
	var ms []desk.Message
	for i := range 8 {
		ms = append(ms, desk.Message{Entry: e, Dedup: fmt.Sprint("back/", i), Due: h.Now().Add(-2 * time.Hour)})
	}
	h.queue(t, ms...)
	for i, want := range []int{2, 2, 1} { // two intervals at first, and when the bucket begins anew
		if got := h.release(t); len(got) != want {
			t.Errorf("release %d: %d texts, want %d", i, len(got), want)
		}
		h.pass(time.Second)
		if i == 0 {
			h.pass(-time.Hour)
		}
	}
}

func TestWindowBoundsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e}, desk.Message{Entry: e})
	away := errors.New("redis is away")
	release := func(window int, err error) int {
		n, got := h.outbox.ReleaseEach(t.Context(), h.Now(), window, time.Second, func(context.Context, int64, int, words.Kind, bool) error { return err })
		if !errors.Is(got, err) {
			t.Fatalf("release: %v", got)
		}
		return n
	}
	if n := release(2, away); n != 0 {
		t.Fatalf("%d handed over although nothing could be", n)
	}
	if n := h.count(t, `SELECT count(*) FROM message WHERE state = 'queued'`); n != 2 {
		t.Fatalf("%d queued, want 2: the window", n)
	}
	if n := release(2, nil); n != 0 {
		t.Fatalf("%d released beyond the window", n)
	}
	h.pass(time.Minute)
	if n, _, err := h.outbox.Sweep(t.Context(), h.Now(), 30*time.Second, time.Minute); n != 2 || err != nil {
		t.Fatalf("swept %d, %v", n, err)
	}
	if n := release(1000, nil); n != 3 {
		t.Fatalf("%d released, want all 3", n)
	}
	stuck, err := h.outbox.Stuck(t.Context(), h.Now().Add(time.Hour), time.Minute)
	if err != nil || stuck["queued"] != 3 || stuck["pending"] != 0 {
		t.Fatalf("stuck %v, %v", stuck, err)
	}
}
