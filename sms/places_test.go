package sms_test

import (
	"testing"

	"jari/booking"
	"jari/sms"
)

// A place may be told by its postcode; five digits that are something else are none.
func TestPostcodes(t *testing.T) {
	t.Parallel()
	const hong = "ko: 홍길동|1968-04-12|gangnam"
	fives := numbered()
	fives.Number = `\d{5}`
	for _, c := range []struct {
		campaign   *booking.Campaign
		body, want string
	}{
		{seoul(), "예약 680412 홍길동 06234", hong},
		{seoul(), "예약 680412 홍길동 우편번호 06234", hong},
		{seoul(), "예약 680412 홍길동 (우)06234", hong},
		{seoul(), "예약 680412 홍길동 우편번호는 06234입니다", hong},
		{seoul(), "06234 홍길동 680412", hong},
		{seoul(), "홍길동 06234 680412 01000001234", hong},
		{seoul(), "예약 680412 홍길동 ０６２３４", hong},
		{seoul(), "예약 680412 홍길동 06234 010-1111-2222", hong + "|+821011112222"},
		{seoul(), "예약 680412 홍길동 06612", "ko: 홍길동|1968-04-12|seocho"},
		{seoul(), "BOOK 1968-04-12 Hong Gildong postcode 06234", "en: Hong Gildong|1968-04-12|gangnam"},
		{seoul(), "예약 680412 홍길동 47500", "ko? region"},                    // a place elsewhere
		{seoul(), "예약 680412 홍길동 우편번호 47500", "ko? region"},               // and said to be one
		{seoul(), "예약 680412 홍길동 06234 서초구", "ko: 홍길동|1968-04-12|seocho"}, // the name is what people know best
		{seoul(), "예약 06234 홍길동 강남구", "ko? birth"},
		{seoul(), "예약 062345 홍길동 강남구", "ko? birth"},  // no day, and no postcode
		{fives, "예약 680412 홍길동 06234", "ko? region"}, // it is the number
		{fives, "예약 680412 홍길동 06612 우편번호 06234", hong + "|06612"},
		{fives, "예약 680412 홍길동 우편번호 06234", "ko? number"},
	} {
		_, got := sms.Step(c.campaign, sms.State{}, sender, sms.CutResidentNumber(c.body), today)
		if show(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.body, show(got), c.want)
		}
	}
}

// A slip in the name of a place is asked about. It is never put right silently, and no name of a person is taken for a place.
func TestNearPlaces(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, want string }{
		{"예약 680412 홍길동 강남국", "ko? gangnam? region"},
		{"예약 680412 홍길동 강나구", "ko? gangnam? region"},
		{"예약 680412 홍길동 간남구", "ko? gangnam? region"},
		{"예약 680412 홍길동 강남그", "ko? gangnam? region"},
		{"예약 680412 홍길동 서쵸구", "ko? seocho? region"},
		{"예약 680412 홍길동 중량구", "ko? jungnang? region"},
		{"강남국 680412", "ko? gangnam? name,region"},
		{"예약 강남국", "ko: nothing near"},
		{"BOOK 1968-04-12 Hong Gildong, Gangnm-gu", "en? gangnam? region"},
		{"BOOK 1968-04-12 Hong Gildong Gagnnam-gu", "en? gangnam? region"},
		// Whole names stand.
		{"예약 680412 강남국 서초구", "ko: 강남국|1968-04-12|seocho"},
		{"예약 680412 홍길동 강북구", "ko? name,region"}, // a place of its own, three letters away
		{"예약 680412 홍길동 중국", "ko? region"},       // too short a word to be near to anything
		{"예약 680412 홍길동", "ko? region"},
		{"예약 680412 서초규", "ko? seocho? name,region"}, // a name that is near to a place
		{"예약 680412 강동우 06234", "ko: 강동우|1968-04-12|gangnam"},
	} {
		_, got := sms.Step(seoul(), sms.State{}, sender, sms.CutResidentNumber(c.body), today)
		if c.want == "ko: nothing near" {
			if got.Act != sms.Ask || got.Person.Name != "" {
				t.Errorf("%q: %s", c.body, show(got))
			}
			continue
		}
		if show(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.body, show(got), c.want)
		}
	}
	s := sms.State{}
	for _, c := range [][2]string{{"예약 680412 서초규", "ko? seocho? name,region"}, {"강남구", "ko? name"}, {"서초규", "ko: 서초규|1968-04-12|gangnam"}} {
		var got sms.Intent
		if s, got = sms.Step(seoul(), s, sender, c[0], today); show(got) != c[1] {
			t.Errorf("%q: got %q, want %q", c[0], show(got), c[1])
		}
	}
}
