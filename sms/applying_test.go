package sms_test

import (
	"testing"

	"jari/booking/desk"
)

const (
	bora = "+821000001235"
	hong = "홍길동"
	kim  = "김순이"
)

// Two applications in one text are two entries; the household that was announced stands at its first contact, others where their own entry began.
func TestAHouseholdByText(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "우리 부부 2명 예약")
	if got := s.text(at("20:05"), anna, "홍길동 680412, 김순이 700101 강남구"); got != "registered; registered" {
		t.Fatal(got)
	}
	s.arrival(hong, "1968-04-12", anna, at("20:00"))
	s.arrival(kim, "1970-01-01", anna, at("20:00"))
	s.text(at("20:06"), anna, "이영희 710203 강남구")
	s.arrival("이영희", "1971-02-03", anna, at("20:06"))

	s.text(at("20:00"), bora, "예약")
	s.text(at("20:05"), bora, "홍길동 680412, 김순이 700101 강남구")
	s.arrival(hong, "1968-04-12", bora, at("20:00"))
	s.arrival(kim, "1970-01-01", bora, at("20:05"))
}

// An announced household may come one by one; what is announced when somebody was completed already changes nothing.
func TestAHouseholdOneByOne(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	for _, c := range [][3]string{{"20:00", "2명 예약이요"}, {"20:01", "홍길동 680412 강남구"}, {"20:02", "김순이 700101 강남구"}, {"20:03", "저희 3명이에요"}, {"20:04", "이영희 710203 강남구"}} {
		s.text(at(c[0]), anna, c[1])
	}
	s.arrival(hong, "1968-04-12", anna, at("20:00"))
	s.arrival(kim, "1970-01-01", anna, at("20:00"))
	s.arrival("이영희", "1971-02-03", anna, at("20:03"))
}

// Whoever is one too many for a phone is owed a call, in the order of the contact.
func TestOneTooManyIsOwedACall(t *testing.T) {
	t.Parallel()
	c := seoul()
	c.Limits.PeoplePerPhone = 1
	s := newStreet(t, c)
	s.text(at("20:00"), anna, "예약 홍길동 680412 강남구")
	s.text(at("20:01"), anna, "예약 김순이")
	if got := s.text(at("20:02"), anna, "700101 강남구"); got != "too_many" {
		t.Fatal(got)
	}
	if len(s.house.calls) != 1 || s.house.calls[0].reason != desk.CallTooMany || !s.house.calls[0].order.Equal(at("20:01")) || s.house.calls[0].entry != nil {
		t.Errorf("%+v", s.house.calls)
	}
}

// A place that was nearly named is confirmed by a number or by typing it; the first contact stays what it was.
func TestANearPlaceIsConfirmed(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"7", "강남구", "7번이요"} {
		s := newStreet(t, seoul())
		if got := s.text(at("20:00"), anna, "예약 홍길동 680412 강남국"); got != "near_region" {
			t.Fatal(got)
		}
		s.house.askAbout(phone(anna), desk.QuestionRegion, 7, "gangnam")
		if got := s.text(at("20:03"), anna, answer); got != "registered" {
			t.Errorf("%q: %s", answer, got)
		}
		s.arrival(hong, "1968-04-12", anna, at("20:00"))
	}
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 홍길동 680412 강남국")
	s.house.askAbout(phone(anna), desk.QuestionRegion, 7, "gangnam")
	s.text(at("20:01"), anna, "서초구")
	if got := s.text(at("20:02"), anna, "7"); got != "not_now" { // somebody is registered, at another place
		t.Error(got)
	}
	s = newStreet(t, seoul())
	s.text(at("20:00"), anna, "BOOK 1968-04-12 Hong Gildong, Gangnm-gu")
	s.house.askAbout(phone(anna), desk.QuestionRegion, 7, "gangnam")
	s.text(at("20:03"), anna, "7")
	if e, ok := s.entry("Hong Gildong", "1968-04-12", anna); !ok || e.Lang != "en" {
		t.Errorf("%v in %q", ok, e.Lang)
	}
}

// Before the opening nobody gets an arrival, neither by applying nor by asking to be reminded.
func TestAReminderGivesNoArrival(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	if got := s.text(at("19:30"), anna, "예약 홍길동 680412 강남구"); got != "not_open_yet" {
		t.Fatal(got)
	}
	s.house.askAbout(phone(anna), desk.QuestionRemind, 7, "b")
	if got := s.text(at("19:31"), anna, "7"); got != "opened; reminder_noted" {
		t.Fatal(got)
	}
	reminder := s.house.outbox[len(s.house.outbox)-2]
	if !reminder.Due.Equal(at("20:00")) || !reminder.UsefulUntil.Equal(at("23:00")) || reminder.Urgent || reminder.Entry != nil {
		t.Errorf("%+v", reminder)
	}
	if got := s.text(at("19:32"), anna, "7"); got != "reminder_noted" { // one reminder
		t.Error(got)
	}
	if len(s.house.entries) != 0 {
		t.Fatal("somebody was registered before the opening")
	}
	s.text(at("20:10"), anna, "예약 홍길동 680412 강남구")
	s.arrival(hong, "1968-04-12", anna, at("20:10"))
	if got := s.text(at("20:11"), anna, "7"); got != "opened" {
		t.Error(got)
	}
	if got := s.text(at("23:30"), anna, "7"); got != "not_now" {
		t.Error(got)
	}
}
