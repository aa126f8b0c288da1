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
