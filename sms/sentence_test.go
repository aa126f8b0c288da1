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
		{[]string{"BOOK 1968-04-12 Gangnam", "what is 접종 date please"}, "en? name"},
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

// Old people dictate without spaces, families send several in one text, and hardly anybody knows our word for it.
func TestAsPeopleWrite(t *testing.T) {
	t.Parallel()
	const hong = "ko: 홍길동|1968-04-12|gangnam"
	const three = "ko: 홍길동|1968-04-12|gangnam + ko: 김철수|1969-05-13|gangnam + ko: 이영희|1970-06-14|gangnam"
	for _, c := range []struct{ body, want string }{
		{"홍길동680412강남구예약해줘", hong},
		{"홍길동육십팔년사월십이일강남구예약해줘", hong},
		{"홍길동68년4월12일강남구예약해주세요", hong},
		{"예약해주세요홍길동680412강남구", hong},
		{"예약할게요홍길동 680412 강남구", hong},
		{"안녕하세요 저는 홍길동이라고 합니다 68년 4월 12일생이에요 강남구 살아요 예약 부탁드려요", hong},
		{"홍길동이라고합니다 680412 강남구", hong},
		{"홍길동 680412 김철수 690513 이영희 700614 모두 강남구", three},
		{"어머니 홍길동 680412 아버지 김철수 690513 아이 이영희 700614 모두 강남구요", three},
		{"이장입니다. 홍길동 680412 김철수 690513 이영희 700614 전부 강남구", three},
		{"주사 맞을라고 하는데 어떻게 해요", "ko? name,birth,region"},
		{"백신 맞고 싶어요", "ko? name,birth,region"},
		{"백신 맞으려고요 홍길동 680412 강남구", hong},
		{"예약할 수 있나요", "ko? name,birth,region"},
		{"I want a flu vaccine", "en? name,birth,region"},
		{"Hi, we need an appointment", "en? name,birth,region"},
		{"I would like to get vaccinated. Hong Gildong, 1968-04-12, Gangnam", "en: Hong Gildong|1968-04-12|gangnam"},
		{"예약이일 680412 강남구", "ko: 이일|1968-04-12|gangnam"},
	} {
		if _, in := sms.Step(seoul(), sms.State{}, sender, c.body, today); show(in) != c.want {
			t.Errorf("%q: %s, want %s", c.body, show(in), c.want)
		}
	}
}
