package db_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// offer gives the person the first slot, in a state.
func (h *house) offer(t *testing.T, e *booking.ID, state booking.AppointmentState) int64 {
	t.Helper()
	var id int64
	h.Scan(t, `INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
		SELECT campaign_id, $1, id, pool_id, 1, 'offered', now(), 0, now(), now(), 'test' FROM slot ORDER BY id LIMIT 1 RETURNING id`,
		[]any{[16]byte(*e)}, &id)
	if state != booking.Offered {
		h.Exec(t, `UPDATE appointment SET state = $2 WHERE id = $1`, id, string(state))
	}
	return id
}

func TestWhoIsNotToldInTimeIsCalled(t *testing.T) {
	t.Parallel()
	rehearsal := func(c *booking.Campaign) { c.Mode = booking.Rehearsal }
	listed := func(c *booking.Campaign) {
		c.Mode, c.RehearsalPhones = booking.Rehearsal, []booking.Phone{dbtest.Person(1).Phone}
	}
	for name, test := range map[string]struct {
		opts      []dbtest.Options
		kind      words.Kind
		state     booking.AppointmentState // of the offer's appointment
		withdrawn bool
		calls     int
	}{
		"offer":                 {kind: words.Offer, state: booking.Offered, calls: 1},
		"confirmed offer":       {kind: words.Offer, state: booking.Confirmed, calls: 1},
		"declined offer":        {kind: words.Offer, state: booking.Declined},
		"offer taken back":      {kind: words.Offer, state: booking.Cancelled},
		"registered":            {kind: words.Registered, calls: 1},
		"welcome":               {kind: words.Welcome, calls: 1},
		"cancelled":             {kind: words.Cancelled, calls: 1},
		"withdrawn since":       {kind: words.Welcome, withdrawn: true},
		"code":                  {kind: words.Code},
		"answer":                {kind: words.Status},
		"rehearsal":             {opts: []dbtest.Options{rehearsal}, kind: words.Welcome},
		"rehearsal's own phone": {opts: []dbtest.Options{listed}, kind: words.Welcome, calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, test.opts...)
			m := desk.Message{Entry: h.person(t, dbtest.Person(1)), Kind: string(test.kind), UsefulUntil: h.Now()}
			if test.kind == words.Offer {
				m.Appointment = h.offer(t, m.Entry, test.state)
			}
			if test.withdrawn {
				h.Exec(t, `UPDATE registration SET withdrawn_at = now()`)
			}
			id := h.queue(t, m)[0]
			got := h.only(t)
			c, ok, err := h.outbox.ClaimSend(t.Context(), id, got.n, h.Now())
			if ok || err != nil || c.Fate != "expired" {
				t.Fatalf("claimed %v, fate %q, %v", ok, c.Fate, err)
			}
			if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = 'not_told_in_time' AND message_id = $1`, id); n != test.calls {
				t.Fatalf("%d escalations, want %d", n, test.calls)
			}
			if n := h.count(t, `SELECT count(*) FROM escalation`); n != test.calls {
				t.Fatalf("%d escalations of any kind, want %d", n, test.calls)
			}
		})
	}
}

func TestTextsToOnePhoneAreLimited(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerPhoneDay = 2 })
	one, other := h.person(t, dbtest.Person(1)), h.person(t, dbtest.Person(2))
	h.at = time.Date(2030, 3, 4, 12, 0, 0, 0, h.campaign.Zone)
	var ms []desk.Message
	for i := range 8 {
		ms = append(ms, desk.Message{Entry: one, Kind: string(words.Registered), Urgent: i%2 == 0, Dedup: fmt.Sprint("one/", i)})
	}
	// One that is of no use the next day.
	ms[7].Kind, ms[7].UsefulUntil = string(words.Code), h.Now().Add(5*time.Minute)
	ms = append(ms, desk.Message{Entry: other})
	id := h.queue(t, ms...)
	var calls, capped atomic.Int64
	var wg sync.WaitGroup
	for _, m := range h.release(t) {
		wg.Go(func() {
			fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
				calls.Add(1)
				return accepted(fmt.Sprint("SM", m.id))
			})
			if err != nil {
				t.Error(err)
			}
			if fate == db.FateCapped {
				capped.Add(1)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 3 || capped.Load() != 6 {
		t.Fatalf("%d texts were sent and %d put off, want 2 to one phone, 1 to another and 6", calls.Load(), capped.Load())
	}
	h.wantState(t, id[8], "accepted")
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE act = 'spend.phone' AND detail - 'message' = '{"texts_per_phone_day": 2}'`); n != 1 {
		t.Fatalf("%d lines in the trail, want 1", n)
	}
	for what, want := range map[string]int{
		`SELECT texts FROM spend`:                                                                  3,
		`SELECT count(*) FROM send_attempt`:                                                        3,
		`SELECT sum(texts) FROM phone_spend`:                                                       3,
		`SELECT max(texts) FROM phone_spend`:                                                       2,
		`SELECT count(*) FROM message WHERE state = 'pending'`:                                     6,
		`SELECT count(*) FROM audit_log WHERE act = 'spend.cap'`:                                   0,
		`SELECT count(*) FROM phone_spend WHERE alarmed_at IS NULL`:                                1,
		`SELECT count(*) FROM phone_spend WHERE day = '2030-03-04'`:                                2,
		`SELECT count(*) FROM message WHERE state = 'pending' AND due_at <> '2030-03-05 00:00+09'`: 0,
	} {
		if n := h.count(t, what); n != want {
			t.Errorf("%s: %d, want %d", what, n, want)
		}
	}
	if got := h.release(t); len(got) != 0 {
		t.Fatalf("%d released on the same day", len(got))
	}
	h.at = time.Date(2030, 3, 5, 0, 0, 0, 0, h.campaign.Zone)
	if got := h.release(t); len(got) != 6 {
		t.Fatalf("%d released on the next day, want 6", len(got))
	}
}

