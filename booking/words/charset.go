package words

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
)

// charset is what a text in one language may consist of, and how long it may be.
type charset struct {
	limit int // units of one segment
	bytes int // bytes of one text in EUC-KR, after the carrier's own line; 0: no such limit
	// units are those of a sign below 256, rest those of any other; 0: there is no such sign.
	units [256]uint8
	rest  func(rune) uint8
}

// Korean carriers take 90 bytes of EUC-KR as a short text; what is longer becomes another, dearer kind, or does not arrive. In these counts the line
// that they put before every text of a company: [Web발신] when it comes from within the country, [국제발신] when from abroad, and a line break. We
// leave room for the longer one. (Source: the operators' and Twilio's rules for Korea, as collected with the facts about providers.)
const (
	koreanTextBytes = 90
	carriersLine    = 11 // [국제발신] and a line break; [Web발신] would be 10
	koreanOwnBytes  = koreanTextBytes - carriersLine
)

const (
	gsmOnce = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿" +
		"abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "^{}[]~\\|€"
)

// charsetOf is the alphabet that a catalogue names.
//   - ksx1001: one UCS-2 segment of what Korean operators carry: ASCII and KS X 1001 in strict EUC-KR. Of the symbols only the middle dot is let
//     through; there is no em dash, won sign or no-break space.
//   - gsm7: one segment in the GSM 7-bit alphabet (3GPP TS 23.038), where some signs count twice.
//   - ucs2: one UCS-2 segment of any script.
func charsetOf(name string) (charset, bool) {
	var c charset
	switch name {
	case "ksx1001":
		hangul := syllables()
		c = charset{limit: 70, bytes: koreanOwnBytes, rest: func(r rune) uint8 {
			if r >= '가' && r <= '힣' && hangul[r-'가'] {
				return 1
			}
			return 0
		}}
		c.plainASCII()
		c.units['·'] = 1
	case "gsm7":
		c = charset{limit: 160, rest: gsmUnits}
		for r := range rune(len(c.units)) {
			c.units[r] = gsmUnits(r)
		}
	case "ucs2":
		c = charset{limit: 70, rest: ucs2Units}
		c.plainASCII()
		for r := rune(0xA1); r <= 0xFF; r++ {
			c.units[r] = ucs2Units(r)
		}
	default:
		return c, false
	}
	return c, true
}

func (c *charset) plainASCII() {
	for r := ' '; r <= '~'; r++ {
		c.units[r] = 1
	}
}

func gsmUnits(r rune) uint8 {
	switch {
	case strings.ContainsRune(gsmTwice, r):
		return 2
	case strings.ContainsRune(gsmOnce, r):
		return 1
	}
	return 0
}

func ucs2Units(r rune) uint8 {
	switch {
	case !unicode.IsGraphic(r), unicode.IsSpace(r):
		return 0
	case r > 0xFFFF:
		return 2
	}
	return 1
}

func (c *charset) unitsOf(r rune) uint8 {
	if r < rune(len(c.units)) {
		return c.units[r]
	}
	return c.rest(r)
}

func (c *charset) has(r rune) bool { return c.unitsOf(r) > 0 }

// measure counts a text's units, and its bytes in EUC-KR.
func (c *charset) measure(text []byte) (units, bytes int) {
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			units += int(c.units[b])
			bytes++
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		units += int(c.unitsOf(r))
		bytes += 2
		i += n
	}
	return units, bytes
}

func (c *charset) fits(text []byte) bool {
	units, bytes := c.measure(text)
	return units <= c.limit && (c.bytes == 0 || bytes <= c.bytes)
}

// clean replaces what cannot be sent: typographic signs by plain ones, anything else by the substitute.
func (c *charset) clean(s string, substitute rune) string {
	if c.isClean(s) {
		return s
	}
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

// isClean reports whether a name or number can be sent as it is.
func (c *charset) isClean(s string) bool {
	space := true // of which there is none at the beginning
	for _, r := range s {
		if !c.has(r) || r == ' ' && space {
			return false
		}
		space = r == ' '
	}
	return !space || s == ""
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

// syllables are the Hangul syllables that KS X 1001 has, 2,350 of 11,172: Korean operators carry no others, a text with one of them
// arrives with a hole or not at all. The encoder knows the other 8,822, too (CP949); of these a byte lies below 0xA1.
var syllables = sync.OnceValue(func() *[11172]bool {
	var has [11172]bool
	encoder := korean.EUCKR.NewEncoder()
	for i := range has {
		b, err := encoder.Bytes([]byte(string('가' + rune(i))))
		has[i] = err == nil && b[0] >= 0xA1 && b[1] >= 0xA1
	}
	return &has
})
