package db_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db"
	"jari/db/dbtest"
)

// line is one text as somebody read it.
type line struct {
	to    booking.Phone
	kind  words.Kind
	first int
	text  string
}

// street is a past with a desk and people at their phones.
type street struct {
	*past
	desk *desk.Desk
	mail []line
	sent int
}

func newStreet(t *testing.T, people int, opts ...dbtest.Options) *street {
	t.Helper()
	p := newPast(t, opts...)
	for n := range people {
		p.apply(t, n, time.Minute-time.Duration(n)*time.Second)
	}
	p.announce(t)
	s := &street{past: p, desk: p.desk(t)}
	s.post(t)
	return s
}

// post sends what is due and returns what was read of it.
func (s *street) post(t *testing.T) []line {
	t.Helper()
	clock := db.NewClock()
	ok(t, clock.Sample(t.Context(), s.Pool))
	outbox := db.NewOutbox(s.Pool, s.set)
	var read []line
	_, err := outbox.Release(t.Context(), clock.Now().Add(time.Second), 1000, time.Second, func(ctx context.Context, id int64, n int, _ words.Kind, _ bool) error {
		_, err := outbox.Deliver(ctx, id, n, clock, func(_ context.Context, kind words.Kind, lang booking.Lang, d words.Data, m desk.OutgoingText) desk.SendResult {
			text, err := words.Render(kind, lang, d)
			if err != nil {
				t.Error(err)
			}
			read = append(read, line{m.To, kind, d.First, text})
			s.sent++
			return accepted(fmt.Sprint("SM", s.sent))
		})
		return err
	})
	ok(t, err)
	s.mail = append(s.mail, read...)
	return read
}

func kinds(read []line, to booking.Phone) []string {
	var out []string
	for _, l := range read {
		if l.to == to {
			out = append(out, string(l.kind))
		}
	}
	slices.Sort(out)
	return out
}

// first is the first answer number of the latest question of the kind that the phone was asked.
func (s *street) first(t *testing.T, to booking.Phone, kind words.Kind) int {
	t.Helper()
	for _, l := range slices.Backward(s.mail) {
		if l.to == to && l.kind == kind {
			return l.first
		}
	}
	t.Fatalf("%v was never asked %s", to, kind)
	return 0
}

// says lets a phone text an answer number, or ask how things stand, and sends the replies.
func (s *street) says(t *testing.T, from booking.Phone, body string) []line {
	t.Helper()
	s.sent++
	id, _, err := s.desk.KeepText(t.Context(), s.campaign, desk.Inbound{
		Campaign: s.campaign.ID, Provider: "sim", ProviderSID: fmt.Sprint("in", s.sent), From: from, Body: body, Arrival: s.now(t),
	})
	ok(t, err)
	in, c, err := s.desk.Text(t.Context(), id)
	ok(t, err)
	var replies []desk.Message
	if no, numeric := strconv.Atoi(body); numeric == nil {
		replies, err = s.desk.AnswerByText(t.Context(), c, in, no, booking.Korean)
	} else {
		replies, err = s.desk.TellByText(t.Context(), c, in, words.Status, booking.Korean)
	}
	ok(t, err)
	ok(t, s.desk.FinishText(t.Context(), in, nil, replies))
	return s.post(t)
}

func (s *street) from(t *testing.T) desk.Entrance {
	t.Helper()
	return desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: s.now(t)}
}

func (s *street) holds(t *testing.T, n int) desk.Holding {
	t.Helper()
	ref, err := s.campaign.Keys.Reference(s.ids[n], s.campaign.Keys.Device("secret"))
	ok(t, err)
	return desk.Holding{Campaign: s.campaign.Slug, Reference: ref, Secret: "secret", Operation: uuid.New()}
}

// proves lets the n-th person's device prove the phone on file.
func (s *street) proves(t *testing.T, n int) {
	t.Helper()
	ok(t, s.desk.RequestCode(t.Context(), s.from(t), s.holds(t, n)))
	if read := s.post(t); !slices.Contains(kinds(read, phoneOf(n)), "code") {
		t.Fatalf("%+v without a code", read)
	}
	var request int64
	s.Scan(t, `SELECT max(id) FROM code_request`, nil, &request)
	ok(t, s.desk.Verify(t.Context(), s.from(t), s.holds(t, n), s.campaign.Keys.Code(s.ids[n], request)))
}

func (s *street) names(t *testing.T, n int, helper booking.Phone) error {
	t.Helper()
	return s.desk.SetHelper(t.Context(), s.from(t), s.holds(t, n), helper)
}

