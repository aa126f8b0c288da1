package sms_test

import (
	"testing"

	"jari/booking"
	"jari/booking/desk"
)

// Whoever has applied and says what we do not understand is not told how to apply, as if nothing were there.
func TestLostWords(t *testing.T) {
	t.Parallel()
	c := seoul()
	for i := range c.Cohorts {
		c.Cohorts[i].Verify = booking.BeforeOffer
	}
	s := newStreet(t, c)
	if got := s.text(at("20:00"), anna, "무슨 문자인지요"); got != "help" {
		t.Errorf("a phone without an application: %q", got)
	}
	s.text(at("20:01"), anna, "예약 홍길동 680412 강남구")
	for _, who := range []string{"누구세요?", "who is this?"} { // a stranger's phone, perhaps: the question says how to say no
		if got := s.text(at("20:02"), anna, who); got != "registered" {
			t.Errorf("%q: %q", who, got)
		}
	}
	s.house.askAbout(phone(anna), desk.QuestionChoice, 7, "refused")
	if got := s.text(at("20:25"), anna, "스팸이네 신고합니다"); got != "" { // who has just been promised that no more comes
		t.Errorf("after it was refused: %q", got)
	}
	s.house.question = nil
	for _, how := range []string{"조회", "STATUS", "예약 된거 맞아요?"} { // "please answer the text that asks" helps nobody who lost it
		if got := s.text(at("20:30"), anna, how); got != "registered" {
			t.Errorf("%q: %q", how, got)
		}
	}
	if got := s.text(at("20:40"), anna, "도움말"); got != "help" {
		t.Errorf("who asks for help: %q", got)
	}
	for id := range s.house.entries {
		s.house.ask(phone(anna), desk.QuestionVerify, 1, id, 0)
	}
	if got := s.text(at("20:41"), anna, "1"); got != "welcome" {
		t.Fatal(got)
	}
	for _, what := range []string{"주차 되나요?", "can I bring my dog?"} {
		if got := s.text(at("21:30"), anna, what); got != "help_own" {
			t.Errorf("%q: %q", what, got)
		}
	}
	for _, thanks := range []string{"고맙소", "네 고맙네요"} {
		if got := s.text(at("22:10"), anna, thanks); got != "" {
			t.Errorf("%q: %q", thanks, got)
		}
	}
}
