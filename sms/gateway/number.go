package gateway

import (
	"strings"

	"jari/booking"
)

// parseNumber reads a telephone number. The interface asks for "+" and everything, but networks hand over what they have: 010-1234-5678,
// 821012345678, 0082…. Without a "+" a number is one of the country; what may be another country's is refused rather than guessed, because
// a wrong guess is a stranger (behind 00 some networks expect the carrier's number first).
func parseNumber(country, raw string) (booking.Phone, error) {
	digits := strings.Map(func(c rune) rune {
		if strings.ContainsRune(" -.()", c) {
			return -1
		}
		return c
	}, raw)
	if strings.HasPrefix(digits, "+") || country == "" {
		return booking.ParseE164(digits)
	}
	rest, international := strings.CutPrefix(strings.TrimPrefix(digits, "00"), country)
	if !international {
		var national bool
		if rest, national = strings.CutPrefix(digits, "0"); !national || strings.HasPrefix(rest, "0") {
			return booking.Phone{}, booking.ErrPhone
		}
	}
	return booking.ParseE164("+" + country + strings.TrimPrefix(rest, "0"))
}
