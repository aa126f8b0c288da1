package sms

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// Numbers as Koreans speak them, and as a phone's dictation sometimes writes them: one digit after the other (일구사오, 공일공),
// in tens and hundreds (천구백사십오), and the native tens for a year of birth (쉰다섯년생). Nearly every one of these syllables
// also stands in names and places (이영이, 구로구, 오산), so a number is only read where its surroundings leave no doubt.

const (
	saidDigit = `[영공일이삼사오육륙칠팔구]`
	// saidNumber is a number below ten thousand in one of the ways of speaking, or in digits.
	saidNumber = `(?:\d{1,4}|[영공일이삼사오육륙칠팔구십백천]{1,7}|` + saidNative + `)`
	saidNative = `(?:열|스물|서른|마흔|쉰|예순|일흔|여든|아흔)(?:하나|한|둘|두|셋|세|넷|네|다섯|여섯|일곱|여덟|아홉)?`
)

var (
	saidDate  = regexp.MustCompile(`(` + saidNumber + `) ?년(?:도)?(?:생)? ?(?:음력 ?|양력 ?)?(\d{1,2}|십[일이]|유|시|십|` + saidDigit + `) ?월(?:달)?(?:생)? ?(\d{1,2}|[일이삼사오육륙칠팔구십]{1,4}) ?일`)
	saidYear  = regexp.MustCompile(`(` + saidNumber + `) ?년(?:도)?생`)
	saidRun   = regexp.MustCompile(saidDigit + `(?:[ .,-]{0,2}(?:다시 ?|에 ?|의 ?)?` + saidDigit + `)*`)
	saidDash  = regexp.MustCompile(` ?(?:다시|에|의) ?`)
	saidWord  = regexp.MustCompile(saidDigit + `+`)
	saidReply = regexp.MustCompile(`^[ .!]*([일이삼사오육륙칠팔구십]{1,3}) ?번(?:이요|요|입니다|이에요|으로|이라고)?[ .!]*$`)
)

var digitOf = map[rune]int{'영': 0, '공': 0, '일': 1, '이': 2, '삼': 3, '사': 4, '오': 5, '육': 6, '륙': 6, '칠': 7, '팔': 8, '구': 9}

// inDigits writes numbers that are spoken in words as digits: birth dates, telephone numbers, the answer to a question.
func inDigits(text string) string {
	if m := saidReply.FindStringSubmatch(text); m != nil {
		if n, ok := numberSaid(m[1]); ok {
			return strconv.Itoa(n) + "번"
		}
	}
	if strings.Contains(text, "년") {
		text = saidYear.ReplaceAllStringFunc(saidDate.ReplaceAllStringFunc(text, dateSaid), yearOnly)
	}
	return saidRun.ReplaceAllStringFunc(text, runSaid)
}

func yearOnly(s string) string {
	if y, ok := yearSaid(saidYear.FindStringSubmatch(s)[1]); ok {
		return y + "년생"
	}
	return s
}

// dateSaid writes a date in words. One that is in digits, or that is none, stays as it is.
func dateSaid(s string) string {
	m := saidDate.FindStringSubmatch(s)
	month, ok := map[string]int{"유": 6, "시": 10}[m[2]]
	if !ok {
		month, ok = numberSaid(m[2])
	}
	year, ok1 := yearSaid(m[1])
	day, ok2 := numberSaid(m[3])
	if !ok || !ok1 || !ok2 || month < 1 || month > 12 || day < 1 || day > 31 {
		return s
	}
	return year + "년 " + strconv.Itoa(month) + "월 " + strconv.Itoa(day) + "일"
}

// yearSaid is a year of two or four digits.
func yearSaid(s string) (string, bool) {
	n, ok := numberSaid(s)
	switch runes := []rune(s); {
	case !ok:
		return "", false
	case len(runes) == 1 && isDigitWord(runes[0]): // "오년": a span of time
		return "", false
	case isDigit(s[0]):
		return s, len(s) == 2 || len(s) == 4
	case n < 100:
		return fmt.Sprintf("%02d", n), true
	}
	return strconv.Itoa(n), n >= 1800 && n < 2200
}

func isDigitWord(r rune) bool { _, ok := digitOf[r]; return ok }

