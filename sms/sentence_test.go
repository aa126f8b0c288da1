package sms_test

import (
	"testing"

	"jari/sms"
)

// Sentences are said to us all the time, and their words are nobody's name: somebody who asked "Can I book please?" was registered as Can.
func TestSentencesNameNobody(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts []string
		want  string // after the last
	}{
		{[]string{"Can I book please?"}, "en? name,birth,region"},
		{[]string{"Can I book"}, "en? name,birth,region"},
		{[]string{"Can I book please?", "Jane Smith", "12 April 1968", "Gangnam"}, "en: Jane Smith|1968-04-12|gangnam"},
		{[]string{"may I book an appointment"}, "en? name,birth,region"},
		{[]string{"BOOK 1968-04-12 Gangnam", "what is the date please"}, "en? name"},
		{[]string{"BOOK 1968-04-12 Gangnam", "What is it?"}, "en? name"},
		{[]string{"BOOK 1968-04-12 Gangnam", "Where is it?"}, "en? name"},
		{[]string{"BOOK 1968-04-12 Gangnam", "what is 접종 date please"}, "ko? name"},
		{[]string{"BOOK 1968-04-12 Gangnam Can Yilmaz"}, "en: Can Yilmaz|1968-04-12|gangnam"},
		{[]string{"BOOK 1968-04-12 Gangnam Will May"}, "en: Will May|1968-04-12|gangnam"},
		{[]string{"hello, I want a vaccine. BOOK", "My name is Nguyen Van An", "1968-04-12", "Gangnam"}, "en: Nguyen Van An|1968-04-12|gangnam"},
		{[]string{"BOOK", "my name is Maria Clara dela Cruz"}, "en? birth,region"},
		{[]string{"BOOK", "Jane Doe Busan"}, "en? name,birth,region"}, // it may hold a place

		{[]string{"우리 어머니 예약해주세요 1968년 4월 12일생이고 강남구 살아요"}, "ko? name"},
		{[]string{"1968년 4월 12일생이고요 강남구 살아요 홍길동이고요"}, "ko: 홍길동|1968-04-12|gangnam"},
		{[]string{"예약 680412 강남구", "그래그래맞다"}, "ko? name"},
		{[]string{"예약 680412 강남구", "그려 그려"}, "ko? name"},
		{[]string{"예약 680412 강남구", "몇월며칠이야"}, "ko? name"},
		{[]string{"예약 680412 강남구", "된거야 안된거야"}, "ko? name"},
		{[]string{"예약 680412 강남구", "어디로 가야 하나요"}, "ko? name"},
		{[]string{"홍길동 680412 강남구 언제 가야 하나요"}, "ko: 홍길동|1968-04-12|gangnam"},
		{[]string{"예약 680412 강남구", "언제쯤인가요"}, "ko? name"},
		{[]string{"예약 680412 강남구", "잘 모르겠어요"}, "ko? name"},
		{[]string{"예약 ㄱㄱ"}, "ko? name,birth,region"},
		{[]string{"예약 680412 강남구", "ㅋㅋㅋ"}, "ko? name"},
		{[]string{"예약 680412 강남구", "응우옌반안"}, "ko: 응우옌반안|1968-04-12|gangnam"},
		{[]string{"예약 680412 강남구 이하나"}, "ko: 이하나|1968-04-12|gangnam"},
		{[]string{"예약 680412 강남구 정말다"}, "ko: 정말다|1968-04-12|gangnam"},
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
