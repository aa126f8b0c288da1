package db_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// house is a campaign with an outbox, and a clock that only the test moves.
type house struct {
	*dbtest.DB
	campaign *desk.Campaign
	set      *db.Campaigns
	outbox   *db.Outbox
	at       time.Time
	mu       sync.Mutex
	keys     []string // of the copies that deliver handed over
}

func newHouse(t *testing.T, opts ...dbtest.Options) *house {
	t.Helper()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, opts...)
	return &house{DB: d, campaign: c, set: set, outbox: db.NewOutbox(d.Pool, set), at: time.Now().Truncate(time.Microsecond)}
}

// Now implements desk.Clock.
func (h *house) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = h.at.Add(d)
}

// person stores an invented person's registration.
func (h *house) person(t *testing.T, p booking.Person) *booking.ID {
	t.Helper()
	intake := db.NewIntake(h.Pool, db.IntakeOptions{})
	defer intake.Close()
	a := dbtest.Application(t, h.campaign, p, h.Now(), "secret")
	if _, err := intake.Store(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return &a.ID
}

// queue puts messages into the outbox; what is left out is filled in.
func (h *house) queue(t *testing.T, ms ...desk.Message) []int64 {
	t.Helper()
	for i := range ms {
		ms[i].Campaign = h.campaign.ID
		if ms[i].Kind == "" {
			ms[i].Kind = string(words.Welcome)
		}
		if ms[i].Dedup == "" {
			ms[i].Dedup = fmt.Sprintf("test/%d", i)
		}
	}
	err := pgx.BeginFunc(t.Context(), h.Pool, func(tx pgx.Tx) error {
		return db.InsertMessages(t.Context(), tx, h.set, ms, h.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]int64, len(ms))
	for i, m := range ms {
		h.Scan(t, `SELECT id FROM message WHERE campaign_id = $1 AND dedup = $2`, []any{m.Campaign, m.Dedup}, &out[i])
	}
	return out
}

type handed struct {
	id     int64
	n      int
	urgent bool
}

// release releases once, with a window of 1,000 and an interval of a second.
func (h *house) release(t *testing.T) []handed {
	t.Helper()
	var out []handed
	_, err := h.outbox.ReleaseEach(t.Context(), h.Now(), 1000, time.Second, func(_ context.Context, id int64, n int, _ words.Kind, urgent bool) error {
		out = append(out, handed{id, n, urgent})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// only releases and insists on one message.
func (h *house) only(t *testing.T) handed {
	t.Helper()
	out := h.release(t)
	if len(out) != 1 {
		t.Fatalf("released %d messages, want 1", len(out))
	}
	return out[0]
}

// deliver releases one message and lets the provider answer with r.
func (h *house) deliver(t *testing.T, r desk.SendResult) (string, words.Data) {
	t.Helper()
	m := h.only(t)
	var said words.Data
	fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(_ context.Context, _ words.Kind, _ booking.Lang, d words.Data, text desk.OutgoingText) desk.SendResult {
		said, h.keys = d, append(h.keys, text.Key)
		return r
	})
	if err != nil {
		t.Fatal(err)
	}
	return fate, said
}

func (h *house) state(t *testing.T, id int64) string {
	t.Helper()
	var s string
	h.Scan(t, `SELECT state FROM message WHERE id = $1`, []any{id}, &s)
	return s
}

func (h *house) wantState(t *testing.T, id int64, want string) {
	t.Helper()
	if got := h.state(t, id); got != want {
		t.Fatalf("message is %s, want %s", got, want)
	}
}

func (h *house) count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	h.Scan(t, sql, args, &n)
	return n
}

func accepted(id string) desk.SendResult {
	return desk.SendResult{Outcome: desk.SendAccepted, ProviderID: id}
}

func TestClaimHasOneWinner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	m := h.only(t)
	var won, calls atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			fate, err := h.outbox.DeliverOne(t.Context(), m.id, m.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
				calls.Add(1)
				return accepted(fmt.Sprintf("SM%d", i))
			})
			if err != nil {
				t.Error(err)
			}
			if fate != "" {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || calls.Load() != 1 {
		t.Fatalf("%d winners, %d calls to the provider, want one each", won.Load(), calls.Load())
	}
	h.wantState(t, id, "accepted")
	if n := h.count(t, `SELECT texts FROM spend`); n != 1 {
		t.Fatalf("%d texts counted, want 1", n)
	}
}

func TestOldTaskDoesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1))})[0]
	m := h.only(t)
	h.pass(time.Minute)
	if n, _, err := h.outbox.Sweep(t.Context(), h.Now(), 30*time.Second, time.Minute); err != nil || n != 1 {
		t.Fatalf("swept %d, %v", n, err)
	}
	second := h.only(t)
	if second.n != m.n+1 {
		t.Fatalf("second task has number %d, want %d", second.n, m.n+1)
	}
	if _, ok, err := h.outbox.ClaimSend(t.Context(), id, m.n, h.Now()); ok || err != nil {
		t.Fatalf("the old task claimed the message (%v)", err)
	}
	if _, ok, err := h.outbox.ClaimSend(t.Context(), id, second.n, h.Now()); !ok || err != nil {
		t.Fatalf("the new task did not claim the message (%v)", err)
	}
}

func TestEachPurposeIsToldOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	h.queue(t, desk.Message{Entry: e, Dedup: "a"}, desk.Message{Entry: e, Dedup: "b"}, desk.Message{Entry: e, Dedup: "a"})
	h.queue(t, desk.Message{Entry: e, Dedup: "b"})
	if n := h.count(t, `SELECT count(*) FROM message`); n != 2 {
		t.Fatalf("%d messages, want 2", n)
	}
	var ref string
	h.Scan(t, `SELECT reference FROM message WHERE dedup = 'a'`, nil, &ref)
	if want := h.campaign.Keys.MessageReference("a"); ref != want {
		t.Fatalf("reference %q, want %q", ref, want)
	}
}

func TestWhatIsNotSent(t *testing.T) {
	t.Parallel()
	landline, err := booking.ParseE164("+82232100000")
	if err != nil {
		t.Fatal(err)
	}
	rehearsal := func(c *booking.Campaign) { c.Mode = booking.Rehearsal }
	for name, test := range map[string]struct {
		opts    []dbtest.Options
		phone   booking.Phone
		until   time.Duration
		fate    string
		calls   int // open escalations
		reasons string
	}{
		"rehearsal":       {opts: []dbtest.Options{rehearsal}, fate: "suppressed"},
		"other country":   {opts: []dbtest.Options{func(c *booking.Campaign) { c.Limits.AllowedPrefixes = []string{"+99"} }}, fate: "suppressed", calls: 1, reasons: "country"},
		"landline":        {phone: landline, fate: "undelivered", calls: 1, reasons: "landline"},
		"of no more use":  {until: -time.Second, fate: "expired"},
		"rehearsal alike": {opts: []dbtest.Options{rehearsal}, phone: landline, fate: "suppressed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, test.opts...)
			p := dbtest.Person(1)
			if !test.phone.IsZero() {
				p.Phone = test.phone
			}
			m := desk.Message{Entry: h.person(t, p)}
			if test.until != 0 {
				m.UsefulUntil = h.Now().Add(test.until)
			}
			id := h.queue(t, m)[0]
			got := h.only(t)
			fate, err := h.outbox.DeliverOne(t.Context(), id, got.n, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
				t.Error("the provider was called")
				return accepted("SM1")
			})
			if err != nil || fate != test.fate {
				t.Fatalf("fate %q, %v, want %q", fate, err, test.fate)
			}
			h.wantState(t, id, test.fate)
			if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = $1 AND message_id = $2`, test.reasons, id); n != test.calls {
				t.Fatalf("%d escalations, want %d", n, test.calls)
			}
		})
	}
}

func TestRehearsalReachesListedPhones(t *testing.T) {
	t.Parallel()
	p := dbtest.Person(1)
	h := newHouse(t, func(c *booking.Campaign) { c.Mode, c.RehearsalPhones = booking.Rehearsal, []booking.Phone{p.Phone} })
	h.queue(t, desk.Message{Entry: h.person(t, p)})
	if fate, said := h.deliver(t, accepted("SM1")); fate != "accepted" || said.Masked != booking.MaskName(p.Name) || said.Ticket == "" {
		t.Fatalf("fate %q, said %+v", fate, said)
	}
}

func TestSpendCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *booking.Campaign) { c.Limits.TextsPerDay = 2 })
	e := h.person(t, dbtest.Person(1))
	h.at = time.Date(2030, 3, 4, 12, 0, 0, 0, h.campaign.Zone)
	h.queue(t, desk.Message{Entry: e}, desk.Message{Entry: e}, desk.Message{Entry: e}, desk.Message{Entry: e})
	first := h.release(t) // as many as the day allows
	if len(first) != 2 {
		t.Fatalf("released %d, want 2", len(first))
	}
	h.Exec(t, `UPDATE message SET state = 'queued', enqueued = 1`) // as if two workers had released at once
	fates := map[string]int{}
	rows, err := h.Admin.Query(t.Context(), `SELECT id FROM message`)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		fate, err := h.outbox.DeliverOne(t.Context(), id, 1, h, func(context.Context, words.Kind, booking.Lang, words.Data, desk.OutgoingText) desk.SendResult {
			return accepted(fmt.Sprintf("SM%d", i))
		})
		if err != nil {
			t.Fatal(err)
		}
		fates[fate]++
	}
	if fates["accepted"] != 2 || fates[db.FateCapped] != 2 {
		t.Fatalf("fates %v, want 2 accepted and 2 capped", fates)
	}
	if n := h.count(t, `SELECT count(*) FROM audit_log WHERE act = 'spend.cap'`); n != 1 {
		t.Fatalf("%d alarms, want 1", n)
	}
	if n := h.count(t, `SELECT count(*) FROM send_attempt`); n != 2 {
		t.Fatalf("%d attempts, want 2", n)
	}
	if got := h.release(t); len(got) != 0 {
		t.Fatalf("released %d after the cap", len(got))
	}
	h.at = time.Date(2030, 3, 5, 0, 0, 1, 0, h.campaign.Zone)
	if got := h.release(t); len(got) != 2 {
		t.Fatalf("released %d on the next day, want 2", len(got))
	}
}

func TestOutcomesThatTryAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.queue(t, desk.Message{Entry: h.person(t, dbtest.Person(1)), Urgent: true})[0]
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendSlowDown, Code: 429, RetryAfter: 10 * time.Second}); fate != "pending" {
		t.Fatalf("fate %q after 429", fate)
	}
	h.pass(9 * time.Second)
	if got := h.release(t); len(got) != 0 {
		t.Fatal("released before the provider allowed it")
	}
	h.pass(7 * time.Second)
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendNotSent}); fate != "pending" {
		t.Fatalf("fate %q when not sent", fate)
	}
	h.pass(10 * time.Second)
	if n := h.count(t, `SELECT texts FROM spend`); n != 0 {
		t.Fatalf("%d texts counted although none was sent", n)
	}
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendRefused, Code: 21610, Permanent: true}); fate != "undelivered" {
		t.Fatalf("fate %q when refused for good", fate)
	}
	h.wantState(t, id, "undelivered")
	if n := h.count(t, `SELECT count(*) FROM escalation WHERE reason = 'unreachable:21610'`); n != 1 {
		t.Fatalf("%d escalations, want 1", n)
	}
}

func TestCodeCountsOnlyWhenSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	var request int64
	h.Scan(t, `INSERT INTO code_request (campaign_id, registration_id, device, phone_hash, address_hash, requested_at)
		VALUES ($1, $2, '', '', '', now()) RETURNING id`, []any{h.campaign.ID, [16]byte(*e)}, &request)
	h.queue(t, desk.Message{Entry: e, Kind: string(words.Code), Params: map[string]string{"request": fmt.Sprint(request)}})
	unsent := `SELECT count(*) FROM code_request WHERE sent_at IS NULL`
	_, said := h.deliver(t, desk.SendResult{Outcome: desk.SendNotSent})
	if want := h.campaign.Keys.Code(*e, request); said.Code != want {
		t.Fatalf("code %q, want %q", said.Code, want)
	}
	if h.count(t, unsent) != 1 {
		t.Fatal("a code that was not sent counts as sent")
	}
	h.pass(time.Minute)
	h.deliver(t, accepted("SM1"))
	if h.count(t, unsent) != 0 {
		t.Fatal("a code that was sent does not count")
	}
}

// A copy that nobody could find may have arrived all the same: the code stays open, whatever becomes of the next copy.
func TestACodeThatMayHaveArrivedStaysOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	var request int64
	h.Scan(t, `INSERT INTO code_request (campaign_id, registration_id, device, phone_hash, address_hash, requested_at)
		VALUES ($1, $2, '', '', '', now()) RETURNING id`, []any{h.campaign.ID, [16]byte(*e)}, &request)
	h.queue(t, desk.Message{Entry: e, Kind: string(words.Code), Params: map[string]string{"request": fmt.Sprint(request)}})
	h.deliver(t, desk.SendResult{Outcome: desk.SendUnknown})
	for range 2 {
		h.pass(2 * time.Minute)
		if _, err := h.outbox.ReconcileBy(t.Context(), h, &bookOfTexts{}, time.Minute, 30*time.Second, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	h.pass(time.Minute)
	if fate, _ := h.deliver(t, desk.SendResult{Outcome: desk.SendNotSent}); fate != "pending" {
		t.Fatalf("fate %q", fate)
	}
	if h.count(t, `SELECT count(*) FROM code_request WHERE sent_at IS NULL`) != 0 {
		t.Error("whoever got the first copy cannot use it")
	}
}

func TestAnswerNumbers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	ask := func(n int) int {
		h.queue(t, desk.Message{Entry: e, Kind: string(words.Registered), Dedup: fmt.Sprint("q/", n)})
		_, said := h.deliver(t, accepted(fmt.Sprint("SM", n)))
		h.pass(time.Second)
		return said.First
	}
	for want := 1; want <= 5; want += 2 { // yes and no
		if got := ask(want); got != want {
			t.Fatalf("question has number %d, want %d", got, want)
		}
	}
	h.Exec(t, `UPDATE question SET first_no = 94 WHERE first_no = 5`)
	h.Exec(t, `UPDATE question SET answered_at = now() WHERE first_no = 3`)
	if got := ask(4); got != 3 { // goes round (96 is none), passes over 1 and 2, which are open
		t.Fatalf("question has number %d, want 3", got)
	}
	h.pass(8 * 24 * time.Hour)
	h.Exec(t, `UPDATE question SET first_no = 92 WHERE first_no = 3 AND answered_at IS NULL`)
	if got := ask(6); got != 94 { // was asked more than a week ago
		t.Fatalf("question has number %d, want 94", got)
	}
}

func TestAnswerNumbersOfOnePhoneDiffer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.person(t, dbtest.Person(1))
	var ms []desk.Message
	for i := range 12 {
		ms = append(ms, desk.Message{Entry: e, Kind: string(words.Registered), Dedup: fmt.Sprint("q/", i)})
	}
	h.queue(t, ms...)
	var wg sync.WaitGroup
	for _, m := range h.release(t) {
		wg.Go(func() {
			if _, ok, err := h.outbox.ClaimSend(t.Context(), m.id, m.n, h.Now()); err != nil || !ok {
				t.Errorf("claim: %v %v", ok, err)
			}
		})
	}
	wg.Wait()
	if n := h.count(t, `SELECT count(DISTINCT first_no) FROM question`); n != 12 {
		t.Fatalf("%d different numbers, want 12", n)
	}
}
