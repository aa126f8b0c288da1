package db_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// inbound keeps a text of an invented person.
func (h *house) inbound(t *testing.T, p booking.Person) int64 {
	t.Helper()
	id, _, err := db.NewSwitchboard(h.Pool, h.set).Keep(t.Context(), desk.Inbound{
		Campaign: h.campaign.ID, Provider: "sim", ProviderSID: uuid.NewString(), From: p.Phone, Body: "?", Arrival: h.Now(),
		PhoneHash: h.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, p)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// twoNumbers are two ways to Korean phones, and a third that does not reach them.
func twoNumbers() desk.Routes {
	return desk.Routes{{Name: "one", Prefixes: []string{"+82"}}, {Name: "abroad", Prefixes: []string{"+99"}}, {Name: "two"}}
}

// sent hands the only message to the provider, which accepts it.
func (h *house) sent(t *testing.T, providerID string) {
	t.Helper()
	if fate, _ := h.deliver(t, accepted(providerID)); fate != "accepted" {
		t.Fatalf("fate %q, want accepted", fate)
	}
}

// fell lets the provider report that a text did not arrive.
func (h *house) fell(t *testing.T, providerID string, code int) {
	t.Helper()
	if err := h.outbox.Receive(t.Context(), providerID, desk.ReceiptUndelivered, code, h.Now()); err != nil {
		t.Fatal(err)
	}
}

func (h *house) wantUntold(t *testing.T, calls, listed int) {
	t.Helper()
	if n := h.count(t, `SELECT count(*) FROM callback WHERE closed_at IS NULL AND reasons = '{untold}'`); n != calls {
		t.Errorf("%d calls are owed, want %d", n, calls)
	}
	if n := h.count(t, `SELECT count(*) FROM escalation`); n != listed {
		t.Errorf("%d stand on the agents' list, want %d", n, listed)
	}
}

func (h *house) wantTrail(t *testing.T, act string, want int) {
	t.Helper()
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE act = $1`, act); n != want {
		t.Errorf("%d lines %q in the trail, want %d", n, act, want)
	}
}

// A text that is filtered leaves by another number that reaches the phone, at once; when that fails too, a person calls.
func TestAFilteredTextGoesByAnotherNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.outbox.Over(twoNumbers())
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	h.sent(t, "SM1")
	h.fell(t, "SM1", 30007)
	h.wantState(t, id, "pending")
	if n := h.count(t, `SELECT count(*) FROM message WHERE tried = '{one}' AND provider_id IS NULL`); n != 1 {
		t.Fatal("the number that did not get through is not noted")
	}
	h.wantUntold(t, 0, 0)
	h.pass(time.Second)
	h.sent(t, "SM2")
	h.fell(t, "SM1", 30007) // again, and late
	h.wantState(t, id, "accepted")
	h.fell(t, "SM2", 30008)
	h.wantState(t, id, "undelivered")
	h.wantUntold(t, 1, 1)
	h.wantTrail(t, "message.rerouted", 1)
	h.wantTrail(t, "callback.opened", 1)
	h.wantLaws(t)
}

// wantLaws lets an hour pass and audits what the laws about messages say.
func (h *house) wantLaws(t *testing.T) {
	t.Helper()
	r, err := db.Audit(t.Context(), h.Pool, h.set, db.AuditOptions{Now: h.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range r.Laws {
		if (l.Law == 5 || l.Law == 6) && l.Violations > 0 {
			t.Errorf("law %d: %s", l.Law, l.First)
		}
	}
}

// A refusal goes up the same ladder as a receipt.
func TestARefusalGoesByAnotherNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.outbox.Over(twoNumbers())
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendRefused, Code: 21612}); fate != "pending" {
		t.Fatalf("fate %q, want pending", fate)
	}
	h.pass(time.Second)
	h.sent(t, "SM1")
	h.wantState(t, id, "accepted")
	h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(2)), Dedup: "filtered"})
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendRefused, Code: 30007, Permanent: true}); fate != "pending" {
		t.Errorf("fate %q of a text that one number of ours cannot send for good, want pending", fate)
	}
}

// A phone that is switched off gets one more text later, as long as it is of use.
func TestAPhoneThatIsOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		useful time.Duration
		again  bool
	}{"of use": {0, true}, "of no more use then": {time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.outbox.Over(twoNumbers())
			m := desk.Message{Entry: h.person(t, dbtest.Person(1))}
			if test.useful != 0 {
				m.UsefulUntil = h.Now().Add(test.useful)
			}
			id := h.queue(t, m)[0]
			h.sent(t, "SM1")
			h.fell(t, "SM1", 30003)
			if !test.again {
				h.wantState(t, id, "undelivered")
				h.wantUntold(t, 1, 1)
				return
			}
			h.wantState(t, id, "pending")
			h.pass(59 * time.Minute)
			if got := h.release(t); len(got) != 0 {
				t.Fatal("released before the phone was given its time")
			}
			h.pass(time.Minute)
			h.sent(t, "SM2")
			h.fell(t, "SM2", 30003)
			h.wantState(t, id, "undelivered")
			h.wantUntold(t, 1, 1)
		})
	}
}

// Whom no text reaches is told by call from the start, in the order of their entry and outside quiet hours. One open call is enough for
// everything that there is to say.
func TestALandlineIsToldByCall(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8 })
	p := dbtest.Person(1)
	var err error
	if p.Phone, err = booking.ParseE164("+82232100000"); err != nil {
		t.Fatal(err)
	}
	e := h.person(t, p)
	y, m, d := h.Now().In(h.campaign.Zone).Date()
	h.at = time.Date(y, m, d+1, 23, 0, 0, 0, h.campaign.Zone)
	h.queue(t, desk.Message{Entry: e, Urgent: true, Dedup: "a"})
	h.wantFate(t, "undelivered")
	h.wantUntold(t, 1, 1)
	if n := h.count(t, `SELECT count(*) FROM callback k JOIN registration r ON r.id = k.registration_id WHERE k.order_at = r.arrival AND k.due_at = $1`,
		time.Date(y, m, d+2, 8, 0, 0, 0, h.campaign.Zone)); n != 1 {
		t.Error("the call has not the order of the entry, or is due in quiet hours")
	}
	h.queue(t, desk.Message{Entry: e, Urgent: true, Dedup: "b", Kind: string(words.Status)}, desk.Message{Entry: e, Urgent: true, Dedup: "c", Kind: string(words.News)})
	h.wantFate(t, "undelivered", "undelivered")
	h.wantUntold(t, 1, 2) // what only says it again is no item of its own
	if n := h.count(t, `SELECT cardinality(messages) FROM callback`); n != 3 {
		t.Errorf("the call tells %d things, want 3", n)
	}
}

// wantFate releases messages, and wants their fates without a call to the provider.
func (h *house) wantFate(t *testing.T, want ...string) {
	t.Helper()
	out := h.release(t)
	if len(out) != len(want) {
		t.Fatalf("released %d messages, want %d", len(out), len(want))
	}
	for i, m := range out {
		fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
			t.Error("the provider was called")
			return accepted("SM0")
		})
		if err != nil || fate != want[i] {
			t.Fatalf("fate %q, %v, want %q", fate, err, want[i])
		}
	}
}

// A helper's copy and an answer to a stranger try other numbers, and end without a call: there is nobody to be called for it.
func TestNobodyIsCalledForAStrangersAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := h.inbound(t, dbtest.Person(1))
	h.pass(time.Second)
	id := h.queue(t, desk.Message{Inbound: in, Kind: string(words.NoEntry), Urgent: true})[0]
	h.sent(t, "SM1")
	h.fell(t, "SM1", 30005)
	h.wantState(t, id, "undelivered")
	h.wantUntold(t, 0, 0)
}

// A number of ours whose texts the phone has stopped is no other way to it: the provider's trouble is waited for instead.
func TestAStoppedNumberIsNoOtherWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.outbox.Over(twoNumbers())
	p := dbtest.Person(1)
	phone := h.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, p))
	h.Exec(t, `INSERT INTO opt_out (campaign_id, phone_hash, route, stopped_at) VALUES ($1, $2, 'two', now())`, h.campaign.ID, phone[:])
	id := h.queue(t, desk.Message{Entry: h.person(t, p)})[0]
	h.sent(t, "SM1")
	h.fell(t, "SM1", 30001)
	h.pass(5 * time.Minute)
	h.sent(t, "SM2")
	h.fell(t, "SM2", 30001)
	h.wantState(t, id, "pending")
	if n := h.count(t, `SELECT count(*) FROM message WHERE tried = '{}' AND due_at = $1`, h.Now().Add(30*time.Minute)); n != 1 {
		t.Error("it does not wait until the provider's trouble is over")
	}
	h.pass(30 * time.Minute)
	h.sent(t, "SM3")
	h.fell(t, "SM3", 30007)
	h.wantState(t, id, "undelivered")
	h.wantUntold(t, 1, 1)
	h.wantTrail(t, "message.rerouted", 0)
}

// Whoever wants no texts and applies at night is called in the morning.
func TestWhoWantsNoTextsIsNotCalledAtNight(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.QuietFrom, c.Limits.QuietTo = 21, 8 })
	e := h.person(t, dbtest.Person(1))
	phone := h.campaign.Keys.Phone(dbtest.Person(1).Phone)
	h.Exec(t, `INSERT INTO opt_out (campaign_id, phone_hash, route, stopped_at) VALUES ($1, $2, '', now())`, h.campaign.ID, phone[:])
	for h.Now().In(h.campaign.Zone).Hour() != 23 {
		h.pass(time.Hour)
	}
	h.queue(t, desk.Message{Entry: e, Kind: string(words.Registered), Urgent: true})
	h.wantFate(t, "undelivered")
	h.wantUntold(t, 1, 1)
	var due time.Time
	if h.Scan(t, `SELECT due_at FROM callback`, nil, &due); due.In(h.campaign.Zone).Hour() != 8 {
		t.Errorf("called at %v", due.In(h.campaign.Zone))
	}
}

// A reminder of which it is known only after the start that it did not arrive is nobody's call any more; an offer is.
func TestNobodyIsCalledToBeRemindedTooLate(t *testing.T) {
	t.Parallel()
	for kind, test := range map[words.Kind]struct {
		state string
		calls int
	}{words.Reminder: {"expired", 0}, words.News: {"expired", 0}, words.Offer: {"undelivered", 1}} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			m := desk.Message{Entry: h.person(t, dbtest.Person(1)), Kind: string(kind), UsefulUntil: h.Now().Add(time.Hour)}
			if kind != words.News {
				m.Appointment = h.offer(t, m.Entry, booking.Offered)
			}
			id := h.queue(t, m)[0]
			h.sent(t, "SM1")
			h.pass(time.Hour)
			h.fell(t, "SM1", 30036)
			h.wantState(t, id, test.state)
			h.wantUntold(t, test.calls, test.calls)
		})
	}
}