func phoneOf(n int) booking.Phone { return dbtest.Person(n).Phone }

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAHelperReadsAlongAndAnswers(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2)
	mother, son := phoneOf(0), phoneOf(70)
	if err := s.names(t, 0, son); booking.CodeOf(err) != booking.CodeVerifyFirst {
		t.Fatalf("a device that proved nothing named a helper: %v", err)
	}
	s.proves(t, 0)
	ok(t, s.names(t, 0, son))
	read := s.post(t)
	same(t, "the person", kinds(read, mother), "helper_set")
	same(t, "the helper", kinds(read, son), "helper_named")
	ok(t, s.names(t, 0, son)) // again: nothing is told twice
	if read := s.post(t); len(read) != 0 {
		t.Errorf("%+v", read)
	}
	if v, err := s.desk.Status(t.Context(), s.campaign.Slug, s.holds(t, 0).Reference, "secret"); err != nil || v.Helper != "010-****-0070" {
		t.Errorf("%v: helper %q", err, v.Helper)
	}

	s.round(t)
	read = s.post(t)
	same(t, "the person", kinds(read, mother), "offer")
	same(t, "the helper", kinds(read, son), "offer")
	read = s.says(t, son, strconv.Itoa(s.first(t, son, words.Offer)))
	same(t, "the person", kinds(read, mother), "confirmed")
	same(t, "the helper", kinds(read, son), "confirmed")
	var state, actor string
	s.Scan(t, `SELECT a.state, e.actor FROM appointment a JOIN appointment_event e ON e.appointment_id = a.id AND e.to_state = 'confirmed' WHERE a.registration_id = $1`,
		[]any{[16]byte(s.ids[0])}, &state, &actor)
	if state != "confirmed" || actor != desk.ActorHelper {
		t.Errorf("%s by %q", state, actor)
	}
	if n := s.int(t, `SELECT count(*) FROM verification WHERE registration_id = $1 AND method <> 'code'`, [16]byte(s.ids[0])); n != 0 {
		t.Error("the helper's answer proved the person's phone")
	}
	same(t, "the helper's own question", kinds(s.says(t, son, "조회"), son), "status")
	if !s.urgent(t, "copy/confirmed/%") || s.urgent(t, "copy/offer/%") {
		t.Error("what the helper asked for waits, or another copy does not")
	}
	s.proves(t, 0) // a second code, now that somebody reads along
	if i := slices.IndexFunc(s.mail, func(l line) bool { return l.kind == words.Code && l.to != mother }); i >= 0 {
		t.Errorf("a code went to a helper: %+v", s.mail[i])
	}
	// The same answer again is answered, for whoever gives it.
	same(t, "the person's answer", kinds(s.says(t, mother, strconv.Itoa(s.first(t, mother, words.Offer))), mother), "status")
	same(t, "another's answer", kinds(s.says(t, phoneOf(71), strconv.Itoa(s.first(t, son, words.Offer))), phoneOf(71)), "unknown_number")
	s.clean(t)
}

// urgent reports whether the messages of a purpose go before all else, and in quiet hours too.
func (s *street) urgent(t *testing.T, purpose string) (urgent bool) {
	t.Helper()
	s.Scan(t, `SELECT bool_or(urgent) FROM message WHERE dedup LIKE $1`, []any{purpose}, &urgent)
	return urgent
}

func TestAHelperSaysNo(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	mother, son := phoneOf(0), phoneOf(70)
	s.proves(t, 0)
	ok(t, s.names(t, 0, son))
	s.post(t)
	s.round(t)
	s.post(t)
	no := strconv.Itoa(s.first(t, son, words.HelperNamed))
	read := s.says(t, son, no)
	same(t, "the helper", kinds(read, son), "helper_over")
	same(t, "the person", kinds(read, mother), "helper_gone")
	read = s.says(t, son, strconv.Itoa(s.first(t, son, words.Offer))) // too late to answer for her
	same(t, "the former helper", kinds(read, son), "not_now")
	if n := s.int(t, `SELECT count(*) FROM appointment WHERE state = 'offered'`); n != 1 {
		t.Error("somebody who helps no more answered")
	}
	same(t, "the former helper", kinds(s.says(t, son, "조회"), son), "no_entry")
	s.clean(t)
}

