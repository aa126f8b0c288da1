package sms_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/sms"
)

// Numbers as people speak them, and as a phone's dictation writes them.
func TestSpokenNumbers(t *testing.T) {
	t.Parallel()
	const kim = "ko: 김순자|1945-03-02|gangnam"
	old := seoul()
	old.Cohorts[0].BornFrom = date("1915-01-01")
	for _, c := range []struct{ body, want string }{
		{"일구사오년 삼월 이일 김순자 강남구", kim},
		{"천구백사십오년 삼월 이일생 김순자 강남구", kim},
		{"사십오년 삼월 이일생 김순자 강남구", kim},
		{"사오년 3월 이일 김순자 강남구", kim},
		{"45년 삼월 2일 김순자 강남구", kim},
		{"김순자 강남구 일구사오공삼공이", kim},
		{"김순자 사오공삼공이 강남구", kim},
		{"김순자 사오영삼영이 강남구", kim},
		{"일구사오년삼월이일김순자강남구", kim},
		{"쉰다섯년 유월 십일일생 김순자 강남구", "ko: 김순자|1955-06-11|gangnam"},
		{"오십오년 시월 이십일일 김순자 강남구", "ko: 김순자|1955-10-21|gangnam"},
		{"오십오년 십이월 삼십일일생 김순자 강남구", "ko: 김순자|1955-12-31|gangnam"},
		{"오십오년 십일월 이십일 김순자 강남구", "ko: 김순자|1955-11-20|gangnam"},
		{"45년도 3월달 2일 김순자 강남구", kim},
		{"양력 사십오년 양력 삼월 이일 김순자 강남구", kim},
		// Telephones.
		{"김순자 450302 강남구 공일공 일일일일 이이이이", kim + "|+821011112222"},
		{"김순자 450302 강남구 공일공일일일일이이이이", kim + "|+821011112222"},
		{"김순자 450302 강남구 공일공에 일일일일에 이이이이", kim + "|+821011112222"},
		{"김순자 450302 강남구 영일영-일일일일-이이이이", kim + "|+821011112222"},
		{"김순자 사오공삼공이 공일공일일일일이이이이 강남구", kim + "|+821011112222"},
		// A number of a month or a day that is none.
		{"사십오년 십삼월 이일 김순자 강남구", "ko? name,birth"},
		{"사십오년 이월 삼십일 김순자 강남구", "ko? birth"},
		{"천구백년 김순자 강남구", "ko? name,birth"},
		{"쉰다섯 살 김순자 강남구", "ko? birth"},
		{"쉰다섯년생 김순자 강남구", "ko? birth"},
		{"일구사오공삼공이 이영이 강남구", "ko: 이영이|1945-03-02|gangnam"},
		{"이영이 사오공삼공이 공일공 일일일일 이이이이 강남구", "ko: 이영이|1945-03-02|gangnam|+821011112222"},
		{"예약 450302 이일구 강남구", "ko: 이일구|1945-03-02|gangnam"},
		{"예약 450302 구본일 강남구", "ko: 구본일|1945-03-02|gangnam"},
		// Answers.
		{"일번", "answer 1"}, {"십이번이요", "answer 12"}, {"이십일 번 입니다", "answer 21"}, {"이십일 번입니다", "answer 21"}, {"삼번.", "answer 3"},
		{"한번", "help"}, {"일이", "help"},
		// English months.
		{"BOOK 2 Mar 1945 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-03-02|gangnam"},
		{"BOOK 2nd of March, 1945 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-03-02|gangnam"},
		{"BOOK March 2nd 1945 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-03-02|gangnam"},
		{"BOOK 2-Sept-1945 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-09-02|gangnam"},
		{"BOOK 02MAR1945 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-03-02|gangnam"},
		{"BOOK 1945 Mar 2 Kim Sunja Gangnam-gu", "en: Kim Sunja|1945-03-02|gangnam"},
	} {
		_, got := sms.Step(old, sms.State{}, sender, sms.CutResidentNumber(c.body), today)
		if show(got) != c.want {
			t.Errorf("%q: got %q, want %q", c.body, show(got), c.want)
		}
	}
}

// A resident number that somebody speaks is no less secret.
func TestSpokenResidentNumbersAreCut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"사오공삼공이 이일삼사오육칠 김순자":        "19450302 김순자",
		"사오공삼공이다시이일삼사오육칠":           "",
		"사오공삼공이 다시 이일삼사오육칠 강남구":     "",
		"사오공삼공이이일삼사오육칠 김순자":         "19450302 김순자",
		"사십오년 삼월 이일 뒷자리 이일삼사오육칠":    "",
		"사 오 공 삼 공 이 이 일 삼 사 오 육 칠": "",
		"김순자 사오공삼공이 강남구":            "김순자 사오공삼공이 강남구",
		"공일공 일일일일 이이이이":             "공일공 일일일일 이이이이",
	} {
		got := sms.CutResidentNumber(in)
		if want != "" && got != want || strings.Contains(got, "이일삼사오육칠") || strings.Contains(got, "2134567") || strings.Contains(got, "일 삼 사") {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Whatever day it is, in whichever way it is spoken, it is that day or asked about: never another one.
func TestASpokenDayIsThatDay(t *testing.T) {
	t.Parallel()
	c := seoul()
	rapid.Check(t, func(t *rapid.T) {
		born := date("1922-01-01").Add(rapid.IntRange(0, 365*80).Draw(t, "day"))
		year := rapid.SampledFrom([]string{saidByDigit(born.Year), saidInTens(born.Year)}).Draw(t, "year")
		body := year + "년 " + strings.NewReplacer("육", "유", "십월", "시월").Replace(saidInTens(int(born.Month))+"월") + rapid.SampledFrom([]string{" ", ""}).Draw(t, "gap") +
			saidInTens(born.Day) + "일생 홍길동 강남구"
		_, got := sms.Step(c, sms.State{}, sender, sms.CutResidentNumber(body), today)
		if got.Act != sms.Register || got.Person.Born != born || got.Person.Name != "홍길동" {
			t.Fatalf("%s: %q: %s", born, body, show(got))
		}
	})
}

func saidByDigit(n int) string {
	if n < 10 {
		return string([]rune("공일이삼사오육칠팔구")[n])
	}
	return saidByDigit(n/10) + saidByDigit(n%10)
}

func saidInTens(n int) string {
	var out strings.Builder
	for _, u := range []struct {
		of   int
		name string
	}{{1000, "천"}, {100, "백"}, {10, "십"}, {1, ""}} {
		d := n / u.of % 10
		if d > 1 || d == 1 && u.of == 1 {
			out.WriteString(saidByDigit(d))
		}
		if d > 0 {
			out.WriteString(u.name)
		}
	}
	return out.String()
}
