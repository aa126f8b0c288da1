package sms_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
	"jari/sms"
)

// three campaigns at one number: covid takes 1962 to 1971 and is open, flu takes 1960 to 2020 and opens later, measles is over.
func three() []sms.Standing {
	covid, flu, measles := seoul(), seoul(), seoul()
	covid.Cohorts = []booking.Cohort{{Code: "a", BornFrom: date("1962-01-01"), BornTo: date("1971-12-31"), Opens: at("19:00"), Closes: at("23:00")}}
	flu.Keywords = []booking.Names{{"ko": "독감", "en": "flu"}}
	flu.Cohorts = []booking.Cohort{{Code: "a", BornFrom: date("1960-01-01"), BornTo: date("2020-12-31"), Opens: at("22:00"), Closes: at("23:00")}}
	measles.Keywords = []booking.Names{{"ko": "홍역", "en": "measles"}}
	measles.Cohorts = []booking.Cohort{{Code: "a", BornFrom: date("1950-01-01"), BornTo: date("1999-12-31"), Opens: at("09:00"), Closes: at("10:00")}}
	return []sms.Standing{{Campaign: covid}, {Campaign: flu}, {Campaign: measles, Over: true}}
}

const (
	covid = iota
	flu
	measles
)

func TestChoose(t *testing.T) {
	t.Parallel()
	type on = func(s []sms.Standing)
	entries := func(of ...int) on {
		return func(s []sms.Standing) {
			for _, i := range of {
				s[i].Entries = 1
			}
		}
	}
	applying := func(i int) on { return func(s []sms.Standing) { s[i].Applying = true } }
	asked := func(i int, id int64) on { return func(s []sms.Standing) { s[i].Asked = id } }
	bothOpen := func(s []sms.Standing) { s[flu].Campaign.Cohorts[0].Opens = at("19:00") }
	for _, c := range []struct {
		body string
		on   []on
		want []int
	}{
		// The birth date, by who takes it now.
		{"예약 680412 홍길동 강남구", nil, []int{covid}},
		{"예약 850412 홍길동 강남구", nil, []int{flu}},     // not yet, but nobody else will
		{"예약 550412 홍길동 강남구", nil, []int{measles}}, // it was for them: "closed"
		{"예약 300412 홍길동 강남구", nil, []int{covid}},   // for nobody: one says so
		{"예약 680412 홍길동 강남구", []on{bothOpen}, []int{covid, flu}},
		{"예약 680412 홍길동 강남구", []on{bothOpen, entries(covid)}, []int{covid, flu}}, // the other one may be meant, too
		{"홍길동 680412 김철수 690412 강남구", nil, []int{covid}},
		// The campaign's own word.
		{"독감 예약 680412 홍길동 강남구", []on{bothOpen}, []int{flu}},
		{"독감예약 680412 홍길동 강남구", nil, []int{flu}},
		{"flu 1968-04-12 Hong Gildong Gangnam-gu", nil, []int{flu}},
		{"독감", nil, []int{flu}},
		{"홍역 조회", []on{entries(covid)}, []int{measles}},
		// An application under way.
		{"680412", []on{bothOpen, applying(flu)}, []int{flu}},
		{"강남구", []on{applying(covid)}, []int{covid}},
		{"독감 예약", []on{applying(covid)}, []int{flu}},
		// Half an application: nobody can know.
		{"예약", nil, []int{covid, flu}},
		{"예약 홍길동 강남구", nil, []int{covid, flu}},
		// Answers.
		{"12", []on{asked(flu, 7)}, []int{flu}},
		{"12번이요", []on{asked(flu, 7), asked(measles, 9)}, []int{measles}},
		{"12", []on{entries(flu)}, []int{flu}}, // nobody asked: who knows the phone says so
		{"12", nil, []int{covid}},
		{"9", []on{entries(flu)}, []int{flu}}, // "not me": about an entry, and no question's number
		{"9", []on{entries(flu, covid)}, []int{covid, flu}},
		{"9", nil, []int{covid}},
		// What is to be done with an entry.
		{"생년월일 680412로 고쳐주세요", []on{entries(flu)}, []int{flu}},
		{"취소하고 싶어요", []on{entries(flu, covid)}, []int{covid, flu}},
		{"독감 취소하고 싶어요", []on{entries(flu, covid)}, []int{flu}},
		{"취소하고 싶어요", []on{entries(covid), applying(flu)}, []int{flu}},
		{"상담원 연결해 주세요", []on{entries(flu, covid)}, []int{covid}}, // whichever calls
		// Questions about the own entry.
		{"조회", []on{entries(flu)}, []int{flu}},
		{"조회", []on{entries(measles)}, []int{measles}},
		{"조회", []on{entries(measles, covid)}, []int{covid}},
		{"왜", []on{entries(flu, covid)}, []int{covid, flu}},
		{"조회", nil, []int{covid}},
		{"예약 시간이 언제죠?", []on{entries(flu)}, []int{flu}},
		{"예약 시간이 언제죠?", []on{entries(covid, flu)}, []int{covid, flu}},
		{"독감 언제 가나요", []on{entries(covid, flu)}, []int{flu}},
		{"예약 시간이 언제죠?", []on{entries(covid), applying(flu)}, []int{flu}},
		// What makes no difference is not asked about.
		{"HELP", []on{entries(flu, covid)}, []int{covid}},
		{"STOP", []on{entries(flu, covid)}, []int{covid, flu, measles}}, // it is about the phone
		{"문자 그만 보내세요", []on{entries(flu, covid)}, []int{covid, flu, measles}},
		{"수신동의", []on{entries(flu, covid)}, []int{covid, flu, measles}},
		{"네 감사합니다", []on{entries(flu, covid)}, []int{covid}},
		{"네", []on{entries(covid), asked(covid, 3), asked(flu, 7)}, []int{flu}}, // who asked last asks again
		{"감사합니다", []on{entries(covid), asked(flu, 7)}, []int{covid}},
		{"안내", nil, []int{covid}},
		{"무슨 문자인지요", []on{entries(flu)}, []int{flu}},
		{"ㅁㄴㅇㄹ", nil, []int{covid}},
	} {
		all := three()
		for _, f := range c.on {
			f(all)
		}
		if got := sms.Choose(all, sender, c.body, at("20:00")); !slices.Equal(got.Among, c.want) {
			t.Errorf("%q: got %v, want %v", c.body, got.Among, c.want)
		}
	}
}