func TestAHelperIsReplacedAndRemoved(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	mother, son, daughter := phoneOf(0), phoneOf(70), phoneOf(71)
	s.proves(t, 0)
	ok(t, s.names(t, 0, son))
	s.post(t)
	ok(t, s.desk.ChangeWishes(t.Context(), s.from(t), s.holds(t, 0), dbtest.Region, booking.Wishes{Sites: []string{"north"}}))
	ok(t, s.names(t, 0, daughter)) // before the copy of the change has gone out
	read := s.post(t)
	same(t, "the one before", kinds(read, son), "helper_over")
	same(t, "the new one", kinds(read, daughter), "helper_named")
	same(t, "the person", kinds(read, mother), "corrected", "helper_set")
	ok(t, s.desk.RemoveHelper(t.Context(), s.from(t), s.holds(t, 0)))
	ok(t, s.desk.RemoveHelper(t.Context(), s.from(t), s.holds(t, 0)))
	read = s.post(t)
	same(t, "the helper", kinds(read, daughter), "helper_over")
	same(t, "the person", kinds(read, mother), "helper_gone")
	s.round(t)
	if read = s.post(t); len(read) != 1 || read[0].to != mother {
		t.Errorf("%+v after the removal", read)
	}
	s.clean(t)
}

func TestWhoMayBeAHelper(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 3, func(c *booking.Campaign) { c.Limits.PeoplePerPhone = 2 })
	for n := range 3 {
		s.proves(t, n)
	}
	abroad, err := booking.ParseE164("+18005550100")
	ok(t, err)
	for _, phone := range []booking.Phone{phoneOf(0), abroad} {
		if err := s.names(t, 0, phone); booking.CodeOf(err) != booking.CodeInvalid {
			t.Errorf("%v: %v", phone, err)
		}
	}
	ok(t, s.names(t, 0, phoneOf(70)))
	ok(t, s.names(t, 1, phoneOf(70)))
	if err := s.names(t, 2, phoneOf(70)); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("a third: %v", err)
	}
	ok(t, s.names(t, 0, phoneOf(70))) // is helper there already
	ok(t, s.desk.RemoveHelper(t.Context(), s.from(t), s.holds(t, 0)))
	ok(t, s.names(t, 2, phoneOf(70)))
	s.post(t)
	same(t, "the helper of two", kinds(s.says(t, phoneOf(70), "조회"), phoneOf(70)), "status", "status")
	s.clean(t)
}

// Many name one phone at once, and one entry is given several: the limit holds, and one stands.
func TestHelpersAtOnce(t *testing.T) {
	t.Parallel()
	p := newPast(t)
	const people, limit = 8, 3
	for n := range people {
		p.apply(t, n, time.Minute)
	}
	p.announce(t)
	var wg sync.WaitGroup
	var named atomic.Int64
	for n := range people {
		for _, c := range []struct{ entry, phone int }{{n, 70}, {0, 80 + n}} {
			change := p.change(t, c.entry, "helper")
			wg.Go(func() {
				err := p.book.SetHelper(t.Context(), change, p.helper(t, c.phone), limit)
				if err != nil && booking.CodeOf(err) != booking.CodeConflict {
					t.Error(err)
				}
				if err == nil && c.entry != 0 && c.phone == 70 {
					named.Add(1)
				}
			})
		}
	}
	wg.Wait()
	shared := p.helper(t, 70).Phone
	if n := p.int(t, `SELECT count(*) FROM helper WHERE phone_hash = $1 AND ended_at IS NULL`, shared[:]); n > limit || int64(n) < named.Load() {
		t.Errorf("one phone helps %d people, %d were told so, and the limit is %d", n, named.Load(), limit)
	}
	if n := p.int(t, `SELECT count(*) FROM helper WHERE registration_id = $1 AND ended_at IS NULL`, [16]byte(p.ids[0])); n != 1 {
		t.Errorf("one person has %d helpers", n)
	}
	p.clean(t)
}

// A corrected phone keeps the helper, unless it is the helper's own.
func TestACorrectionKeepsTheHelper(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2)
	for n := range 2 {
		s.proves(t, n)
		ok(t, s.names(t, n, phoneOf(70+n)))
	}
	s.post(t)
	kept, own := dbtest.Person(0), dbtest.Person(1)
	kept.Phone, own.Phone = phoneOf(80), phoneOf(71)
	ok(t, s.desk.Correct(t.Context(), s.from(t), s.holds(t, 0), kept, dbtest.Region))
	ok(t, s.desk.Correct(t.Context(), s.from(t), s.holds(t, 1), own, dbtest.Region))
	read := s.post(t)
	same(t, "the helper", kinds(read, phoneOf(70)), "corrected")
	same(t, "the new phone", kinds(read, phoneOf(80)), "corrected")
	same(t, "the helper's phone, now the person's", kinds(read, phoneOf(71)), "corrected")
	s.round(t)
	read = s.post(t)
	same(t, "the helper", kinds(read, phoneOf(70)), "offer")
	same(t, "the helper's phone, now the person's", kinds(read, phoneOf(71)), "offer")
	s.clean(t)
}

