package db_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// offered gives somebody an appointment, as a round would, without a text.
func (h *house) offered(t *testing.T, e *booking.ID) (appointment int64) {
	t.Helper()
	h.Scan(t, `INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
		SELECT campaign_id, $1, id, pool_id, 1, 'offered', $2, 0, $2, $2, 'job:assign' FROM slot ORDER BY starts_at DESC LIMIT 1 RETURNING id`,
		[]any{[16]byte(*e), h.Now()}, &appointment)
	return appointment
}

// untold sends one message that does not arrive: a call is owed for it.
func (h *house) untold(t *testing.T, m desk.Message) int64 {
	t.Helper()
	m.Dedup = m.Kind + "/untold"
	id := h.queue(t, m)[0]
	h.sent(t, "SM-"+m.Kind)
	h.fell(t, "SM-"+m.Kind, 30005)
	h.wantState(t, id, "undelivered")
	return id
}

// reached sends one message that arrives.
func (h *house) reached(t *testing.T, m desk.Message) {
	t.Helper()
	h.pass(time.Minute)
	m.Dedup = m.Kind + "/reached"
	h.queue(t, m)
	h.sent(t, "SM-reached-"+m.Kind)
	h.receive(t, "SM-reached-"+m.Kind, desk.ReceiptDelivered, 0)
}

func (h *house) closeTold(t *testing.T, want int) {
	t.Helper()
	if n, err := h.outbox.CloseTold(t.Context(), h.Now()); err != nil || n != want {
		t.Errorf("%d calls closed, %v, want %d", n, err, want)
	}
}

