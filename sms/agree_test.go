package sms_test

import (
	"testing"
	"time"

	"jari/booking/desk"
)

// A yes to a question of the door itself answers nothing, but is asked about once more: with the numbers, and only as long as it is a question.
func TestAYesToThePlace(t *testing.T) {
	t.Parallel()
	for _, yes := range []string{"네", "맞아요", "네 맞습니다", "yes", "YES", "응"} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 홍길동 680412 강남국")
		s.house.askAbout(phone(anna), desk.QuestionRegion, 7, "gangnam")
		if got := s.text(at("20:01"), anna, yes); got != "near_region" || len(s.house.entries) != 0 {
			t.Errorf("%q: %q, %d entries", yes, got, len(s.house.entries))
		}
		if m := s.house.outbox[len(s.house.outbox)-1]; m.Params[desk.ParamAbout] != "gangnam" || m.Params[desk.ParamLang] != "ko" || m.Entry != nil {
			t.Errorf("%q: %+v", yes, m)
		}
		if got := s.text(at("20:02"), anna, "감사합니다"); got != "" {
			t.Errorf("thanks: %q", got)
		}
		if got := s.text(at("20:03"), anna, "7"); got != "registered" {
			t.Error(got)
		}
		if got := s.text(at("20:04"), anna, "네"); got != "" {
			t.Errorf("after it was answered: %q", got)
		}
	}
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "예약 홍길동 680412 강남국")
	s.house.askAbout(phone(anna), desk.QuestionRegion, 7, "gangnam")
	if got := s.text(at("20:45"), anna, "네"); got != "near_region" { // the conversation is over, the number is not
		t.Errorf("much later: %q", got)
	}
	s.text(at("20:46"), anna, "예약 홍길동 680412")
	s.text(at("20:47"), anna, "서초구")
	if got := s.text(at("20:48"), anna, "네"); got != "" {
		t.Errorf("after another place was named: %q", got)
	}
	s.text(at("20:49"), anna, "예약 김순이")
	if got := s.text(at("20:50"), anna, "네"); got != "" {
		t.Errorf("while somebody else applies: %q", got)
	}
	s.text(at("20:51"), anna, "중구")
	if got := s.text(at("20:52"), anna, "네"); got != "" {
		t.Errorf("while a birth date is asked for: %q", got)
	}
}

func TestAYesToTheReminder(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	s.text(at("19:30"), anna, "예약 홍길동 680412 강남구")
	s.house.askAbout(phone(anna), desk.QuestionRemind, 7, "b")
	if got := s.text(at("19:31"), anna, "네"); got != "not_open_yet" {
		t.Fatal(got)
	}
	if m := s.house.outbox[len(s.house.outbox)-1]; m.Params[desk.ParamAt] != at("20:00").Format(time.RFC3339) || m.Params[desk.ParamAbout] != "b" {
		t.Errorf("%+v", m.Params)
	}
	if got := s.text(at("20:01"), anna, "네"); got != "opened" {
		t.Errorf("when it is open: %q", got)
	}
	if got := s.text(at("23:30"), anna, "네"); got != "" {
		t.Errorf("when it is over: %q", got)
	}
	s.text(at("19:32"), anna, "7")
	if got := s.text(at("19:33"), anna, "네 감사합니다"); got != "" {
		t.Errorf("after it was answered: %q", got)
	}
	if len(s.house.entries) != 0 {
		t.Error("a yes registered somebody")
	}
}