// Claims that meet at the very cap: no text too many, and whoever came too late is put off at the next try.
func TestManyClaimsAtTheCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerDay = 3 })
	var ms []desk.Message
	for i := range 12 {
		ms = append(ms, desk.Message{Entry: h.person(t, dbtest.Person(i))})
	}
	ids := h.queue(t, ms...)
	h.Exec(t, `UPDATE message SET state = 'queued', enqueued = 1`) // as if several workers had released at once
	var calls, capped atomic.Int64
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			for range 3 { // as the task queue tries
				fate, err := h.outbox.DeliverOne(t.Context(), id, 1, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
					calls.Add(1)
					return accepted(fmt.Sprint("SM", id))
				})
				if fate == db.FateCapped {
					capped.Add(1)
				}
				if err == nil {
					return
				}
			}
			t.Errorf("message %d was neither sent nor put off", id)
		})
	}
	wg.Wait()
	if calls.Load() != 3 || capped.Load() != 9 {
		t.Errorf("%d texts were sent and %d put off, want 3 and 9", calls.Load(), capped.Load())
	}
	for what, want := range map[string]int{
		`SELECT texts FROM spend`:            3,
		`SELECT sum(texts) FROM phone_spend`: 3,
		`SELECT count(*) FROM send_attempt`:  3,
		`SELECT count(*) FROM message WHERE state = 'pending' AND due_at > now() - interval '1 hour'`: 9,
		`SELECT count(*) FROM audit_log WHERE act = 'spend.cap'`:                                      1,
	} {
		if n := h.count(t, what); n != want {
			t.Errorf("%s: %d, want %d", what, n, want)
		}
	}
}

