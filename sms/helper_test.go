package sms_test

import (
	"slices"
	"testing"

	"jari/booking"
	"jari/booking/desk"
)

// Whoever is told of an application that they know nothing of says so, and may think again.
func TestRefusing(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	e, _ := s.entry("홍길동", "1968-04-12", anna)
	s.house.ask(phone(anna), "verify", 1, e.ID, 0)
	for _, c := range []struct{ body, want string }{
		{"2", "refused"},
		{"2번이요", "refused"},
		{"3", "unknown_number"},
		{"1", "welcome; status"}, // the question was answered before
	} {
		if got := s.text(at("20:10"), anna, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
	if want := []string{"refused true", "refused true", "verified by reply"}; !slices.Equal(s.house.notes, want) {
		t.Errorf("%v, want %v", s.house.notes, want)
	}
}

// A helper answers what the helper was asked, proves nothing, and is out with one number.
func TestAHelpersAnswers(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 680412 홍길동 강남구")
	e, _ := s.entry("홍길동", "1968-04-12", anna)
	row := s.house.entries[e.ID]
	row.Helper = &desk.Helper{ID: 7, Phone: s.house.hash(phone(helper))}
	row.Appointment = &desk.Appointment{ID: 77, State: booking.Offered, Site: "a", Starts: at("21:00")}
	s.house.ask(phone(helper), "helper", 1, e.ID, 0)
	s.house.ask(phone(helper), "offer", 2, e.ID, 77)
	for i := range s.house.question {
		s.house.question[i].Helper = 7
	}
	for _, c := range []struct{ body, want string }{
		{"조회", "status"},
		{"왜", "why"},
		{"4", "noted"},
		{"2", "confirmed"},
	} {
		if got := s.text(at("20:10"), helper, c.body); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
		if m := s.house.outbox[len(s.house.outbox)-1]; c.want != "confirmed" && m.Helper != 7 { // Book.Answer tells the person, with a copy
			t.Errorf("%q was answered to somebody else: %+v", c.body, m)
		}
	}
	s.text(at("20:11"), helper, "1")
	if row.Helper != nil || row.Verified || !slices.Equal(s.house.notes, []string{"self_reported", "helper declined by helper"}) {
		t.Errorf("%+v, verified %t, %v", row.Helper, row.Verified, s.house.notes)
	}
	if got := s.text(at("20:12"), helper, "3"); got != "not_now" {
		t.Errorf("an answer after that: %q", got)
	}
	if got := s.text(at("20:13"), helper, "조회"); got != "no_entry" {
		t.Errorf("a question after that: %q", got)
	}
}
