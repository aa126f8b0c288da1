package booking

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Person is who an appointment is for. It masks itself in logs.
type Person struct {
	Name   string // as given, without control characters, at most 100 characters
	Born   Date
	Phone  Phone  // the person's own phone, or the phone that reaches them
	Number string // official or list number, only where the campaign's identity rule uses one
}

// MaxName is the longest name accepted, in characters. Names on Korean documents stop at 32; foreign names are longer.
const MaxName = 100

// ErrName is returned for a name that is empty, too long or holds no letter.
var ErrName = errors.New("not a name")

// nameSigns stand between the letters of names, in one keyboard's way or another's.
const nameSigns = " -‐‑–.,'‘’·・" + signLetters

// signLetters are signs, too, but letters by their place in Unicode: the dots that Korean keyboards write, and apostrophes.
const signLetters = "ㆍ\u119eʼʻ"

// CleanName trims a name, folds runs of white space, and refuses what cannot be one: no letter, a digit, a control
// character, or more than MaxName characters. Letters may be parted or joined without a sign, as Persian and Indian scripts do.
func CleanName(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrName
	}
	s = strings.Join(strings.Fields(s), " ")
	letters := 0
	for _, r := range s {
		switch {
		case unicode.IsMark(r), unicode.Is(unicode.Join_Control, r), strings.ContainsRune(nameSigns, r):
		case unicode.IsLetter(r):
			letters++
		default:
			return "", ErrName
		}
	}
	if letters == 0 || utf8.RuneCountInString(s) > MaxName {
		return "", ErrName
	}
	return s, nil
}

// FoldName is the form of a name that identity compares: lower case, letters only. "Hong, Gil-dong" and "HONG GILDONG"
// are the same; the order of the parts is kept, because turning it round would join different people.
func FoldName(name string) string {
	return strings.Map(func(r rune) rune {
		switch { // nearly everything that is folded, without looking it up
		case r >= '가' && r <= '힣', r >= 'a' && r <= 'z':
			return r
		case r <= unicode.MaxASCII && (r < 'A' || r > 'Z'):
			return -1
		}
		if (unicode.IsLetter(r) || unicode.IsMark(r)) && !strings.ContainsRune(signLetters, r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// MaskName hides the middle of a name the way Korean letters do: 홍길동 → 홍*동, 김산 → 김*. In other scripts each word
// keeps its first letter: "Jane Doe" → "J*** D**". A word of one letter behind the first is hidden: 홍 길 동 → 홍 * *. What the
// mask adds is at most 12 characters a word.
func MaskName(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		if words[i] = maskWord([]rune(w)); i > 0 && words[i] == w {
			words[i] = "*"
		}
	}
	return strings.Join(words, " ")
}

func maskWord(r []rune) string {
	switch {
	case len(r) <= 1:
		return string(r)
	case len(r) == 2 || !unicode.Is(unicode.Hangul, r[0]):
		return string(r[0]) + strings.Repeat("*", min(len(r)-1, 12))
	default:
		return string(r[0]) + strings.Repeat("*", min(len(r)-2, 12)) + string(r[len(r)-1])
	}
}

// String masks everything that identifies the person.
func (p Person) String() string { return MaskName(p.Name) + " " + p.Phone.String() }

// Format masks the person under every verb.
func (p Person) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// LogValue masks the person in logs.
func (p Person) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText masks the person in JSON and the like.
func (p Person) MarshalText() ([]byte, error) { return []byte(p.String()), nil }
