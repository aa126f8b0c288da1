package db_test

import (
	"testing"
	"time"

	"jari/booking/desk"
	"jari/db/dbtest"
)

// The key of a copy is the same until it is known that the copy was taken, and belongs to one message and one phone.
func TestKeysOfCopies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id, _ := h.unknown(t, p, "registered", "m")
	absent := &bookOfTexts{}
	h.pass(time.Minute)
	h.reconcile(t, absent)
	h.pass(30 * time.Second)
	h.reconcile(t, absent)
	h.deliver(t, desk.SendResult{Outcome: desk.SendNotSent}) // absent, and sent again
	h.pass(time.Minute)
	h.deliver(t, desk.SendResult{Outcome: desk.SendSlowDown})
	h.pass(time.Hour)
	h.deliver(t, accepted("SM1"))
	for i, key := range h.keys {
		if key == "" || key != h.keys[0] {
			t.Errorf("try %d of one copy has key %q, the first %q", i, key, h.keys[0])
		}
	}
	if len(h.keys) != 4 {
		t.Fatalf("%d tries", len(h.keys))
	}
	h.Exec(t, `UPDATE message SET state = 'pending', due_at = $1 WHERE id = $2`, h.Now(), id) // the copy is known to have failed
	h.pass(time.Second)
	h.deliver(t, accepted("SM2"))
	h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(2)), Dedup: "another"})
	h.deliver(t, accepted("SM3"))
	if again, another := h.keys[4], h.keys[5]; again == h.keys[0] || another == again || another == h.keys[0] {
		t.Errorf("keys %v", h.keys)
	}
}

// When nobody knows whether a provider took another copy, an earlier one that did not arrive is not taken for it.
func TestAnEarlierCopyIsNotTakenForALaterOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id := h.queue(t, desk.Message{Entry: h.person(t, p), Dedup: "m"})[0]
	h.sent(t, "SM1")
	first := h.copyOf(p, "m", "SM1", desk.ReceiptUndelivered)
	h.fell(t, "SM1", 30003)
	h.pass(time.Hour)
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendUnknown}); fate != "unknown" {
		t.Fatalf("fate %q, want unknown", fate)
	}
	b := &bookOfTexts{texts: []desk.SentText{first}}
	h.pass(time.Minute)
	if got := h.reconcile(t, b); got["waiting"] != 1 {
		t.Fatalf("counts %v, want waiting: the copy that did not arrive says nothing of the next", got)
	}
	b.texts = append(b.texts, h.copyOf(p, "m", "SM2", desk.ReceiptSent))
	h.pass(time.Minute)
	if got := h.reconcile(t, b); got["found"] != 1 || got["double"] != 0 {
		t.Fatalf("counts %v, want one found", got)
	}
	h.wantState(t, id, "sent")
	if n := h.count(t, `SELECT count(*) FROM message WHERE provider_id = 'SM2'`); n != 1 {
		t.Error("the message does not go by its last copy")
	}
}
