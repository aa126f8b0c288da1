package db_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db/dbtest"
)

// household is a street where the first two people share the phone of the first.
func newHousehold(t *testing.T) *street {
	t.Helper()
	s := newStreet(t, 2)
	s.proves(t, 1)
	p := dbtest.Person(1)
	p.Phone = phoneOf(0)
	ok(t, s.desk.Correct(t.Context(), s.from(t), s.holds(t, 1), p, dbtest.Region))
	s.post(t)
	return s
}

func TestWhomOfSeveralIsMeant(t *testing.T) {
	t.Parallel()
	s := newHousehold(t)
	both := phoneOf(0)
	read := s.wants(t, both, desk.Want{Do: desk.DeedWish, Wished: saturdays})
	same(t, "which", kinds(read, both), "which_person")
	for n := range 2 {
		if !strings.Contains(read[0].text, booking.MaskName(dbtest.Person(n).Name)) {
			t.Errorf("%q without person %d", read[0].text, n)
		}
	}
	same(t, "the second", kinds(s.answers(t, both, words.WhichPerson, 1), both), "wish_read")
	same(t, "accepted", kinds(s.answers(t, both, words.WishRead, 0), both), "corrected")
	if !s.entry(t, 0).Wishes.None() || s.entry(t, 1).Wishes.None() {
		t.Error("the wishes are another's")
	}
	same(t, "by name", kinds(s.wants(t, both, desk.Want{Do: desk.DeedCancel, About: dbtest.Person(0).Name}), both), "withdraw_read")
	same(t, "a name that is nobody's", kinds(s.wants(t, both, desk.Want{Do: desk.DeedCancel, About: "황보관"}), both), "which_person")
	same(t, "what is asked of either", kinds(s.wants(t, both, desk.Want{Do: desk.DeedCorrect}), both), "ask_correction")
	same(t, "once more", kinds(s.wants(t, both, desk.Want{Do: desk.DeedResend}), both), "status", "status")
	s.clean(t)
}

func TestSeveralComeTogether(t *testing.T) {
	t.Parallel()
	s := newHousehold(t)
	both := phoneOf(0)
	same(t, "together", kinds(s.wants(t, both, desk.Want{Do: desk.DeedTogether}), both), "together_read")
	if s.entry(t, 0).Wishes.Household != nil {
		t.Fatal("before it was accepted")
	}
	same(t, "accepted", kinds(s.answers(t, both, words.TogetherRead, 0), both), "corrected", "corrected")
	one, other := s.entry(t, 0).Wishes.Household, s.entry(t, 1).Wishes.Household
	if one == nil || other == nil || *one != *other || one.Size != 2 {
		t.Fatalf("%+v and %+v", one, other)
	}
	s.round(t)
	s.post(t)
	if a, b := s.entry(t, 0).Appointment, s.entry(t, 1).Appointment; a == nil || b == nil || a.Site != b.Site || !a.Starts.Equal(b.Starts) {
		t.Errorf("%+v and %+v", a, b)
	}
	s.clean(t)
}

// What was read back is done whole or not at all: nobody is made to wait for somebody who gave up since, nor told that a time has changed that has not.
func TestTogetherIsAcceptedTooLate(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(*testing.T, *street, booking.Phone){
		"one gave up": func(t *testing.T, s *street, both booking.Phone) {
			s.wants(t, both, desk.Want{Do: desk.DeedWithdraw, About: dbtest.Person(1).Name})
			same(t, "withdrawn", kinds(s.answers(t, both, words.WithdrawRead, 0), both), "withdrawn")
		},
		"they have times": func(t *testing.T, s *street, _ booking.Phone) {
			s.round(t)
			s.post(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newHousehold(t)
			both := phoneOf(0)
			s.wants(t, both, desk.Want{Do: desk.DeedTogether})
			meanwhile(t, s, both)
			same(t, "accepted", kinds(s.answers(t, both, words.TogetherRead, 0), both), "not_now")
			for n := range 2 {
				if h := s.entry(t, n).Wishes.Household; h != nil {
					t.Errorf("person %d waits for %+v", n, h)
				}
			}
			s.looked(t)
			if s.entry(t, 0).Appointment == nil {
				t.Error("whoever stayed gets no time")
			}
			s.clean(t)
		})
	}
}

