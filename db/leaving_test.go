package db_test

import (
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db/dbtest"
)

// A worker was away when its task was due, and takes it up at night.
func TestATaskThatComesLateWakesNobodyAtNight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 20, 59, 59, 0, h.campaign.Zone)
	id := h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e, Urgent: true})
	if got := h.release(t); len(got) != 2 {
		t.Fatalf("released %v, want both", got)
	}
	h.at = time.Date(2030, 3, 4, 23, 30, 0, 0, h.campaign.Zone)
	if c, ok, err := h.outbox.ClaimSend(t.Context(), id[0], 1, h.Now()); ok || err != nil {
		t.Errorf("an unasked text leaves at night: %v, fate %q, %v", ok, c.Fate, err)
	}
	if _, ok, err := h.outbox.ClaimSend(t.Context(), id[1], 1, h.Now()); !ok || err != nil {
		t.Errorf("an answer does not leave at night (%v)", err)
	}
	h.at = time.Date(2030, 3, 5, 8, 0, 0, 0, h.campaign.Zone)
	if m := h.only(t); m.id != id[0] {
		t.Error("the text does not leave in the morning")
	}
}

// Whoever has gone is not told that there is no time yet.
func TestNoTimeIsNotToldToWhoeverHasGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	id := h.queue(t, desk.Message{Entry: e, Kind: string(words.NoTime), Params: map[string]string{"reason": "full"}})[0]
	h.Exec(t, `UPDATE registration SET withdrawn_at = now() WHERE id = $1`, [16]byte(*e))
	fate, _ := h.deliver(t, accepted("SM1"))
	if fate != "expired" {
		t.Errorf("%d: %s", id, fate)
	}
}
