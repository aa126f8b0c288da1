package sms

import (
	"strings"
	"unicode"

	"jari/booking"
)

// leastEnglishWords is how many words of English make a text English that has a word of Korean: "hello I want a vaccine 예약".
const leastEnglishWords = 3

// english reports whether somebody writes English with one word of Korean, which is what people know who live here: in a sentence, or alone in an
// application in English, of somebody with a name in Latin letters.
func english(s State, text string) bool {
	hangul, latin := 0, 0
	for _, w := range (&paper{text: text}).words() {
		if w.hangul {
			hangul++
		} else {
			latin++
		}
	}
	abroad := s.Lang == booking.English && s.Name != "" && !strings.ContainsFunc(s.Name, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
	return hangul == 1 && (latin >= leastEnglishWords || abroad)
}