// Another time is wished for while there is one; when it is gone before that is accepted, they still come together.
func TestAnotherTimeKeepsTheHousehold(t *testing.T) {
	t.Parallel()
	s := newHousehold(t)
	both := phoneOf(0)
	s.wants(t, both, desk.Want{Do: desk.DeedTogether})
	s.answers(t, both, words.TogetherRead, 0)
	s.round(t)
	s.post(t)
	s.wants(t, both, desk.Want{Do: desk.DeedSwap, About: dbtest.Person(0).Name, Wished: saturdays})
	for n := range 2 {
		s.wants(t, both, desk.Want{Do: desk.DeedCancel, About: dbtest.Person(n).Name})
		same(t, "given back", kinds(s.answers(t, both, words.CancelRead, 0), both), "declined")
	}
	same(t, "accepted", kinds(s.answers(t, both, words.SwapRead, 0), both), "corrected")
	if w := s.entry(t, 0).Wishes; w.Household == nil || len(w.Weekdays) != 1 {
		t.Errorf("%+v", w)
	}
	s.looked(t)
	s.clean(t)
}

func TestTogetherFromTwoPhones(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2)
	one, other := phoneOf(0), phoneOf(1)
	same(t, "alone", kinds(s.wants(t, one, desk.Want{Do: desk.DeedTogether}), one), "ask_together")
	same(t, "too many", kinds(s.wants(t, one, desk.Want{Do: desk.DeedTogether, Size: 7}), one), "ask_together")
	s.wants(t, one, desk.Want{Do: desk.DeedTogether, Size: 2})
	read := s.answers(t, one, words.TogetherRead, 0)
	same(t, "the code", kinds(read, one), "corrected", "household_code")
	code := s.entry(t, 0).Wishes.Household.Code
	if !strings.Contains(read[0].text+read[1].text, code) {
		t.Errorf("%+v without the code", read)
	}
	s.wants(t, other, desk.Want{Do: desk.DeedTogether, Size: 2, Code: code})
	s.answers(t, other, words.TogetherRead, 0)
	s.round(t)
	s.post(t)
	if a, b := s.entry(t, 0).Appointment, s.entry(t, 1).Appointment; a == nil || b == nil || a.Site != b.Site || !a.Starts.Equal(b.Starts) {
		t.Errorf("%+v and %+v", a, b)
	}
	s.clean(t)
}

// What waits for an answer is texted once more with it.
func TestOnceMore(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1, dbtest.BeforeOffer)
	me := phoneOf(0)
	same(t, "the question", kinds(s.wants(t, me, desk.Want{Do: desk.DeedResend}), me), "registered")
	same(t, "answered", kinds(s.answers(t, me, words.Registered, 0), me), "welcome")
	s.looked(t)
	same(t, "the offer", kinds(s.wants(t, me, desk.Want{Do: desk.DeedResend}), me), "offer")
	same(t, "answered", kinds(s.answers(t, me, words.Offer, 0), me), "confirmed")
	same(t, "how it stands", kinds(s.wants(t, me, desk.Want{Do: desk.DeedResend}), me), "status")
	s.clean(t)
}

func TestNotMe(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	stranger := phoneOf(0)
	read := s.says(t, stranger, "9")
	same(t, "nine", kinds(read, stranger), "refused")
	if s.item(t, "refused") != 1 || s.owed(t, "not_me") != 1 {
		t.Error("nobody will call")
	}
	if e := s.entry(t, 0); e.Withdrawn || e.Place == 0 {
		t.Error("it cost the place")
	}
	same(t, "again", kinds(s.says(t, stranger, "9"), stranger), "refused")
	s.round(t)
	same(t, "unasked", kinds(s.post(t), stranger))
	same(t, "taken back", kinds(s.answers(t, stranger, words.Refused, 0), stranger), "status")
	if s.item(t, "refused") != 0 {
		t.Error("not taken back")
	}
	s.looked(t)
	s.clean(t)
	same(t, "who has no application", kinds(s.says(t, phoneOf(50), "9"), phoneOf(50)), "no_entry")
}

func TestNotMeOfSeveral(t *testing.T) {
	t.Parallel()
	s := newHousehold(t)
	both := phoneOf(0)
	same(t, "which", kinds(s.says(t, both, "9"), both), "which_person")
	same(t, "the second", kinds(s.answers(t, both, words.WhichPerson, 1), both), "refused")
	var refused booking.ID
	s.Scan(t, `SELECT registration_id FROM refusal WHERE undone_at IS NULL`, nil, (*[16]byte)(&refused))
	if refused != s.ids[1] || s.owed(t, "not_me") != 1 {
		t.Error("another's application was refused")
	}
	s.clean(t)
}

