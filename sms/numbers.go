package sms

import (
	"regexp"
	"slices"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

// Telephone numbers whose form no date has; they are read before dates.
var surePhones = []*regexp.Regexp{
	regexp.MustCompile(`\+\d[\d .()-]{5,22}\d`),
}

// Korean forms: mobile and fixed lines with separators, mobile lines without.
var koreanPhones = []*regexp.Regexp{
	regexp.MustCompile(`01\d{8,9}`),
	regexp.MustCompile(`01\d[-. ]{1,3}\d{3,4}[-. ]{1,3}\d{4}`),
	regexp.MustCompile(`01\d[-. ]{1,3}\d{7,8}`),
	regexp.MustCompile(`010\d{4}[-. ]\d{4}`),
	regexp.MustCompile(`\(?0\d{1,2}(?:[-.]|\) ?| )\d{3,4}[-. ]\d{4}`),
	regexp.MustCompile(`0\d{8,10}`),
}

// anyNumber is a run of digits that may be a telephone number of any other country.
var anyNumber = regexp.MustCompile(`\(?\d[\d .()-]{6,22}\d`)

// maxPhones bounds how many numbers are read in one text.
const maxPhones = 4

// phones takes the telephone numbers out of the text. sure reads those that cannot be a date; it comes before the birth
// date, and the rest after it.
func (p *paper) phones(country string, sure bool) []booking.Phone {
	var patterns []*regexp.Regexp
	switch {
	case sure && country == "KR":
		patterns = slices.Concat(surePhones, koreanPhones)
	case sure:
		patterns = surePhones
	case country != "KR":
		patterns = []*regexp.Regexp{anyNumber}
	}
	var out []booking.Phone
	for _, re := range patterns {
		for len(out) < maxPhones {
			phone, ok := p.phone(re, country)
			if !ok {
				break
			}
			out = append(out, phone)
		}
	}
	return out
}

// another is the first number that is not the sender's, as E.164; "" when there is none.
func another(phones []booking.Phone, from booking.Phone) string {
	for _, phone := range phones {
		if phone != from {
			return phone.E164()
		}
	}
	return ""
}

// phone takes one number. A run of digits may go on with something else ("+82 10 1234 5678 680412"), so that when the
// whole is no number, it is tried without its last groups.
func (p *paper) phone(re *regexp.Regexp, country string) (booking.Phone, bool) {
	for _, at := range re.FindAllStringIndex(p.text, -1) {
		for end := at[1]; end > at[0]; end = at[0] + strings.LastIndexAny(p.text[at[0]:end], " -.()") {
			part := p.text[at[0]:end]
			if digits(part) < 7 || !aloneOrSpaced(p.text, at[0], end) {
				if end-at[0] < 7 {
					break
				}
				continue
			}
			if phone, err := desk.ParsePhone(part, country); err == nil {
				p.text = p.text[:at[0]] + blanked(end-at[0]) + p.text[end:]
				return phone, true
			}
		}
	}
	return booking.Phone{}, false
}

// aloneOrSpaced is alone, but for a number whose plus sign or bracket belongs to it.
func aloneOrSpaced(text string, from, to int) bool {
	return alone(text, from, to) || text[from] == '+' && alone(text, from+1, to) && (from == 0 || !isDigit(text[from-1]))
}

func digits(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// almostPhone is a number that begins like a telephone number, though it is too short or too long for one.
var almostPhone = regexp.MustCompile(`\+?0?\d[\d .()-]{5,20}\d`)

// badPhone takes out what was meant as a telephone number but is none, so that the person can be asked. Applying without
// it would tie the entry to the wrong phone.
func (p *paper) badPhone() bool {
	return p.take(almostPhone, func(m []string) bool {
		n := digits(m[0])
		return n >= 8 && n <= 15 && (m[0][0] == '0' || m[0][0] == '+')
	})
}

// oddMobile is a Korean mobile number without its 0 or its plus sign ("82-10-1234-5678"), or with other signs between its parts.
var oddMobile = regexp.MustCompile(`(?:82[^\pL\d]{0,3})?[0Oo]?1[0Oo16-9][^\pL\d]{0,3}(\d{3,4}[^\pL\d]{0,3}\d{4})`)

// oddMobile takes out a number in such a form and reports whether it must be asked for: it is too unsure to text to, but
// applying without it would tie the entry to the sender's phone. The sender's own need not be asked for.
func (p *paper) oddMobile(from booking.Phone) (ask bool) {
	p.take(oddMobile, func(m []string) bool {
		ask = !strings.HasSuffix(from.E164(), noDigits.ReplaceAllString(m[1], ""))
		return true
	})
	return ask
}

// number takes the official or list number: a word of the campaign's pattern. A word that could also be the birth date
// or a telephone number is only taken when there is another one.
func (p *paper) number(pattern string) string {
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		return ""
	}
	var sure, unsure []string
	for _, w := range strings.FieldsFunc(p.text, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '|' }) {
		if !re.MatchString(booking.FoldNumber(w)) {
			continue
		}
		if likeDate.MatchString(w) || likePhone.MatchString(w) {
			unsure = append(unsure, w)
		} else {
			sure = append(sure, w)
		}
	}
	var number string
	switch {
	case len(sure) > 0:
		number = sure[0]
	case len(unsure) > 1:
		number = unsure[1]
	default:
		return ""
	}
	p.text = strings.Replace(p.text, number, blank, 1)
	return booking.FoldNumber(number)
}

var (
	likeDate  = regexp.MustCompile(`^(?:(?:18|19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{2,4}[-./]\d{1,2}[-./]\d{1,2})$`)
	likePhone = regexp.MustCompile(`^(?:\+|01)[\d-]{8,}$`)
)
