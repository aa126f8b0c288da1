package sms_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/sms"
)

// Several people in one text are registered where nobody can be mixed up with anybody, and otherwise asked for one by one.
func TestSeveralPeopleInOneText(t *testing.T) {
	t.Parallel()
	const hong, kim = "ko: 홍길동|1968-04-12|gangnam", "ko: 김철수|1970-01-01|gangnam"
	for _, c := range []struct{ body, want string }{
		{"홍길동 680412 강남구, 김철수 700101 강남구", hong + " + " + kim},
		{"홍길동 680412 강남구\n김철수 700101 강남구", hong + " + " + kim},
		{"예약 홍길동 680412 김철수 700101 강남구", hong + " + " + kim},
		{"예약 680412 홍길동 700101 김철수 강남구", hong + " + " + kim},
		{"강남구 680412 홍길동, 700101 김철수", hong + " + " + kim},
		{"우리 부부 2명 예약 홍길동 680412 김철수 700101 강남구", hong + " + " + kim},
		{"홍길동 1968.4.12 그리고 김철수 1970.1.1 강남구", hong + " + " + kim},
		{"홍길동 68년 4월 12일 강남구 김철수 70년 1월 1일 서초구", hong + " + ko: 김철수|1970-01-01|seocho"},
		{"아버지 홍길동 680412 010-1111-2222, 어머니 김철수 700101 010-3333-4444 강남구", hong + "|+821011112222 + " + kim + "|+821033334444"},
		{"홍길동 680412 강남구, 김철수 700101 강남구, 이영희 710203 중구", hong + " + " + kim + " + ko: 이영희|1971-02-03|jung"},
		{"홍 길동 680412, 김 철수 700101 강남구", hong + " + " + kim},
		{"BOOK Hong Gildong 1968-04-12 and Kim Chulsoo 1970-01-01 Gangnam-gu", "en: Hong Gildong|1968-04-12|gangnam + en: Kim Chulsoo|1970-01-01|gangnam"},
		{"일구육팔년 사월 십이일 홍길동 칠십년 일월 일일 김철수 강남구", hong + " + " + kim},
		// Which date is whose?
		{"홍길동 680412 700101 김철수 강남구", "one_each"},
		{"홍길동 김철수 680412 700101 강남구", "ko? name,birth"},
		{"홍길동 680412 김철수 700101", "one_each"}, // nobody says where
		{"홍길동 680412 강남구 김철수 700101 010-333-444", "one_each"},
		// One person, two dates.
		{"홍길동 680412 680413 강남구", "ko? birth"},
		{"홍길동 680412 1968.4.12 강남구", hong},
		{"홍길동 680412 강남구 1차 접종 2021.6.3", "ko? birth"},
	} {
		_, got := sms.Step(seoul(), sms.State{}, sender, sms.CutResidentNumber(c.body), today)
		if show(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.body, show(got), c.want)
		}
	}
}

// A household that says how many it is stays announced until so many were told.
func TestAnnouncedHousehold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body string
		want int
	}{
		{"우리 부부 예약", 2}, {"2명 예약합니다", 2}, {"저희 가족 네 명 예약", 4}, {"세 분 예약이요", 3}, {"book for 3 people", 3}, {"my wife and I, both of us", 2}, {"9명 예약", 6},
		{"예약", 0}, {"예약 김세명", 0},
	} {
		s, got := sms.Step(seoul(), sms.State{}, sender, c.body, today)
		if s.People != c.want || got.Act != sms.Ask {
			t.Errorf("%q: %d people, %s", c.body, s.People, show(got))
		}
	}
	s := sms.State{}
	for _, c := range []struct {
		body, want string
		left       int
	}{
		{"우리 부부 2명 예약", "ko? name,birth,region", 2},
		{"홍길동 680412 강남구", "ko: 홍길동|1968-04-12|gangnam", 1},
		{"김순이 700101 강남구", "ko: 김순이|1970-01-01|gangnam", 0},
		{"이영희 710203 강남구", "ko: 이영희|1971-02-03|gangnam", 0},
	} {
		var got sms.Intent
		if s, got = sms.Step(seoul(), s, sender, c.body, today); show(got) != c.want || s.People != c.left {
			t.Errorf("%q: %s, %d left", c.body, show(got), s.People)
		}
	}
}

