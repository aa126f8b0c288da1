package sms_test

import (
	"testing"

	"jari/booking/desk"
	"jari/sms"
)

func TestWhoseNumberIsTold(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"어머니 번호는 010-1111-2222": "+821011112222", "어머니 번호는 010-1111-2222입니다.": "+821011112222", "어머니 전화번호 01011112222이에요": "+821011112222",
		"우리 어머님 핸드폰 번호는 010 1111 2222예요": "+821011112222", "아버지 010-1111-2222": "+821011112222", "아들 번호는 010-1111-2222": "+821011112222",
		"제 번호는 010-1111-2222예요": "+821011112222", "my mother's number is 010-1111-2222": "+821011112222", "My mother's phone number is +82 10-1111-2222, thanks": "+821011112222",
		"her number is 010-1111-2222": "+821011112222", "번호는 010-1111-2222": "+821011112222",
		"010-1111-2222": "", "어머니 번호는 010-0000-1234": "", "어머니 예약 010-1111-2222": "", "어머니 김순자 번호는 010-1111-2222": "", "어머니 번호는 010-1111-2222 410315": "",
		"어머니 번호": "", "어머니": "", "번호는 010-1111-2222, 아버지는 010-3333-4444": "", "어머니 번호는 010-1111-2222 강남구": "", "어머니 번호는 010-1111-22": "", "": "", "1": "",
	} {
		if got, ok := sms.TellsPhone(seoul(), sender, body, today); got.Phone != want || ok != (want != "") || ok && got.Do != desk.DeedCorrect {
			t.Errorf("%q: %q %v", body, got.Phone, ok)
		}
	}
}

// A number that is told when nobody is applying is read back as that of whoever stands at this phone, and changes nothing before the answer.
func TestANumberToldAfterRegistering(t *testing.T) {
	t.Parallel()
	const told = "어머니 번호는 010-1111-2222"
	s := newStreet(t, seoul())
	s.text(at("20:00"), anna, "어머니 예약 680412 홍길동 강남구")
	if got := s.text(at("20:01"), anna, told); got != "correct_read" {
		t.Errorf("after one was registered: %q", got)
	}
	if got := s.text(at("20:02"), anna, "my mother's number is 010-1111-2222"); got != "correct_read" {
		t.Errorf("in English: %q", got)
	}
	if got := s.text(at("20:03"), anna, "예약 700101 김순이"); got != "ask_missing region" {
		t.Error(got)
	}
	if got := s.text(at("20:04"), anna, told); got != "ask_missing region" {
		t.Errorf("of an application that is under way: %q", got)
	}
	if got := s.text(at("20:05"), anna, "강남구"); got != "received_for_other" {
		t.Error(got)
	}
	s.arrival(kim, "1970-01-01", "+821011112222", at("20:03"))
	s.arrival(hong, "1968-04-12", anna, at("20:00"))
	s.text(at("20:06"), anna, "예약 710203 이영희 강남구")
	if got := s.text(at("20:07"), anna, told); got != "which_person" {
		t.Errorf("of two: %q", got)
	}
	// Whose phone speaks for nobody begins with it.
	if got := s.text(at("20:08"), helper, "my mother's number is 010-1111-2222"); got != "ask_missing name,birth,region" {
		t.Error(got) // nobody is called "mother's"
	}
	if got := s.text(at("20:08"), bora, told); got != "ask_missing name,birth,region" {
		t.Error(got)
	}
	s.text(at("20:09"), bora, "김순이 700101 강남구")
	if got := s.text(at("20:10"), bora, told); got != "ask_missing name,birth,region" {
		t.Errorf("who registered somebody at another phone: %q", got)
	}
}
