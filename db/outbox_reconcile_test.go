package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
)

// bookOfTexts is a provider that a test writes by hand.
type bookOfTexts struct {
	texts []desk.SentText
	mute  string // a phone or an id that it cannot be asked about
	away  bool
	asked int
}

var errAway = errors.New("away")

func (b *bookOfTexts) Send(context.Context, desk.OutgoingText) desk.SendResult {
	return desk.SendResult{Outcome: desk.SendUnknown}
}

func (b *bookOfTexts) Fetch(_ context.Context, id string) (desk.SentText, error) {
	if id == b.mute {
		return desk.SentText{}, errAway
	}
	for _, s := range b.texts {
		if s.ProviderID == id {
			return s, nil
		}
	}
	return desk.SentText{}, nil
}

func (b *bookOfTexts) List(_ context.Context, to booking.Phone, since time.Time) ([]desk.SentText, error) {
	b.asked++
	if b.away || to.E164() == b.mute {
		return nil, errAway
	}
	var out []desk.SentText
	for _, s := range slices.Backward(b.texts) {
		if s.To == to && !s.CreatedAt.Before(since) {
			out = append(out, s)
		}
	}
	return out, nil
}

func (h *house) reconcile(t *testing.T, b *bookOfTexts) map[string]int {
	t.Helper()
	counts, err := h.outbox.ReconcileBy(t.Context(), h, b, time.Minute, 30*time.Second, 10*time.Minute)
	if err != nil && !b.away {
		t.Fatal(err)
	}
	return counts
}

// unknown makes one message with an unknown outcome.
func (h *house) unknown(t *testing.T, p booking.Person, kind, dedup string) (id int64, first int) {
	t.Helper()
	id = h.queue(t, desk.Message{Entry: h.person(t, p), Kind: kind, Dedup: dedup})[0]
	fate, said := h.deliver(t, desk.SendResult{Outcome: desk.SendUnknown})
	if fate != "unknown" {
		t.Fatalf("fate %q, want unknown", fate)
	}
	return id, said.First
}

func (h *house) copyOf(p booking.Person, dedup, sid string, s desk.ReceiptStatus) desk.SentText {
	return desk.SentText{ProviderID: sid, To: p.Phone, Body: "안내 (" + h.campaign.Keys.MessageReference(dedup) + ")", Status: s, CreatedAt: h.Now()}
}

func TestUnknownFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id, _ := h.unknown(t, p, "", "m")
	b := &bookOfTexts{texts: []desk.SentText{
		{ProviderID: "SM0", To: p.Phone, Body: "another text", CreatedAt: h.Now()},
		h.copyOf(p, "m", "SM1", desk.ReceiptSent), h.copyOf(p, "m", "SM2", desk.ReceiptAccepted),
	}}
	h.receive(t, "SM1", desk.ReceiptDelivered, 0)
	if h.reconcile(t, b); b.asked != 0 {
		t.Fatal("the provider was asked too early")
	}
	h.pass(time.Minute)
	if got := h.reconcile(t, b); got["found"] != 1 || got["double"] != 1 {
		t.Fatalf("counts %v, want one found and one double", got)
	}
	h.wantState(t, id, "delivered")
	if n := h.count(t, `SELECT count(*) FROM send_attempt WHERE outcome = 'found' AND provider_id = 'SM1' AND extra = 1`); n != 1 {
		t.Fatal("the attempt does not say what was found")
	}
}

func TestUnknownAbsentTwiceIsSentAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id, first := h.unknown(t, p, "registered", "m")
	b := &bookOfTexts{away: true}
	h.pass(time.Minute)
	if h.reconcile(t, b); b.asked != 1 {
		t.Fatal("the provider was not asked")
	}
	b.away = false
	for _, step := range []struct {
		pass time.Duration
		want string
	}{{0, "waiting"}, {29 * time.Second, ""}, {time.Second, "absent"}} {
		h.wantState(t, id, "unknown")
		h.pass(step.pass)
		got := h.reconcile(t, b)
		if step.want != "" && got[step.want] != 1 || step.want == "" && len(got) != 0 {
			t.Fatalf("counts %v, want %q", got, step.want)
		}
	}
	fate, said := h.deliver(t, accepted("SM2"))
	if fate != "accepted" || said.Reference != h.campaign.Keys.MessageReference("m") || said.First != first || first == 0 {
		t.Fatalf("sent again with fate %q, reference %q, number %d (was %d)", fate, said.Reference, said.First, first)
	}
	if n := h.count(t, `SELECT count(*) FROM send_attempt WHERE message_id = $1`, id); n != 2 {
		t.Fatalf("%d attempts, want 2", n)
	}
	if n := h.count(t, `SELECT count(*) FROM question`); n != 1 {
		t.Fatalf("%d questions, want 1", n)
	}
}