func TestAHelperIsNoHelper(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	ok(t, s.names(t, 0, phoneOf(70)))
	s.post(t)
	read := s.says(t, phoneOf(70), "9")
	same(t, "the helper", kinds(read, phoneOf(70)), "helper_over")
	same(t, "the person", kinds(read, phoneOf(0)), "helper_gone")
	if s.owed(t, "not_me") != 0 {
		t.Error("a call about a helper who steps back")
	}
	s.clean(t)
}

// No question takes the number 9; one of before that has it keeps it for a week.
func TestNineIsNoQuestions(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1, func(c *booking.Campaign) { c.Limits.TextsPerPhoneDay = 1000 })
	me := phoneOf(0)
	for range 60 {
		s.wants(t, me, desk.Want{Do: desk.DeedCancel}) // two numbers each
	}
	if n := s.int(t, `SELECT count(*) FROM question WHERE 9 BETWEEN first_no AND first_no + span - 1`); n != 0 {
		t.Errorf("%d questions have the number 9", n)
	}
	s.Exec(t, `UPDATE question SET first_no = 50 WHERE kind = 'choice'`)
	first := s.first(t, me, words.Registered)
	s.Exec(t, `UPDATE question SET first_no = 8 WHERE first_no = $1 AND kind = 'verify'`, first)
	same(t, "of this week", kinds(s.says(t, me, "8"), me), "welcome")
	same(t, "of this week", kinds(s.says(t, me, "9"), me), "refused")
	s.Exec(t, `UPDATE question SET asked_at = asked_at - interval '8 days' WHERE first_no = 8`)
	s.says(t, me, strconv.Itoa(s.first(t, me, words.Refused)))
	same(t, "of last week", kinds(s.says(t, me, "9"), me), "refused")
}

func TestAnotherLanguage(t *testing.T) {
	t.Parallel()
	s := newHousehold(t)
	both := phoneOf(0)
	read := s.wants(t, both, desk.Want{Do: desk.DeedLang, Lang: booking.English})
	if len(read) != 1 || !strings.HasPrefix(read[0].text, "Jari: From now on we write to you in English.") {
		t.Errorf("%+v", read)
	}
	if s.entry(t, 0).Lang != booking.English || s.entry(t, 1).Lang != booking.English {
		t.Error("not for both")
	}
	read = s.wants(t, both, desk.Want{Do: desk.DeedLang, Lang: booking.Korean})
	if len(read) != 1 || !strings.HasPrefix(read[0].text, "[자리] 이제 한국어로") {
		t.Errorf("%+v", read)
	}
	same(t, "a language that there is not", kinds(s.wants(t, both, desk.Want{Do: desk.DeedLang, Lang: "fr"}), both), "help")
	same(t, "who has no application", kinds(s.wants(t, phoneOf(50), desk.Want{Do: desk.DeedLang, Lang: booking.English}), phoneOf(50)), "help")
	s.clean(t)
}

// owed is how many calls are owed for the reason.
func (s *street) owed(t *testing.T, reason string) int {
	t.Helper()
	return s.int(t, `SELECT count(*) FROM callback WHERE $1 = ANY (reasons) AND closed_at IS NULL`, reason)
}

func TestSomebodyToTalkTo(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	me, stranger := phoneOf(0), phoneOf(50)
	read := s.wants(t, me, desk.Want{Do: desk.DeedCall})
	same(t, "promised", kinds(read, me), "call_owed")
	if !strings.Contains(read[0].text, s.campaign.Phone) {
		t.Errorf("%q without a number to call", read[0].text)
	}
	s.wants(t, me, desk.Want{Do: desk.DeedCall})
	if n := s.int(t, `SELECT count(*) FROM callback c JOIN registration r ON r.id = c.registration_id WHERE c.order_at = r.arrival AND c.reasons = '{asked}'`); n != 1 {
		t.Errorf("%d calls in the order of the application", n)
	}
	at := s.now(t)
	same(t, "without an application", kinds(s.wants(t, stranger, desk.Want{Do: desk.DeedCall}), stranger), "call_owed")
	if n := s.int(t, `SELECT count(*) FROM callback WHERE registration_id IS NULL AND inbound_id IS NOT NULL AND order_at >= $1`, at.Add(-time.Second)); n != 1 {
		t.Errorf("%d calls to a phone", n)
	}
	s.clean(t)
}
