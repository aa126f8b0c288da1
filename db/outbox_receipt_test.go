package db_test

import (
	"fmt"
	"sync"
	"testing"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

func (h *house) receive(t *testing.T, id string, s desk.ReceiptStatus, code int) {
	t.Helper()
	if err := h.outbox.Receive(t.Context(), id, s, code, h.Now()); err != nil {
		t.Fatal(err)
	}
}

// TestReceiptsShuffledAndDoubled gives the receipts in every order, each twice, cut at every point by our own storing of
// the provider's id.
func TestReceiptsShuffledAndDoubled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerPhoneDay = 100 }) // all go to one phone
	e := h.person(t, dbtest.Person(1))
	a, s, d := desk.ReceiptAccepted, desk.ReceiptSent, desk.ReceiptDelivered
	orders := [][]desk.ReceiptStatus{{a, s, d}, {a, d, s}, {s, a, d}, {s, d, a}, {d, a, s}, {d, s, a}}
	for i, order := range orders {
		for cut := range 7 {
			name := fmt.Sprintf("SM%d-%d", i, cut)
			id := h.queue(t, desk.Message{Entry: e, Dedup: name})[0]
			twice := append(append([]desk.ReceiptStatus{}, order...), order...)
			for _, r := range twice[:cut] {
				h.receive(t, name, r, 0)
			}
			h.deliver(t, accepted(name))
			for _, r := range twice[cut:] {
				h.receive(t, name, r, 0)
			}
			h.wantState(t, id, "delivered")
			h.receive(t, name, desk.ReceiptUndelivered, 30003)
			h.wantState(t, id, "delivered")
		}
	}
	if n := h.count(t, `SELECT count(*) FROM receipt WHERE NOT applied`); n != 0 {
		t.Fatalf("%d receipts not applied", n)
	}
	if n := h.count(t, `SELECT count(*) FROM escalation`); n != 0 {
		t.Fatalf("%d escalations for delivered messages", n)
	}
}

func TestUndeliveredEscalatesOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	h.receive(t, "SM1", desk.ReceiptUndelivered, 30006) // faster than our own storing
	if fate, _ := h.deliver(t, accepted("SM1")); fate != "undelivered" {
		t.Fatalf("fate %q, want undelivered", fate)
	}
	h.receive(t, "SM1", desk.ReceiptUndelivered, 30006)
	h.receive(t, "SM1", desk.ReceiptFailed, 30008)
	h.wantState(t, id, "undelivered")
	if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = 'undelivered:30006' AND message_id = $1`, id); n != 1 {
		t.Fatalf("%d escalations, want 1", n)
	}
	if n := h.count(t, `SELECT count(*) FROM escalation`); n != 1 {
		t.Fatalf("%d escalations in all, want 1", n)
	}
}

// TestReceiptRacesFinish lets the receipt and our own storing of the id happen at the same time: neither may miss the
// other.
func TestReceiptRacesFinish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	for i := range 20 {
		name := fmt.Sprintf("SM%d", i)
		id := h.queue(t, desk.Message{Entry: e, Dedup: name})[0]
		m := h.only(t)
		c, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now())
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := h.outbox.FinishSend(t.Context(), c, accepted(name), h.Now()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			if err := h.outbox.Receive(t.Context(), name, desk.ReceiptDelivered, 0, h.Now()); err != nil {
				t.Error(err)
			}
		})
		wg.Wait()
		h.wantState(t, id, "delivered")
	}
}

func TestReceiptOfNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.receive(t, "SM-unknown", desk.ReceiptDelivered, 0)
	if n := h.count(t, `SELECT count(*) FROM receipt WHERE NOT applied`); n != 1 {
		t.Fatalf("%d waiting receipts, want 1", n)
	}
	if err := h.outbox.Receive(t.Context(), "", desk.ReceiptDelivered, 0, h.Now()); err == nil {
		t.Fatal("a receipt without an id was stored")
	}
	if err := h.outbox.Receive(t.Context(), "SM1", "partially_delivered", 0, h.Now()); err == nil {
		t.Fatal("a receipt with a state of the provider's own was stored")
	}
}
