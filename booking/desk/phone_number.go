package desk

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"

	"jari/booking"
)

// maxPhoneText bounds what is looked at: nobody writes a telephone number with more signs.
const maxPhoneText = 40

// ParsePhone reads a telephone number as people write it: national ("010-1234-5678") for the country (two letters, ISO
// 3166), or international ("+82 10 1234 5678", "0082 10 …"), with spaces, dots, hyphens or brackets, in ASCII or
// full-width digits. A national number must be one that the country's plan has; an international one only has to be
// whole, because plans change faster than programs. It returns booking.ErrPhone.
func ParsePhone(raw, country string) (booking.Phone, error) {
	digits, err := phoneDigits(raw)
	if err != nil {
		return booking.Phone{}, err
	}
	if strings.HasPrefix(digits, "+") {
		if p, err := booking.ParseE164(digits); err == nil {
			return p, nil
		}
	}
	if country == "KR" && !strings.HasPrefix(digits, "+") && !strings.HasPrefix(digits, "0") {
		return booking.Phone{}, booking.ErrPhone // what is written without the 0 is more likely some other number
	}
	n, err := phonenumbers.Parse(digits, country)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return booking.Phone{}, booking.ErrPhone
	}
	return booking.ParseE164(phonenumbers.Format(n, phonenumbers.E164))
}

// PhoneCountry is the country whose national numbers a campaign's people write: that of its first allowed prefix.
func PhoneCountry(c *booking.Campaign) string {
	for _, prefix := range c.Limits.AllowedPrefixes {
		code := 0
		for _, r := range strings.TrimPrefix(prefix, "+") {
			if r < '0' || r > '9' || code > 999 {
				return ""
			}
			code = code*10 + int(r-'0')
			if country := phonenumbers.GetRegionCodeForCountryCode(code); country != phonenumbers.UNKNOWN_REGION {
				return country
			}
		}
	}
	return ""
}

// phoneDigits keeps the digits, and one plus sign in front. Anything that is neither a digit nor a usual separator makes
// it something else than a telephone number.
func phoneDigits(raw string) (string, error) {
	if len(raw) > maxPhoneText*4 {
		return "", booking.ErrPhone
	}
	var b strings.Builder
	for _, r := range raw {
		if r >= 0xFF01 && r <= 0xFF5E { // full width
			r -= 0xFEE0
		}
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case r == '.', r == '(', r == ')', r == '/', unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == 'ー', r == '−':
		default:
			return "", booking.ErrPhone
		}
	}
	digits := b.String()
	if after, ok := strings.CutPrefix(digits, "00"); ok { // the international prefix of most countries
		digits = "+" + after
	}
	if len(digits) > maxPhoneText {
		return "", booking.ErrPhone
	}
	return digits, nil
}
