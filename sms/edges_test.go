package sms_test

import (
	"strings"
	"testing"
	"time"

	"jari/booking"
)

// Whoever is asked for the name and wants no more of it is not registered under the word for that.
func TestAWordForStoppingIsNoName(t *testing.T) {
	t.Parallel()
	for _, word := range []string{
		"취소", "그냥 취소할게요", "취소해주세요", "중지", "그만", "그만하세요", "거부", "수신거부", "아니요", "아뇨", "싫어요", "please cancel", "Cancel it", "please STOP", "UNSUBSCRIBE me",
	} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 680412 강남구")
		if got := s.text(at("20:01"), anna, word); got == "registered" || len(s.house.entries) != 0 {
			t.Errorf("%q: %q, %d entries", word, got, len(s.house.entries))
		}
		if got := s.text(at("20:02"), anna, "정지훈"); got != "registered" { // who goes on after all
			t.Errorf("after %q: %q", word, got)
		}
	}
}

// No is no name, and whoever puts something right begins with it.
func TestNoAndThenTheName(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"아니요 홍길동이에요", "아니오, 홍길동입니다", "아뇨 홍길동"} {
		s := newStreet(t, seoul())
		s.text(at("20:00"), anna, "예약 680412 강남구")
		if got := s.text(at("20:01"), anna, body); got != "registered" {
			t.Errorf("%q: %q", body, got)
		}
		if _, ok := s.entry("홍길동", "1968-04-12", anna); !ok {
			t.Errorf("%q is not the entry of 홍길동", body)
		}
	}
}

// The letters of a name are the same person's in whatever width, and whatever stands between them unseen, as at the app's door.
func TestTheSameNameIsTheSamePersonAtEveryDoor(t *testing.T) {
	t.Parallel()
	for body, name := range map[string]string{
		"예약 680412 ｶﾅｺ 강남구":                      "カナコ",
		"예약 680412 ﬁona 강남구":                     "fiona",
		"예약 680412 ローラ 강남구":                      "ローラ",
		"예약 680412 ﾊﾞｰﾊﾞﾗ 강남구":                   "バーバラ",
		"예약 680412 서울 ㅡ サトー 강남구":                 "サトー",
		"예약 680412 Вʼячеслав 강남구":                "Вʼячеслав",
		"예약 680412 В’ячеслав 강남구":                "Вʼячеслав",
		"예약 680412 葛\U000e0100城 강남구":             "葛城",
		"예약 680412 홍\x00길동 \u200f강남구":            "홍길동",
		"예약 680412 \u202b홍\u200b길동\u202c 강남구":    "홍길동",
		"예약 680412 علی\u200cرضا 강남구":             "علیرضا",
		"예약 680412 Nguye\u0302\u0303n An 강남구":    "Nguyễn An",
		"예약　６８０４１２　홍길동　강남구":                      "홍길동",
		"예약 680412 \u1112\u1169\u11bc길동 강남구":     "홍길동",
		"BOOK 1968-04-12 O\u2019Neil Gangnam-gu": "O'Neil",
	} {
		s := newStreet(t, seoul())
		if got := s.text(at("20:00"), anna, body); got != "registered" {
			t.Errorf("%q: %q", body, got)
		}
		if _, ok := s.entry(name, "1968-04-12", anna); !ok {
			t.Errorf("%q is not the entry of %s", body, name)
		}
	}
}

// A number on a letter is read in either case, as at the app's door.
func TestAListNumberInSmallLetters(t *testing.T) {
	t.Parallel()
	s := newStreet(t, numbered())
	if got := s.text(at("20:00"), anna, "예약 ab123456 680412 홍길동 강남구"); got != "registered" {
		t.Fatalf("%q", got)
	}
	identity, err := booking.Identity(booking.ByNumber, booking.Person{Number: "AB123456"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.house.entries[s.house.campaign.Keys.ID(identity)]
	if !ok {
		t.Fatal("not under its number")
	}
	if p, err := s.house.campaign.Keys.OpenPerson(e.ID, e.PersonCT); err != nil || p.Number != "AB123456" {
		t.Errorf("kept as %q, %v", p.Number, err)
	}
}

func TestTextsThatSayNothing(t *testing.T) {
	t.Parallel()
	s := newStreet(t, seoul())
	for i, body := range []string{"   ", "\u3000\n\u200b", "\u200f"} {
		if got := s.text(at("20:00").Add(time.Duration(i)*time.Minute), anna, body); got != "help" {
			t.Errorf("%q: %q", body, got)
		}
	}
	if got := s.text(at("20:05"), anna, "\t"); got != "" {
		t.Errorf("a machine gets a fourth answer: %q", got)
	}
	if got := s.text(at("20:06"), anna, "예약 680412 홍길동 강남구"); got != "registered" {
		t.Errorf("%q", got)
	}
}

func TestEdgesOfATextsFields(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"예약 680229 홍길동 강남구": "registered", "예약 690229 홍길동 강남구": "ask_missing birth",
		"예약 680412 " + strings.Repeat("가", 200) + " 강남구":          "ask_missing name",
		"BOOK 680412 " + strings.Repeat("a", 201) + " Gangnam-gu": "ask_missing name",
		"BOOK 680412 " + strings.Repeat("a", 100) + " Gangnam-gu": "registered",
		"예약 680412 홍길동 강남구 +886 912 345 678":                      "ask_missing phone",
	} {
		s := newStreet(t, seoul())
		if got := s.text(at("20:00"), anna, body); got != want {
			t.Errorf("%.60q: %q, want %q", body, got, want)
		}
	}
	c := seoul()
	c.Limits.AllowedPrefixes = []string{"+82", "+886"}
	s := newStreet(t, c)
	if got := s.text(at("20:00"), "+886912345678", "BOOK 680412 Chen Ming Gangnam-gu"); got != "registered" {
		t.Errorf("from a country that we text: %q", got)
	}
}
