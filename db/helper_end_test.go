package db_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

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

// A helper is part of what a revision names: who builds on an older one changes nothing.
func TestAHelperIsNamedOnTheRevisionThatWasSeen(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	seen := func() string {
		e, err := s.book.Entry(t.Context(), s.campaign.ID, s.ids[0])
		ok(t, err)
		r, err := desk.Revision(e)
		ok(t, err)
		return r
	}
	h := s.holds(t, 0)
	h.Base = seen()
	ok(t, s.desk.SetHelper(t.Context(), s.from(t), h, phoneOf(70)))
	if seen() == h.Base {
		t.Error("a helper is no part of the revision")
	}
	h.Operation = uuid.New()
	if err := s.desk.SetHelper(t.Context(), s.from(t), h, phoneOf(71)); booking.CodeOf(err) != booking.CodeConflict {
		t.Errorf("on an older revision: %v", err)
	}
	s.post(t)
	s.clean(t)
}
