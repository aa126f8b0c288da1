package sms

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"jari/booking"
)

// CutResidentNumber cuts every Korean resident registration number in a text to its birth part, before the text is
// stored or looked at: "680412-1234567" becomes "19680412", because the seventh digit tells the century. It finds the
// number with or without a hyphen, with spaces anywhere between its digits, in full-width digits, half masked
// ("680412-1******"), and after a birth date in another form ("1968.4.12 1234567"). Birth dates, telephone numbers and
// everything else stay as they were written.
//
// An alien registration number has the same form and is cut alike. Where the first six digits are no date, a number in
// the form 6-7 is still cut, because a slip in the date does not make the rest less secret; thirteen digits in a row are
// then left alone, because they are something else.
//
// A number in spoken words is found like one in digits, and is then written in digits.
func CutResidentNumber(body string) string {
	composed := norm.NFC.String(body)
	if said := allSaid(composed); said != composed {
		if cut, found := cutAll([]rune(said)); found {
			body = cut
		}
	}
	for range len(body) { // each pass leaves fewer numbers; nearly always there is none after the first
		cut, found := cutAll([]rune(body))
		if !found {
			return body
		}
		body = cut
	}
	return body
}

// reach is how many signs a resident number can take up, with room to see what follows.
const reach = 80

// cutAll makes one pass over the text. found says whether a number was cut.
func cutAll(text []rune) (cut string, found bool) {
	signs := classes(text)
	var out strings.Builder
	kept := 0 // everything before is in out
	for i := 0; i < len(signs); i++ {
		if !isDigit(signs[i]) || i > 0 && (isDigit(signs[i-1]) || signs[i-1] == '+') {
			continue
		}
		r, ok := residentAt(signs[i:min(i+reach, len(signs))])
		if !ok {
			continue
		}
		out.WriteString(string(text[kept:i]))
		if r.birth == "" { // the century is masked: the date stays as written
			r.birth = string(text[i : i+r.head])
		}
		out.WriteString(r.birth)
		kept = i + r.length
		if kept < len(text) && signs[kept] != ' ' {
			out.WriteByte(' ')
		}
		found, i = true, kept-1
	}
	out.WriteString(string(text[kept:]))
	return out.String(), found
}

// classes writes the text with one byte for each character, so that positions in it are positions in the text: digits,
// plus, hyphen and space as they are, "." for other signs that may stand between two digits, "*" for masks, Y M D for the
// Korean words year, month and day, ">" for "the back part", and "o" for everything else.
func classes(text []rune) []byte {
	out := make([]byte, len(text))
	for i, r := range fold(text) {
		switch {
		case r >= '0' && r <= '9', r == '+', r == '-', r == '*', r == ' ':
			out[i] = byte(r)
		case r == 'x', r == 'X':
			out[i] = '*'
		case strings.ContainsRune("._/~,:;()=|\n", r):
			out[i] = '.'
		case r == '년':
			out[i] = 'Y'
		case r == '월':
			out[i] = 'M'
		case r == '일':
			out[i] = 'D'
		case r == '뒤', r == '뒷':
			out[i] = '>'
		default:
			out[i] = 'o'
		}
	}
	return out
}

// How a birth date may be written in front of the rest of a resident number.
var heads = []*regexp.Regexp{
	regexp.MustCompile(`^(\d\d)(\d\d)(\d\d)`),
	regexp.MustCompile(`^((?:18|19|20)\d\d)(\d\d)(\d\d)`),
	regexp.MustCompile(`^(\d\d(?:\d\d)?)[-. ]{1,3}(\d\d?)[-. ]{1,3}(\d\d?)`),
	regexp.MustCompile(`^(\d\d(?:\d\d)?) ?Y ?(\d\d?) ?M ?(\d\d?) ?D?o?`),
	regexp.MustCompile(`^(\d[-. ]{1,2}\d)[-. ]{1,2}(\d[-. ]{1,2}\d)[-. ]{1,2}(\d[-. ]{1,2}\d)`),
}

// tail is how the seven digits after the birth date may be written.
type tail struct {
	*regexp.Regexp
	loose bool // may also be the beginning of a telephone number, which decides what must not follow
	six   bool // only after six digits in a row, but then even where they are no day of the calendar
}

var tails = []tail{
	{Regexp: regexp.MustCompile(`^[-. ]{1,4}([\d*])[\d*]{6}`), six: true},
	{Regexp: regexp.MustCompile(`^[-. ]{0,4}([\d*])[\d*]{6}`)},
	{Regexp: regexp.MustCompile(`^[-. ]{0,4}(\d)[-. ]{1,2}[\d*]{6}`)},
	{Regexp: regexp.MustCompile(`^[-. ]{0,4}([\d*])(?:[-. ]{0,2}[\d*]){6}`), loose: true},
	{Regexp: regexp.MustCompile(`^[-. oYMD]{0,12}>[-. oYMD>]{0,12}([\d*])[\d*]{6}`)},
	{Regexp: regexp.MustCompile(`^[-. ]{0,4}(\d)\*{1,7}`)},
	{Regexp: regexp.MustCompile(`^[-. ]{0,4}(\*)\*{2,7}`)},
	{Regexp: regexp.MustCompile(`^-(\d)`), loose: true}, // only the digit that tells the century
}

var (
	moreDigits = regexp.MustCompile(`^[-. ]{0,2}\d`)
	noDigits   = regexp.MustCompile(`[^\d]`)
)

// resident is a resident number that was found.
type resident struct {
	head   int    // length of the birth date as written
	length int    // length of the whole
	birth  string // eight digits, or "" when the date is to stay as written
}

// residentAt reads a resident number at the beginning of the signs.
func residentAt(signs []byte) (resident, bool) {
	for _, head := range heads {
		h := head.FindSubmatch(signs)
		if h == nil {
			continue
		}
		rest := signs[len(h[0]):]
		for _, t := range tails {
			m := t.FindSubmatch(rest)
			if m == nil || t.six && len(h[0]) != 6 || !t.endsBefore(rest[len(m[0]):]) {
				continue
			}
			if birth, real := birthOf(h, m[1][0]); real || t.six {
				return resident{len(h[0]), len(h[0]) + len(m[0]), birth}, true
			}
		}
	}
	return resident{}, false
}

// endsBefore reports whether a number may end where the rest begins.
func (t tail) endsBefore(rest []byte) bool {
	if len(rest) > 0 && (isDigit(rest[0]) || rest[0] == '*') {
		return false
	}
	return !t.loose || !moreDigits.Match(rest)
}

// birthOf makes the eight digits of the birth date. real is false when no century makes a day of the calendar; the date
// is "" when the seventh sign does not tell the century.
func birthOf(head [][]byte, seventh byte) (birth string, real bool) {
	part := func(i int) int { return number(string(noDigits.ReplaceAll(head[i], nil))) }
	year, month, day := part(1), part(2), part(3)
	if year >= 1000 { // the year was written in full
		_, real = booking.NewDate(year, time.Month(month), day)
		return fmt.Sprintf("%04d%02d%02d", year, month, day), real
	}
	century := 0
	switch seventh {
	case '1', '2', '5', '6':
		century = 1900
	case '3', '4', '7', '8':
		century = 2000
	case '9', '0':
		century = 1800
	}
	if century == 0 {
		_, real = booking.NewDate(2000+year, time.Month(month), day)
		return "", real
	}
	if _, real = booking.NewDate(century+year, time.Month(month), day); !real {
		return "", false
	}
	return fmt.Sprintf("%04d%02d%02d", century+year, month, day), true
}