// The withdrawal is the last thing that a helper hears, and nothing that did not reach a helper is the person's trouble.
func TestAHelperHearsOfTheWithdrawalAndNothingEscalates(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	ok(t, s.names(t, 0, phoneOf(70)))
	s.post(t)
	s.round(t)
	s.post(t)
	s.Exec(t, `UPDATE message SET state = 'accepted' WHERE helper_id IS NOT NULL`)
	var copied string
	s.Scan(t, `SELECT provider_id FROM message WHERE dedup LIKE 'copy/offer/%'`, nil, &copied)
	ok(t, db.NewOutbox(s.Pool, s.set).Receive(t.Context(), copied, desk.ReceiptUndelivered, 30005, s.now(t)))
	if n := s.int(t, `SELECT count(*) FROM escalation`); n != 0 {
		t.Errorf("%d calls for a copy that did not arrive", n)
	}
	ok(t, s.desk.Cancel(t.Context(), s.from(t), s.holds(t, 0)))
	read := s.post(t)
	same(t, "the helper", kinds(read, phoneOf(70)), "withdrawn")
	same(t, "the person", kinds(read, phoneOf(0)), "withdrawn")
	same(t, "the former helper", kinds(s.says(t, phoneOf(70), "조회"), phoneOf(70)), "no_entry")
	s.Exec(t, `UPDATE message SET state = 'delivered' WHERE state = 'accepted'`)
	if r := s.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

// What the audit must find when copies go where they must not, or do not go.
func TestAuditFindsBreachesAboutHelpers(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2)
	s.proves(t, 0)
	ok(t, s.names(t, 0, phoneOf(70)))
	s.post(t)
	s.elapse(t, 2*time.Minute) // whoever is told now is told after it is certain that there is a helper
	s.round(t)
	s.post(t)
	ok(t, s.book.Refuse(t.Context(), s.change(t, 1, "refuse"), s.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, dbtest.Person(1)))))
	s.clean(t)
	for _, b := range []struct {
		law           int
		first, breach string
	}{
		{11, "not for them", `UPDATE message SET helper_id = (SELECT id FROM helper) WHERE kind = 'code'`},
		{11, "not for them", `UPDATE message SET registration_id = (SELECT id FROM registration ORDER BY serial DESC LIMIT 1) WHERE dedup LIKE 'copy/%'`},
		{11, "not for them", `UPDATE helper SET ended_at = since, ended_stored_at = since - interval '1 hour', ended = 'own_phone'`},
		{11, "knows nothing", `UPDATE refusal SET stored_at = stored_at - interval '1 hour'`},
		{5, "not copied", `UPDATE message SET dedup = 'another' WHERE dedup LIKE 'copy/offer/%'`},
		{3, "knew nothing", `UPDATE refusal SET stored_at = stored_at - interval '2 minutes'`},
		{9, "named or ended", `DELETE FROM audit_log WHERE act = 'helper'`},
		{9, "was refused", `DELETE FROM audit_log WHERE act = 'refuse'`},
		{9, "was refused", `UPDATE refusal SET undone_at = now(), undone_stored_at = now(), undone_by = 'phone'`},
		{9, "rows of helper", `GRANT DELETE ON helper TO jari_app`},
	} {
		t.Run(b.breach, func(t *testing.T) {
			t.Parallel()
			p := s.copied(t)
			p.Exec(t, b.breach)
			r := p.audit(t)
			if l := r.Laws[b.law-1]; !strings.Contains(l.First, b.first) {
				t.Errorf("law %d: %q, want %q in it\n%s", b.law, l.First, b.first, r.Text())
			}
		})
	}
}

// What reached the helper is not known to have reached the person: no clock runs.
func TestACopyStartsNoClock(t *testing.T) {
	t.Parallel()
	p := newPast(t, lapsing)
	for n := range 2 {
		p.apply(t, n, time.Minute)
	}
	p.announce(t)
	ok(t, p.book.SetHelper(t.Context(), p.change(t, 0, "helper"), p.helper(t, 70), 6))
	p.round(t)
	p.arrived(t, 1, "delivered", 3*time.Hour)
	p.Exec(t, `UPDATE message SET state = CASE WHEN helper_id IS NULL THEN 'accepted' ELSE 'delivered' END, state_at = now() - interval '1 hour'
		WHERE registration_id = $1 AND kind = 'offer'`, [16]byte(p.ids[0]))
	n, err := db.NewLapser(p.Pool, p.set, 10).Lapse(t.Context(), "job:lapse", p.now(t))
	if ok(t, err); n != 1 {
		t.Errorf("%d offers lapsed, want that of whoever was reached", n)
	}
	if clocks := p.int(t, `SELECT count(*) FROM lapse l JOIN appointment a ON a.id = l.appointment_id WHERE a.registration_id = $1`, [16]byte(p.ids[0])); clocks != 0 {
		t.Error("a copy started the person's clock")
	}
}