func TestTextsThatWereNotSentDoNotCountForThePhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerPhoneDay = 1 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 12, 0, 0, 0, h.campaign.Zone)
	h.queue(t, desk.Message{Entry: e})
	for _, r := range []desk.SendResult{{Outcome: desk.SendNotSent, Code: 20003}, {Outcome: desk.SendSlowDown, RetryAfter: time.Second}} {
		if fate, _ := h.deliver(t, r); fate != "pending" {
			t.Fatalf("fate %q", fate)
		}
		if n := h.count(t, `SELECT texts FROM phone_spend`); n != 0 {
			t.Fatalf("%d texts counted although none was sent", n)
		}
		h.pass(time.Minute)
	}
	if fate, _ := h.deliver(t, accepted("SM1")); fate != "accepted" {
		t.Fatalf("fate %q", fate)
	}
	h.queue(t, desk.Message{Entry: e, Dedup: "second"})
	if fate, _ := h.deliver(t, accepted("SM2")); fate != db.FateCapped {
		t.Fatalf("fate %q, want %q", fate, db.FateCapped)
	}
}

func TestWhatIsNotSentDoesNotCountForThePhone(t *testing.T) {
	t.Parallel()
	landline, err := booking.ParseE164("+82232100000")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	p := dbtest.Person(1)
	p.Phone = landline
	h.queue(t, desk.Message{Entry: h.person(t, p)})
	if fate, _ := h.deliver(t, accepted("SM1")); fate != "undelivered" {
		t.Fatalf("fate %q", fate)
	}
	if n := h.count(t, `SELECT count(*) FROM phone_spend`); n != 0 {
		t.Fatalf("%d phones counted, want none", n)
	}
}

func TestStatusAsksForTheProof(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts   []dbtest.Options
		change string
		want   desk.State
	}{
		"must prove":      {opts: []dbtest.Options{dbtest.BeforeOffer}, want: desk.StateReceived},
		"has proven":      {opts: []dbtest.Options{dbtest.BeforeOffer}, change: `UPDATE registration SET attested = true`, want: desk.StateWaiting},
		"withdrawn":       {opts: []dbtest.Options{dbtest.BeforeOffer}, change: `UPDATE registration SET withdrawn_at = now()`, want: desk.StateWithdrawn},
		"proves by offer": {want: desk.StateWaiting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, test.opts...)
			e := h.person(t, dbtest.Person(1))
			if test.change != "" {
				h.Exec(t, test.change)
			}
			h.queue(t, desk.Message{Entry: e, Kind: string(words.Status)})
			if _, said := h.deliver(t, accepted("SM1")); said.State != string(test.want) {
				t.Fatalf("state %q, want %q", said.State, test.want)
			}
		})
	}
}

// In Chile the clocks go forward at midnight: the first Sunday of September has no 00:00. What waits for the next day waits
// for its first instant, and not for one that has passed, which would be tried again and again until then.
func TestTheNextDayBeginsWhereTheClocksSkipMidnight(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/Santiago")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *booking.Campaign) { c.Zone, c.Limits.TextsPerPhoneDay = zone, 1 })
	e := h.person(t, dbtest.Person(1))
	h.mu.Lock()
	h.at = time.Date(2027, time.September, 4, 23, 30, 0, 0, zone)
	h.mu.Unlock()
	h.queue(t, desk.Message{Entry: e, Urgent: true, Dedup: "first"})
	h.deliver(t, accepted("SM1"))
	id := h.queue(t, desk.Message{Entry: e, Urgent: true, Dedup: "second"})[0]
	c, ok, err := h.outbox.ClaimSend(t.Context(), id, h.only(t).n, h.Now())
	if ok || err != nil || c.Fate != db.FateCapped {
		t.Fatalf("claimed %v, fate %q, %v", ok, c.Fate, err)
	}
	var due time.Time
	h.Scan(t, `SELECT due_at FROM message WHERE id = $1`, []any{id}, &due)
	if want := time.Date(2027, time.September, 5, 1, 0, 0, 0, zone); !due.Equal(want) {
		t.Errorf("due at %v, want %v", due.In(zone), want)
	}
}
