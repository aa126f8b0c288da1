package db_test

import (
	"context"
	"testing"
	"time"

	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// An outcome that cannot be stored spoils no other of its batch: what was refused must not become unknown.
func TestOneOutcomeSpoilsNoOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bad, good := dbtest.Person(1), dbtest.Person(2)
	ids := h.queue(t, desk.Message{Entry: h.person(t, bad), Dedup: "bad"}, desk.Message{Entry: h.person(t, good), Dedup: "good"})
	var turns []desk.Turn
	for _, m := range h.release(t) {
		turns = append(turns, desk.Turn{Message: m.id, N: m.n})
	}
	fates, err := h.outbox.Deliver(t.Context(), turns, db.OneRoute(nil), h, time.Minute, func(_ context.Context, l desk.Letter) desk.SendResult {
		if l.Text.To == bad.Phone {
			h.Exec(t, `UPDATE message SET params = '{"first": "no number"}' WHERE dedup = 'bad'`)
		}
		return desk.SendResult{Outcome: desk.SendRefused, Code: 30007}
	})
	if err == nil || fates["failed"] != 1 {
		t.Errorf("fates %v, error %v, want one failed and an error about the other", fates, err)
	}
	h.wantState(t, ids[0], "sending") // the sweep's
	h.wantState(t, ids[1], "failed")
}
