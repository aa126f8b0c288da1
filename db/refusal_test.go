package db_test

import (
	"strconv"
	"testing"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
	"jari/db/dbtest"
)

// helper is the n-th invented person as a helper, for entries whose texts nobody reads.
func (p *past) helper(t *testing.T, n int) desk.Helper {
	t.Helper()
	return desk.Helper{Phone: p.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, dbtest.Person(n))), CT: []byte{0}}
}

// item is how many items of the reason stand open on the agents' list.
func (p *past) item(t *testing.T, reason string) int {
	t.Helper()
	return p.int(t, `SELECT count(*) FROM escalation WHERE reason = $1 AND closed_at IS NULL`, reason)
}

func TestWhoKnowsNothingOfAnApplicationIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2, dbtest.Capacity(1))
	stranger := phoneOf(0)
	no := strconv.Itoa(s.first(t, stranger, words.Registered) + 1)
	same(t, "whoever refuses", kinds(s.says(t, stranger, no), stranger), "refused")
	same(t, "whoever refuses again", kinds(s.says(t, stranger, no), stranger), "refused")
	if s.item(t, "refused") != 1 {
		t.Error("no agent will look")
	}
	s.round(t)
	if n := s.int(t, `SELECT count(*) FROM appointment WHERE registration_id = $1`, [16]byte(s.ids[0])); n != 0 {
		t.Error("an offer for whoever knows nothing of it")
	}
	if n := s.int(t, `SELECT count(*) FROM waiting WHERE registration_id = $1 AND reason = 'held'`, [16]byte(s.ids[0])); n != 1 {
		t.Error("not held back")
	}
	// The place stands, and a device that has proven nothing learns nothing.
	if n := s.int(t, `SELECT count(*) FROM place p JOIN registration r ON r.id = p.registration_id WHERE r.id = $1 AND r.withdrawn_at IS NULL`, [16]byte(s.ids[0])); n != 1 {
		t.Error("a refusal cost the place")
	}
	v, err := s.desk.Status(t.Context(), s.campaign.Slug, s.holds(t, 0).Reference, "secret")
	if ok(t, err); v.Proven || v.State != desk.StateReceived || v.Next != desk.NextVerify {
		t.Errorf("%+v", v)
	}
	// Whatever else there is to say is kept from that phone.
	c := s.change(t, 0, "wishes")
	ok(t, s.book.SetWishes(t.Context(), c, dbtest.Region, booking.Wishes{Sites: []string{"north"}}))
	same(t, "the phone", kinds(s.post(t), stranger))
	same(t, "a question of their own", kinds(s.says(t, stranger, "조회"), stranger), "status")
	s.rested(t)
	s.round(t)
	s.clean(t)
}

func TestARefusalIsTakenBackByTheSamePhone(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(t *testing.T, s *street) []line{
		"by text": func(t *testing.T, s *street) []line {
			t.Helper()
			return s.says(t, phoneOf(0), strconv.Itoa(s.first(t, phoneOf(0), words.Registered)))
		},
		"by the number in the answer": func(t *testing.T, s *street) []line {
			t.Helper()
			return s.says(t, phoneOf(0), strconv.Itoa(s.first(t, phoneOf(0), words.Refused)))
		},
		"by who had said yes before": func(t *testing.T, s *street) []line {
			t.Helper()
			yes := s.first(t, phoneOf(0), words.Registered)
			s.says(t, phoneOf(0), strconv.Itoa(yes))
			s.says(t, phoneOf(0), strconv.Itoa(yes+1))
			s.rested(t)
			s.round(t)
			return s.says(t, phoneOf(0), strconv.Itoa(yes))
		},
		"by a code": func(t *testing.T, s *street) []line {
			t.Helper()
			s.proves(t, 0)
			return s.post(t)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, 1)
			s.says(t, phoneOf(0), strconv.Itoa(s.first(t, phoneOf(0), words.Registered)+1))
			s.round(t)
			read := kinds(back(t, s), phoneOf(0))
			if len(read) == 0 || read[0] != "status" {
				t.Errorf("%v: not told how it stands", read)
			}
			if s.item(t, "refused") != 0 {
				t.Error("the agents' item stays open")
			}
			s.rested(t)
			s.round(t)
			same(t, "the person", kinds(s.post(t), phoneOf(0)), "offer")
			s.clean(t)
		})
	}
}

// Whoever has refused and then answers an offer that came before is told what became of it.
func TestAnAnswerAfterARefusalIsAnswered(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.round(t)
	s.post(t)
	s.says(t, phoneOf(0), strconv.Itoa(s.first(t, phoneOf(0), words.Registered)+1))
	offer := s.first(t, phoneOf(0), words.Offer)
	same(t, "confirmed", kinds(s.says(t, phoneOf(0), strconv.Itoa(offer)), phoneOf(0)), "status")
	same(t, "declined", kinds(s.says(t, phoneOf(0), strconv.Itoa(offer+1)), phoneOf(0)), "status")
	if s.item(t, "refused") != 1 {
		t.Error("an answer to an offer takes nothing back")
	}
	s.rested(t)
	s.round(t)
	s.clean(t)
}

// Whoever refuses while a page is being written is not given anything by it or after it; whoever takes it back is looked at again.
func TestARefusalWaitsForThePage(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 2)
	no := s.helper(t, 1).Phone
	var done <-chan error
	answered := make(chan error, 1)
	s.holding(t, `LOCK TABLE round`, nil, func() {
		done = s.inRound(t, 1)
		s.blocked(t, done)
		go func() { answered <- s.book.Refuse(t.Context(), s.change(t, 1, "refuse"), no) }()
		s.waiting(t, done, 2)
	})
	ok(t, <-answered)
	ok(t, <-done)
	s.delivered(t)
	if r := s.audit(t); r.Violations != 0 {
		t.Error("\n" + r.Text())
	}
}

// A refusal is about a number: it ends when that is corrected.
func TestACorrectedNumberEndsARefusal(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.proves(t, 0)
	ok(t, s.book.Refuse(t.Context(), s.change(t, 0, "refuse"), s.helper(t, 0).Phone))
	person := dbtest.Person(0)
	ok(t, s.desk.Correct(t.Context(), s.from(t), s.holds(t, 0), person, dbtest.Region))
	if s.item(t, "refused") != 1 {
		t.Error("a correction of something else took it back")
	}
	person.Phone = phoneOf(80)
	ok(t, s.desk.Correct(t.Context(), s.from(t), s.holds(t, 0), person, dbtest.Region))
	if s.item(t, "refused") != 0 {
		t.Error("it holds for another number")
	}
	same(t, "the new phone", kinds(s.post(t), phoneOf(80)), "corrected", "corrected")
	s.round(t)
	same(t, "the new phone", kinds(s.post(t), phoneOf(80)), "offer")
	s.clean(t)
}

// Numbers of questions that were asked when a registration took one are read as they were meant.
func TestQuestionsFromBeforeHaveOneNumber(t *testing.T) {
	t.Parallel()
	s := newStreet(t, 1)
	s.Exec(t, `UPDATE question SET span = NULL`)
	first := s.first(t, phoneOf(0), words.Registered)
	same(t, "the number beside it", kinds(s.says(t, phoneOf(0), strconv.Itoa(first+1)), phoneOf(0)), "unknown_number")
	same(t, "the number itself", kinds(s.says(t, phoneOf(0), strconv.Itoa(first)), phoneOf(0)), "welcome")
}