func TestChooseByName(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]bool{
		"독감": {true, true}, "독감이요": {true, true}, "독감 예약": {true, true}, "독감 예약 680412": {true, false}, "독감 홍길동": {true, false}, "예약": {false, false},
	} {
		if got := sms.Choose(three(), sender, body, at("20:00")); got.Named != want[0] || got.Only != want[1] {
			t.Errorf("%q: %+v", body, got)
		}
	}
}

// Whatever comes, some campaign has it; and what one campaign is chosen for does not depend on the order in which they are listed.
func TestChooseHoldsWhateverComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := three()[:rapid.IntRange(1, 3).Draw(t, "campaigns")]
		for i := range all {
			all[i].Entries, all[i].Applying = rapid.IntRange(0, 2).Draw(t, "entries"), rapid.Bool().Draw(t, "applying")
			all[i].Asked = rapid.Int64Range(0, 1).Draw(t, "asked") * int64(i+1)
		}
		body := fieldText(t)
		got := sms.Choose(all, sender, body, at("20:00").Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "hours"))*time.Hour))
		if len(got.Among) == 0 || !slices.IsSorted(got.Among) || got.Among[0] < 0 || got.Among[len(got.Among)-1] >= len(all) {
			t.Fatalf("%q: %v", body, got.Among)
		}
	})
}

func FuzzChoose(f *testing.F) {
	for _, s := range []string{"예약 680412 홍길동 강남구", "독감", "12번", "조회", "홍길동 680412 김철수 700101 강남구", "flu 1968-04-12 Jane Doe", "\xff\x00"} {
		f.Add(s, uint8(5))
	}
	f.Fuzz(func(t *testing.T, body string, on uint8) {
		all := three()
		for i := range all {
			all[i].Applying, all[i].Entries = on>>i&1 == 1, int(on>>(i+3)&1)
		}
		if got := sms.Choose(all, sender, body, at("20:00")); len(got.Among) == 0 || len(got.Among) > len(all) {
			t.Errorf("%v", got)
		}
	})
}

func BenchmarkStep(b *testing.B) {
	for name, body := range map[string]string{
		"usual": "예약 680412 홍길동 강남구", "long run of spoken digits": strings.Repeat("일이삼 ", 400), "many dates": strings.Repeat("680412 홍길동 ", 120),
		"many places": strings.Repeat("강남국 ", 400), "digits": strings.Repeat("0", 1600),
	} {
		b.Run(name, func(b *testing.B) {
			c := seoul()
			for b.Loop() {
				sms.Step(c, sms.State{}, sender, sms.CutResidentNumber(body), today)
			}
		})
	}
}
