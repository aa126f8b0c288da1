package sms

import (
	"regexp"
	"slices"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

var (
	phoneWord        = regexp.MustCompile(`^(?:제|내|저의)?(?:전화번호|전화|휴대폰|휴대폰번호|휴대전화|핸드폰|핸드폰번호|폰번호|연락처|번호)(?:` + particles + `)?$`)
	phoneWordEnglish = []string{"phone", "number", "mobile", "telephone", "cell"}
	kinWord          = regexp.MustCompile(`^(?:우리|저희|제|내)?(?:어머니|어머님|엄마|아버지|아버님|아빠|할머니|할아버지|부모님|아내|남편|집사람|언니|누나|형|오빠|동생|아들|딸|며느리|사위|손자|손녀|장모님|장인어른|시어머니|시아버지)(?:` + particles + `|께서)?$`)
	kinEnglish       = []string{"mother", "father", "mom", "mum", "dad", "wife", "husband", "grandmother", "grandfather", "son", "daughter", "sister", "brother"}
)

// TellsPhone reads a telephone number that is told as somebody's, and nothing else: "어머니 번호는 010-…", "my mother's number is 010-…". Nothing is said to
// be wrong, so that it may as well be a part of an application. It is a function of its arguments alone.
func TellsPhone(c *booking.Campaign, from booking.Phone, body string, today booking.Date) (desk.Want, bool) {
	text := legible(body)
	if !manageable(text) {
		return desk.Want{}, false
	}
	p := &paper{text: text}
	country := desk.PhoneCountry(c)
	phones := p.phones(country, true)
	born, short := p.birth(c, today)
	phones = append(phones, p.phones(country, false)...)
	w := desk.Want{Do: desk.DeedCorrect, Field: "phone", Phone: another(phones, from)}
	if len(phones) != 1 || w.Phone == "" || !born.IsZero() || short != "" || digits(p.text) > 0 || !onlyWhose(p.words()) {
		return desk.Want{}, false
	}
	return w, true
}

// onlyWhose reports whether words say whose telephone number it is, or that it is one, and nothing more.
func onlyWhose(list []token) bool {
	said := false
	for _, t := range list {
		lower := strings.TrimSuffix(strings.ToLower(t.text), "'s")
		switch {
		case t.hangul && (phoneWord.MatchString(t.text) || kinWord.MatchString(t.text)),
			!t.hangul && (slices.Contains(phoneWordEnglish, lower) || slices.Contains(kinEnglish, lower)):
			said = true
		case t.hangul && (correctionFiller.MatchString(t.text) || fillerKorean.MatchString(t.text)),
			!t.hangul && (slices.Contains(correctionFillerEnglish, lower) || isEnglishFiller(lower)):
		default:
			return false
		}
	}
	return said
}