// A call that we owed for a text is closed when its person knows all the same, and by nothing less.
func TestACallIsClosedWhenItsPersonKnows(t *testing.T) {
	t.Parallel()
	offer, cancelled := string(words.Offer), string(words.Cancelled)
	for name, c := range map[string]struct {
		untold  string
		then    func(h *house, e *booking.ID, appointment int64)
		outcome string // "" while the call stays
	}{
		"nothing happens": {offer, func(*house, *booking.ID, int64) {}, ""},
		"a reminder arrives": {offer, func(h *house, e *booking.ID, a int64) {
			h.reached(t, desk.Message{Entry: e, Appointment: a, Kind: string(words.Reminder)})
		}, "told"},
		"a status arrives": {offer, func(h *house, e *booking.ID, _ int64) {
			h.reached(t, desk.Message{Entry: e, Kind: string(words.Status)})
		}, "told"},
		"a code arrives": {offer, func(h *house, e *booking.ID, _ int64) {
			h.reached(t, desk.Message{Entry: e, Kind: string(words.Code), Params: map[string]string{"request": "1"}})
		}, ""},
		"they confirm":           {offer, func(h *house, _ *booking.ID, a int64) { h.decide(t, a, "confirmed", "phone") }, "told"},
		"their helper confirms":  {offer, func(h *house, _ *booking.ID, a int64) { h.decide(t, a, "confirmed", "helper") }, ""},
		"the time is taken back": {offer, func(h *house, _ *booking.ID, a int64) { h.decide(t, a, "cancelled", "operator:kim") }, "over"},
		"an offer arrives": {string(words.Registered), func(h *house, e *booking.ID, a int64) {
			h.reached(t, desk.Message{Entry: e, Appointment: a, Kind: offer})
		}, "told"},
		"they get a time": {string(words.NoTime), func(h *house, e *booking.ID, _ int64) { h.pass(time.Minute); h.offered(t, e) }, "over"},
		"a status arrives at a stranger's": {offer, func(h *house, e *booking.ID, _ int64) {
			h.reached(t, desk.Message{Entry: e, Kind: string(words.Status)})
			h.Exec(t, `INSERT INTO refusal (campaign_id, registration_id, phone_hash, refused_at, actor) SELECT campaign_id, registration_id, phone_hash, $1, 'phone' FROM callback`, h.Now())
		}, ""},
		"a status arrives at an old number": {offer, func(h *house, e *booking.ID, _ int64) {
			h.reached(t, desk.Message{Entry: e, Kind: string(words.Status)})
			h.pass(time.Minute)
			h.Exec(t, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail) VALUES ($1, $2, $3, 'agent', 'correct', '{}')`, h.campaign.ID, [16]byte(*e), h.Now())
		}, ""},
		"gone, and a status": {cancelled, func(h *house, e *booking.ID, _ int64) {
			h.reached(t, desk.Message{Entry: e, Kind: string(words.Status)})
		}, ""},
		"a correction, and later": {string(words.Correction), func(h *house, e *booking.ID, a int64) {
			h.reached(t, desk.Message{Entry: e, Appointment: a, Kind: offer})
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			e := h.person(t, dbtest.Person(1))
			var a int64
			if c.untold != string(words.NoTime) {
				a = h.offered(t, e)
			}
			m := desk.Message{Entry: e, Kind: c.untold}
			if c.untold == offer || c.untold == cancelled {
				m.Appointment = a
			}
			id := h.untold(t, m)
			h.wantUntold(t, 1, 1)
			h.closeTold(t, 0)
			c.then(h, e, a)
			if c.outcome == "" {
				h.closeTold(t, 0)
				h.wantUntold(t, 1, 1)
				return
			}
			h.closeTold(t, 1)
			if n := h.count(t, `SELECT count(*) FROM callback WHERE outcome = $1 AND closed_by = 'job:told' AND $2 = ANY (messages)`, c.outcome, id); n != 1 {
				t.Errorf("no call was closed as %q", c.outcome)
			}
			if n := h.count(t, `SELECT count(*) FROM escalation WHERE closed_at IS NULL`); n != 0 {
				t.Errorf("%d still stand on the agents' list", n)
			}
			h.wantTrail(t, "callback.closed", 1)
			h.closeTold(t, 0)
		})
	}
}

// decide moves an appointment as somebody's change would.
func (h *house) decide(t *testing.T, appointment int64, to, actor string) {
	t.Helper()
	h.pass(time.Minute)
	h.Exec(t, `UPDATE appointment SET state = $2, changed_at = $3, changed_by = $4 WHERE id = $1`, appointment, to, h.Now(), actor)
}

// Whoever asked for a call, too, is still called for that, and hears from us meanwhile.
func TestACallForSomethingElseStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	a := h.offered(t, e)
	h.untold(t, desk.Message{Entry: e, Appointment: a, Kind: string(words.Offer)})
	h.Exec(t, `UPDATE callback SET reasons = reasons || '{asked}'`)
	h.decide(t, a, "confirmed", "phone")
	h.closeTold(t, 1)
	h.closeTold(t, 0)
	if n := h.count(t, `SELECT count(*) FROM callback WHERE closed_at IS NULL AND reasons = '{asked}'`); n != 1 {
		t.Error("the call that was asked for is not owed any more")
	}
}

// More open calls than one look goes through are all looked at, one look after the other.
func TestAllOpenCallsAreLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	a := h.offered(t, e)
	h.untold(t, desk.Message{Entry: e, Appointment: a, Kind: string(words.Offer)})
	h.Exec(t, `UPDATE callback SET order_at = '2100-01-01'`)
	h.Exec(t, `INSERT INTO callback (campaign_id, registration_id, phone_hash, reasons, messages, order_at, due_at, opened_at)
		SELECT campaign_id, gen_random_uuid(), phone_hash, reasons, '{}', now(), now(), now() FROM callback, generate_series(1, 450)`)
	h.decide(t, a, "confirmed", "phone")
	h.closeTold(t, 0)
	h.closeTold(t, 0)
	h.closeTold(t, 1)
}

// Whoever asks how things stand after an offer did not arrive has been told of it by the answer, and hears news again once they wait again. The audit
// holds each closed call against what became of the texts.
func TestWhoeverWasToldByAnAnswerIsNotCalled(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	h := &house{DB: s.DB, campaign: s.campaign, set: s.set, outbox: db.NewOutbox(s.Pool, s.set), at: s.now(t)}
	s.round(t)
	s.post(t)
	h.fell(t, fmt.Sprint("SM", s.sent), 30005)
	h.wantUntold(t, 1, 1)
	same(t, "the phone", kinds(s.says(t, phoneOf(0), "조회"), phoneOf(0)), "status")
	h.closeTold(t, 0) // nobody knows yet whether it arrived
	h.receive(t, fmt.Sprint("SM", s.sent), desk.ReceiptDelivered, 0)
	h.closeTold(t, 1)
	s.Exec(t, `UPDATE message SET state = 'delivered' WHERE state = 'accepted'`)
	h.wantLaws(t)
	s.Exec(t, `UPDATE message SET state = 'expired' WHERE kind = 'status'`)
	r, err := db.Audit(t.Context(), h.Pool, h.set, db.AuditOptions{Now: h.Now().Add(time.Hour)})
	ok(t, err)
	if !slices.ContainsFunc(r.Laws, func(l db.LawResult) bool {
		return l.Law == 5 && l.Violations == 1 && strings.HasPrefix(l.First, "callback")
	}) {
		t.Errorf("a call that was closed for nothing is not noticed: %s", r.Text())
	}
}

// Weekly news go on when the call is closed.
func TestNewsGoOnAfterACall(t *testing.T) {
	t.Parallel()
	p := newPast(t, long, one(1))
	p.offered(t, 2)
	p.delivered(t)
	h := &house{DB: p.DB, campaign: p.campaign, set: p.set, outbox: db.NewOutbox(p.Pool, p.set), at: p.now(t)}
	p.Exec(t, `UPDATE message SET state = 'undelivered' WHERE kind = 'no_time'`)
	p.Exec(t, `INSERT INTO callback (campaign_id, registration_id, phone_hash, reasons, messages, order_at, due_at, opened_at)
		SELECT campaign_id, registration_id, '\x00112233445566778899aabbccddeeff', '{untold}', ARRAY[id], now(), now(), now() FROM message WHERE kind = 'no_time'`)
	p.news(t, p.sunday(7), 0)
	h.queue(t, desk.Message{Entry: &p.ids[1], Kind: string(words.Status)})
	p.Exec(t, `UPDATE message SET state = 'delivered' WHERE kind = 'status'`)
	h.closeTold(t, 1)
	p.news(t, p.sunday(14), 1)
}
