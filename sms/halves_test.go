package sms_test

import (
	"testing"

	"jari/sms"
)

// A birth date may come in halves, in either order.
func TestABirthDateInHalves(t *testing.T) {
	t.Parallel()
	const hong = "ko: 홍길동|1968-04-12|gangnam"
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{[]string{"예약 홍길동 강남구", "1968년생"}, "ko? birth"},
		{[]string{"예약 홍길동 강남구", "1968년생", "4월 12일"}, hong},
		{[]string{"예약 홍길동 강남구", "68년생이요", "사월 십이일"}, hong},
		{[]string{"예약 홍길동 강남구", "생일은 4월12일이에요", "1968년"}, hong},
		{[]string{"예약 홍길동 강남구", "1968", "4월 12일생"}, hong},
		{[]string{"예약 홍길동", "1968년생 강남구", "4월 12일"}, hong},
		{[]string{"예약 홍길동 강남구", "1968년생", "1969년생", "4월 12일"}, "ko: 홍길동|1969-04-12|gangnam"},
		{[]string{"예약 홍길동 강남구", "1968년생", "13월 40일"}, "ko? birth"},
		{[]string{"예약 홍길동 강남구", "1968년생", "690513"}, "ko: 홍길동|1969-05-13|gangnam"},
		{[]string{"예약 홍길동 1968년생", "김철수 690513 강남구"}, "ko: 김철수|1969-05-13|gangnam"}, // somebody else
		{[]string{"4월 12일"}, "help"},
	} {
		var s sms.State
		var in sms.Intent
		for _, text := range c.texts {
			s, in = sms.Step(seoul(), s, sender, text, today)
		}
		if got := show(in); got != c.want {
			t.Errorf("%q: %s, want %s", c.texts, got, c.want)
		}
	}
}