// numberSaid reads a number below ten thousand.
func numberSaid(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, true
	}
	if n, ok := nativeSaid(s); ok {
		return n, true
	}
	if !strings.ContainsAny(s, "십백천") { // digit by digit
		n := 0
		for _, r := range s {
			d, ok := digitOf[r]
			if !ok {
				return 0, false
			}
			n = n*10 + d
		}
		return n, s != "" && n < 10_000
	}
	return tensSaid(s)
}

// tensSaid reads 천구백사십오. Each unit stands once, and in this order; no digit stands before another one.
func tensSaid(s string) (int, bool) {
	total, digit, last := 0, 0, 10_000
	for _, r := range s {
		unit, isUnit := map[rune]int{'십': 10, '백': 100, '천': 1000}[r]
		d, isOne := digitOf[r]
		switch {
		case isUnit && unit < last:
			total, digit, last = total+max(digit, 1)*unit, 0, unit
		case isOne && digit == 0 && d > 0:
			digit = d
		default:
			return 0, false
		}
	}
	return total + digit, true
}

// nativeSaid reads 쉰다섯.
func nativeSaid(s string) (int, bool) {
	tens, ones := 0, 0
	rest := s
	for i, word := range []string{"열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"} {
		if after, ok := strings.CutPrefix(s, word); ok {
			tens, rest = (i+1)*10, after
		}
	}
	for i, words := range [][]string{{"하나", "한"}, {"둘", "두"}, {"셋", "세"}, {"넷", "네"}, {"다섯"}, {"여섯"}, {"일곱"}, {"여덟"}, {"아홉"}} {
		for _, word := range words {
			if rest == word {
				ones, rest = i+1, ""
			}
		}
	}
	return tens + ones, tens > 0 && rest == ""
}

// runSaid writes a run of spoken digits as digits where it can only be a telephone number or a birth date: a name of such
// syllables stays, also beside one.
func runSaid(run string) string {
	at := saidWord.FindAllStringIndex(run, -1)
	var out strings.Builder
	kept := 0
	for i := 0; i < len(at); i++ {
		fits, as := -1, ""
		for j, said := i, ""; j < len(at) && len(said) <= longestSaid; j++ { // the longest that fits
			said += digitsSaid(run[at[j][0]:at[j][1]])
			if birth := likeBirth(said) && (j == i || j == i+1 && len(said) == 8); birth || likePhoneSaid(said) {
				fits, as = j, said
			}
		}
		if fits >= 0 {
			out.WriteString(run[kept:at[i][0]] + as)
			kept, i = at[fits][1], fits
		}
	}
	return out.String() + run[kept:]
}

// longestSaid is how many digits a telephone number has at most.
const longestSaid = 11

func digitsSaid(s string) string {
	var out strings.Builder
	for _, r := range s {
		if d, ok := digitOf[r]; ok {
			out.WriteByte(byte('0' + d))
		}
	}
	return out.String()
}

// likePhoneSaid reports whether digits can be a Korean telephone number: of Seoul, of a mobile telephone, or of another place.
func likePhoneSaid(s string) bool {
	switch {
	case len(s) < 9 || s[0] != '0' || s[1] == '0':
		return false
	case s[1] == '2':
		return len(s) <= 10
	}
	return len(s) == 10 || len(s) == 11
}

// allSaid writes every run of spoken digits as digits, as long as it is as long as a birth date: for finding what must not be kept.
func allSaid(text string) string {
	text = saidDate.ReplaceAllStringFunc(text, dateSaid)
	return saidRun.ReplaceAllStringFunc(text, func(run string) string {
		if len(digitsSaid(run)) < 6 {
			return run
		}
		return saidWord.ReplaceAllStringFunc(saidDash.ReplaceAllString(run, "-"), digitsSaid)
	})
}

// likeBirth reports whether six or eight digits can be a day.
func likeBirth(s string) bool {
	year := 2000
	switch len(s) {
	case 6:
		s = "20" + s
	case 8:
		year, _ = strconv.Atoi(s[:4])
	default:
		return false
	}
	month, _ := strconv.Atoi(s[4:6])
	day, _ := strconv.Atoi(s[6:8])
	if _, ok := booking.NewDate(2000, time.Month(month), day); !ok {
		return false
	}
	return year >= 1800 && year < 2200
}
