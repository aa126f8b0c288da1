package sms_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jari/sms"
)

func TestCutResidentNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		// Whole numbers.
		{"예약 680412-1234567 홍길동", "예약 19680412 홍길동"},
		{"예약 6804121234567 홍길동", "예약 19680412 홍길동"},
		{"680412 1234567", "19680412"},
		{"680412 - 1234567홍길동", "19680412 홍길동"},
		{"６８０４１２－１２３４５６７ 홍길동", "19680412 홍길동"},
		{"680412–1234567", "19680412"},
		{"680412-1 234567", "19680412"},
		{"680412-123 4567", "19680412"},
		{"6 8 0 4 1 2 - 1 2 3 4 5 6 7", "19680412"},
		{"68.04.12-1234567", "19680412"},
		{"68-4-12 1234567", "19680412"},
		{"1968.4.12 1234567 홍길동", "19680412 홍길동"},
		{"19680412-1234567", "19680412"},
		{"196804121234567", "19680412"},
		{"68년 4월 12일생 1234567", "19680412"},
		{"앞 680412 뒤 1234567", "앞 19680412"},
		{"생년월일 680412 주민번호 뒷자리 1234567", "생년월일 19680412"},
		{"680412\u200b-\u200b1234567", "19680412"},
		{"680412-1234567 010-1234-5678", "19680412 010-1234-5678"},
		{"680412-1234567-01012345678", "19680412 -01012345678"},
		{"680412-1234567,700101-2345678", "19680412 ,19700101"},
		{"(680412)1234567", "(19680412"},
		// The seventh digit tells the century.
		{"010412-3234567", "20010412"},
		{"010412-4234567", "20010412"},
		{"680412-5234567", "19680412"},
		{"010412-8234567", "20010412"},
		{"990412-9234567", "18990412"},
		{"990412-0234567", "18990412"},
		// Masked and shortened forms.
		{"680412-1******", "19680412"},
		{"680412-1xxxxxx 홍길동", "19680412 홍길동"},
		{"680412-1●●●●●●", "19680412"},
		{"680412-*******", "680412"},
		{"680412-1234***", "19680412"},
		{"680412-1", "19680412"},
		{"680412-1 홍길동", "19680412 홍길동"},
		// A slip in the date does not save the rest.
		{"681312-1234567", "681312"},
		// What stays.
		{"예약 680412 홍길동 강남구", "예약 680412 홍길동 강남구"},
		{"19680412", "19680412"},
		{"1968-04-12", "1968-04-12"},
		{"68-04-12", "68-04-12"},
		{"010-1234-5678", "010-1234-5678"},
		{"01012345678", "01012345678"},
		{"+821012345678", "+821012345678"},
		{"+82 10-1234-5678", "+82 10-1234-5678"},
		{"+4917012345678", "+4917012345678"},
		{"00821012345678", "00821012345678"},
		{"680412 010-1234-5678", "680412 010-1234-5678"},
		{"680412 010 1234 5678", "680412 010 1234 5678"},
		{"680412 01012345678 홍길동", "680412 01012345678 홍길동"},
		{"680412,01012345678", "680412,01012345678"},
		{"19680412 010-1234-5678", "19680412 010-1234-5678"},
		{"1968.4.12 01012345678", "1968.4.12 01012345678"},
		{"68.4.12 02-312-4567", "68.4.12 02-312-4567"},
		{"680412 1577-1330", "680412 1577-1330"},
		{"010-1234-5678 680412", "010-1234-5678 680412"},
		{"01012345678 680412 홍길동", "01012345678 680412 홍길동"},
		{"02-312-4567 680412", "02-312-4567 680412"},
		{"9999999999999", "9999999999999"},
		{"12", "12"}, {"", ""}, {"조회", "조회"},
	} {
		got := sms.CutResidentNumber(c.in)
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
		if again := sms.CutResidentNumber(got); again != got {
			t.Errorf("%q: cut again: %q", got, again)
		}
	}
}

var whole = regexp.MustCompile(`(?:^|[^0-9+])[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])[ -]?[0-9]{7}(?:[^0-9]|$)`)

// No way of writing a resident number leaves its secret part, whatever stands around it.
func TestNoResidentNumberStays(t *testing.T) {
	t.Parallel()
	around := rapid.StringOfN(rapid.RuneFrom([]rune("가나다 abc.,년월일\n")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		birth := fmt.Sprintf("%02d%02d%02d", rapid.IntRange(0, 99).Draw(t, "y"), rapid.IntRange(1, 12).Draw(t, "m"), rapid.IntRange(1, 28).Draw(t, "d"))
		secret := fmt.Sprintf("%d%06d", rapid.IntRange(0, 9).Draw(t, "s"), rapid.IntRange(100000, 999999).Draw(t, "n"))
		gap := rapid.SampledFrom([]string{"", "-", " ", " - ", "–", "－", ".", "\n", " 뒤 "}).Draw(t, "gap")
		number := birth + gap + secret
		if rapid.Bool().Draw(t, "wide") {
			number = strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r + 0xFEE0
				}
				return r
			}, number)
		}
		text := around.Draw(t, "before") + number + around.Draw(t, "after")
		got := sms.CutResidentNumber(text)
		if plain := narrow(got); strings.Contains(plain, secret[1:]) {
			t.Errorf("%q still holds the secret part: %q", text, got)
		}
	})
}

func TestNoThirteenDigitsStay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789012345678901 -.*+가년월일뒤\u200b０１２")), 0, 60, -1).Draw(t, "text")
		if got := sms.CutResidentNumber(text); whole.MatchString(narrow(got)) {
			t.Errorf("%q still holds a resident number: %q", text, got)
		}
	})
}

func narrow(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - 0xFEE0
		}
		return r
	}, s)
}

func FuzzCutResidentNumber(f *testing.F) {
	for _, s := range []string{"680412-1234567", "6 8 0 4 1 2 1 2 3 4 5 6 7", "680412-1******", "앞 680412 뒤 1234567", "010-1234-5678 680412", "\xff680412"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := sms.CutResidentNumber(s)
		if whole.MatchString(narrow(got)) {
			t.Errorf("%q still holds a resident number: %q", s, got)
		}
	})
}