// Whatever the order and the signs between, a person's date stays with their name.
func TestPeopleNeverMix(t *testing.T) {
	t.Parallel()
	c := seoul()
	names := []string{"홍길동", "김철수", "이영희", "박민수", "최순이"}
	dates := []string{"680412", "1970.1.1", "71년 2월 3일", "19690909", "66-07-08"}
	days := []string{"1968-04-12", "1970-01-01", "1971-02-03", "1969-09-09", "1966-07-08"}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "people")
		first := rapid.Bool().Draw(t, "name first")
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "who")[:n]
		var parts []string
		for _, i := range order {
			pair := []string{names[i], dates[i]}
			if !first {
				pair[0], pair[1] = pair[1], pair[0]
			}
			parts = append(parts, strings.Join(pair, rapid.SampledFrom([]string{" ", ", ", "\n"}).Draw(t, "between")))
		}
		body := strings.Join(parts, rapid.SampledFrom([]string{" ", ", ", "\n", " 그리고 "}).Draw(t, "glue")) + rapid.SampledFrom([]string{" 강남구", ", 서초구", ""}).Draw(t, "place")
		_, got := sms.Step(c, sms.State{}, sender, body, today)
		all := append([]sms.Intent{got}, got.Also...)
		if got.Act != sms.Register {
			if strings.HasSuffix(body, "구") {
				t.Fatalf("%q: %s", body, show(got))
			}
			return
		}
		for k, i := range order {
			if len(all) != n || all[k].Person.Name != names[i] || all[k].Person.Born.String() != days[i] {
				t.Fatalf("%q: %s", body, show(got))
			}
		}
	})
}

// The very old, by two digits of the year: whoever can be meant is not asked, and whoever is asked may answer as people do.
func TestTheVeryOld(t *testing.T) {
	t.Parallel()
	everybody := seoul()
	everybody.Cohorts = []booking.Cohort{{Code: "all", BornFrom: date("1900-01-01"), BornTo: date("2021-07-01")}}
	old := seoul()
	old.Cohorts = []booking.Cohort{{Code: "old", BornFrom: date("1900-01-01"), BornTo: date("1946-12-31")}}
	for _, c := range []struct {
		campaign *booking.Campaign
		texts    [][2]string
	}{
		{everybody, [][2]string{{"예약 350412 홍길동 강남구", "ko: 홍길동|1935-04-12|gangnam"}}}, // 86: nothing else is possible
		{old, [][2]string{{"예약 180412 홍길동 강남구", "ko: 홍길동|1918-04-12|gangnam"}}},       // 103: no child may apply
		{everybody, [][2]string{{"예약 180412-1234567 홍길동 강남구", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"1918", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"1918년생이요", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"1900년대", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"천구백십팔년", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"일구일팔년이요", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"103세", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"백네살이요", "ko? birth_century"}, {"104살", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"백삼세", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"3살", "ko: 홍길동|2018-04-12|gangnam"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"50살", "ko? birth_century"}, {"1818", "ko? birth_century"}}},
		{everybody, [][2]string{{"예약 180412 홍길동 강남구", "ko? birth_century"}, {"1918년인지 2018년인지 모르겠어요", "ko? birth_century"}, {"1918/2018", "ko? birth_century"}, {"1918년생 103세", "ko: 홍길동|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"BOOK 180412 Hong Gildong Gangnam-gu", "en? birth_century"}, {"1918", "en: Hong Gildong|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"BOOK 180412 Hong Gildong Gangnam-gu", "en? birth_century"}, {"1900s", "en: Hong Gildong|1918-04-12|gangnam"}}},
		{everybody, [][2]string{{"BOOK 180412 Hong Gildong Gangnam-gu", "en? birth_century"}, {"103 years old", "en: Hong Gildong|1918-04-12|gangnam"}}},
	} {
		s := sms.State{}
		for _, text := range c.texts {
			var got sms.Intent
			if s, got = sms.Step(c.campaign, s, sender, sms.CutResidentNumber(text[0]), today); show(got) != text[1] {
				t.Errorf("%q: got %q, want %q", text[0], show(got), text[1])
			}
		}
	}
}
