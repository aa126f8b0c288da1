package sms_test

import (
	"testing"

	"jari/booking"
	"jari/sms"
)

// Whoever writes English and knows a word of Korean, the place or 예약, is answered in English.
func TestAWordOfKoreanInEnglish(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts []string
		want  booking.Lang
	}{
		{[]string{"hello i want vaccine 예약"}, booking.English},
		{[]string{"BOOK", "My name is Nguyen Van An", "1968-04-12", "강남"}, booking.English},
		{[]string{"BOOK", "My name is Jane Doe", "어디?"}, booking.English},
		{[]string{"what is 접종 date please"}, booking.English},
		{[]string{"BOOK", "홍길동"}, booking.Korean},
		{[]string{"BOOK 홍길동 680412"}, booking.Korean},
		{[]string{"BOOK 홍길동 680412", "강남"}, booking.Korean},
		{[]string{"Jane Doe 1968-04-12 예약", "강남구에 살아요 부탁합니다"}, booking.Korean},
		{[]string{"예약 Jane Doe 680412"}, booking.Korean},
	} {
		var s sms.State
		var in sms.Intent
		for _, text := range c.texts {
			s, in = sms.Step(seoul(), s, sender, text, today)
		}
		if in.Lang != c.want {
			t.Errorf("%q: %s, want %s", c.texts, in.Lang, c.want)
		}
	}
}