func TestCopyOfAnotherMessageIsNotTaken(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	e := h.person(t, p)
	h.queue(t, desk.Message{Entry: e, Dedup: "other"})
	h.deliver(t, accepted("SM1"))
	id, _ := h.unknown(t, p, "", "m")
	h.Exec(t, `UPDATE message SET reference = (SELECT reference FROM message WHERE dedup = 'm')`)
	h.pass(time.Minute)
	if got := h.reconcile(t, &bookOfTexts{texts: []desk.SentText{h.copyOf(p, "m", "SM1", desk.ReceiptSent)}}); got["waiting"] != 1 {
		t.Fatalf("counts %v, want waiting", got)
	}
	h.wantState(t, id, "unknown")
}

// One message that the provider cannot be asked about does not keep the others waiting, whichever it is.
func TestOneThatCannotBeAskedAboutHoldsUpNobody(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*house, *testing.T, booking.Person, string) int64{
		"an unknown outcome": func(h *house, t *testing.T, p booking.Person, dedup string) int64 {
			id, _ := h.unknown(t, p, "", dedup)
			return id
		},
		"a receipt that does not come": func(h *house, t *testing.T, p booking.Person, dedup string) int64 {
			id := h.queue(t, desk.Message{Entry: h.person(t, p), Dedup: dedup})[0]
			h.deliver(t, accepted(dedup))
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			b := &bookOfTexts{mute: dbtest.Person(0).Phone.E164()}
			if name != "an unknown outcome" {
				b.mute = "SM0"
			}
			var ids []int64
			for n := range 6 {
				sid := fmt.Sprint("SM", n)
				ids = append(ids, begin(h, t, dbtest.Person(n), sid))
				b.texts = append(b.texts, h.copyOf(dbtest.Person(n), sid, sid, desk.ReceiptDelivered))
				h.pass(time.Second)
			}
			h.pass(10 * time.Minute)
			if _, err := h.outbox.ReconcileBy(t.Context(), h, b, time.Minute, 30*time.Second, 10*time.Minute); !errors.Is(err, errAway) {
				t.Errorf("nothing was said of the one: %v", err)
			}
			for _, id := range ids[1:] {
				h.wantState(t, id, "delivered")
			}
		})
	}
}

func TestDeadWorkerIsReconciled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id := h.queue(t, desk.Message{Entry: h.person(t, p), Dedup: "m"})[0]
	m := h.only(t)
	c, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	b := &bookOfTexts{texts: []desk.SentText{h.copyOf(p, "m", "SM1", desk.ReceiptAccepted)}}
	sweep := func() int {
		_, n, err := h.outbox.Sweep(t.Context(), h.Now(), 30*time.Second, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if sweep() != 0 {
		t.Fatal("swept a message that is being sent")
	}
	h.pass(time.Minute)
	if sweep() != 1 {
		t.Fatal("did not sweep the dead worker's message")
	}
	h.wantState(t, id, "unknown")
	h.pass(time.Minute)
	h.reconcile(t, b)
	h.wantState(t, id, "accepted")
	// The worker was only slow: its answer is the copy that was found, and no double.
	if fate, err := h.outbox.FinishSend(t.Context(), c, accepted("SM1"), h.Now()); err != nil || fate != "accepted" {
		t.Fatal(fate, err)
	}
	if n := h.count(t, `SELECT sum(extra) FROM send_attempt`); n != 0 {
		t.Fatalf("%d doubles counted, want none", n)
	}
}

func TestLateAnswerAfterSendingAgainIsAKnownDouble(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id := h.queue(t, desk.Message{Entry: h.person(t, p), Dedup: "m"})[0]
	m := h.only(t)
	c, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	h.pass(time.Minute)
	if _, _, err := h.outbox.Sweep(t.Context(), h.Now(), 30*time.Second, time.Minute); err != nil {
		t.Fatal(err)
	}
	b := &bookOfTexts{}
	h.pass(time.Minute)
	h.reconcile(t, b)
	h.pass(time.Minute)
	h.reconcile(t, b)
	h.deliver(t, accepted("SM2"))
	if _, err := h.outbox.FinishSend(t.Context(), c, accepted("SM1"), h.Now()); err != nil {
		t.Fatal(err)
	}
	h.wantState(t, id, "accepted")
	if n := h.count(t, `SELECT sum(extra) FROM send_attempt WHERE message_id = $1`, id); n != 1 {
		t.Fatalf("%d doubles counted, want 1", n)
	}
}

func TestMissingReceiptIsFetched(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := dbtest.Person(1)
	id := h.queue(t, desk.Message{Entry: h.person(t, p), Dedup: "m"})[0]
	h.deliver(t, accepted("SM1"))
	b := &bookOfTexts{texts: []desk.SentText{h.copyOf(p, "m", "SM1", desk.ReceiptDelivered)}}
	if got := h.reconcile(t, b); got["asked"] != 0 {
		t.Fatal("asked too early")
	}
	h.pass(10 * time.Minute)
	if got := h.reconcile(t, b); got["asked"] != 1 {
		t.Fatalf("counts %v, want asked", got)
	}
	h.wantState(t, id, "delivered")
}
