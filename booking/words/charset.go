package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding/korean"
)

// charset is what a text in one language may consist of, and how long it may be.
type charset struct {
	limit int // units of one segment
	units func(r rune) int
	has   func(r rune) bool
}

// koreanSet is one UCS-2 segment of what Korean operators carry: ASCII and KS X 1001 in strict EUC-KR. Of the symbols
// only the middle dot is let through; there is no em dash, won sign or no-break space.
var koreanSet = charset{
	limit: 70,
	units: func(r rune) int {
		if r > 0xFFFF {
			return 2
		}
		return 1
	},
	has: func(r rune) bool { return r >= ' ' && r <= '~' || r == '·' || isSyllable(r) },
}

// charsets are the alphabets that a catalogue can name.
var charsets = map[string]charset{"ksx1001": koreanSet, "gsm7": englishSet, "ucs2": unicodeSet}

// unicodeSet is one UCS-2 segment: any letter of any script.
var unicodeSet = charset{limit: 70, units: koreanSet.units, has: func(r rune) bool { return unicode.IsGraphic(r) }}

// englishSet is one segment in the GSM 7-bit alphabet (3GPP TS 23.038), where some signs count twice.
var englishSet = charset{
	limit: 160,
	units: func(r rune) int {
		if strings.ContainsRune(gsmTwice, r) {
			return 2
		}
		return 1
	},
	has: func(r rune) bool { return strings.ContainsRune(gsmOnce, r) || strings.ContainsRune(gsmTwice, r) },
}

const (
	gsmOnce = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "^{}[]~\\|€"
)

func (c charset) length(s string) int {
	n := 0
	for _, r := range s {
		n += c.units(r)
	}
	return n
}

func (c charset) fits(s string) bool { return c.length(s) <= c.limit }

// clean replaces what cannot be sent: typographic signs by plain ones, anything else by the substitute.
func (c charset) clean(s string, substitute rune) string {
	s = strings.Map(func(r rune) rune {
		if c.has(r) {
			return r
		}
		if p := plain(r); c.has(p) {
			return p
		}
		return substitute
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// plain is the ASCII or Korean sign that stands for a typographic one; the sign itself when there is none.
func plain(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // full width
		return r - 0xFEE0
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		return ' '
	case unicode.Is(unicode.Pd, r):
		return '-'
	case r == '‘', r == '’', r == 'ʼ':
		return '\''
	case r == '“', r == '”':
		return '"'
	case r == '・', r == '•', r == '‧', r == 'ㆍ':
		return '·'
	case r == '·':
		return '-'
	}
	return r
}

// isSyllable reports whether KS X 1001 has the Hangul syllable, as it has 2,350: Korean operators carry no others, a text with one of them
// arrives with a hole or not at all. The encoder knows the other 8,822, too (CP949); of these a byte lies below 0xA1.
func isSyllable(r rune) bool {
	if r < '가' || r > '힣' {
		return false
	}
	b, err := korean.EUCKR.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && b[0] >= 0xA1 && b[1] >= 0xA1
}
