package db_test

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db/dbtest"
)

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

// What is between a person and us alone is not copied to the helper, and the audit does not miss it.
func TestTheAuditMissesNoCopyThatIsNotMade(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	ok(t, s.names(t, 0, phoneOf(7)))
	s.post(t)
	named := s.int(t, `SELECT max(id) FROM message`)
	s.wants(t, phoneOf(0), desk.Want{Do: desk.DeedWish, Wished: saturdays})
	s.wants(t, phoneOf(0), desk.Want{Do: desk.DeedWish})
	s.wants(t, phoneOf(0), desk.Want{Do: desk.DeedLang, Lang: booking.Korean})
	s.Exec(t, `UPDATE message SET created_at = created_at + interval '2 minutes' WHERE id > $1`, named)
	s.clean(t)
}
