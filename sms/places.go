package sms

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"jari/booking"
)

var (
	// namedPostcode is a postcode behind the word for it: it is nothing else, whatever its digits.
	namedPostcode = regexp.MustCompile(`(?i)(?:우편 ?번호|(?:^|[^\pL])\(? ?우(?:편)? ?\)?|\bpost ?code|\bzip(?: ?code)?)[ :.()-]{0,3}(?:은|는)?[ :]{0,2}(\d{5})`)
	barePostcode  = regexp.MustCompile(`(\d{5})`)
)

// postcode takes the region out of a postcode. named reads those behind the word for it, before anything else is read; the others come
// last, because five digits alone are only then no part of a date or a number.
func (p *paper) postcode(c *booking.Campaign, named bool) (region string) {
	re := barePostcode
	if named {
		re = namedPostcode
	} else if c.NumberLikePostcode() {
		return ""
	}
	p.take(re, func(m []string) bool {
		r, ok := c.RegionAt(m[1])
		region = r.Code
		return ok || named // an unknown one behind the word is no number of another kind
	})
	return region
}

// nearRegion finds the one region whose name is nearly a word of the text, such as 강남국 or Gangnm-gu. It only serves a question: a place is never
// guessed. A name may be near to a place, too (강동우): then nothing is taken for the name, because a wrong name is worse than one more question.
func nearRegion(c *booking.Campaign, list []token) (code string, rest []token) {
	at, best, ties := -1, 0, 0
	var names []regionName
	for i, w := range list {
		if !couldBePlace(w) {
			continue
		}
		if names == nil {
			names = regionNames(c)
		}
		for _, n := range names {
			d, ok := nearly(booking.FoldName(w.text), n.fold)
			switch {
			case !ok:
			case at < 0 || d < best:
				code, at, best, ties = n.code, i, d, 1
			case d == best && n.code != code:
				ties++
			}
		}
	}
	if at < 0 || ties > 1 {
		return "", list
	}
	return code, without(list, at, at+1)
}

// Shorter words are too near to too many names.
const (
	leastHangul = 3 // syllables
	leastLatin  = 5 // letters
)

func couldBePlace(w token) bool {
	n := utf8.RuneCountInString(w.text)
	if w.hangul {
		return n >= leastHangul && !fillerKorean.MatchString(w.text) && !provinces.MatchString(w.text)
	}
	return n >= leastLatin && !isEnglishFiller(w.text)
}

// nearly reports whether one word is another with a slip of the finger: one letter, or two in a long word. A Korean syllable counts by its letters, so
// that 강남국 is one letter away from 강남구, and 강북구 three from 강남구.
func nearly(said, name string) (distance int, ok bool) {
	a, b := []rune(norm.NFD.String(said)), []rune(norm.NFD.String(name))
	if utf8.RuneCountInString(name) < leastHangul || len(b) < leastLatin {
		return 0, false
	}
	most := 1
	if len(b) >= 10 {
		most = 2
	}
	if len(a) > len(b)+most || len(b) > len(a)+most {
		return 0, false
	}
	d := editDistance(jamo(a), jamo(b))
	return d, d <= most
}

// jamo makes a letter at the beginning of a syllable the same as at its end: in Unicode they differ, on a keyboard they do not.
func jamo(decomposed []rune) []rune {
	const first, last = 0x1100, 0x11A7
	ends := []rune{0, 0x1100, 0x1101, 0, 0x1102, 0, 0, 0x1103, 0x1105, 0, 0, 0, 0, 0, 0, 0, 0x1106, 0x1107, 0, 0x1109, 0x110A, 0x110B, 0x110C, 0x110E, 0x110F, 0x1110, 0x1111, 0x1112}
	out := slices.Clone(decomposed)
	for i, r := range out {
		if r > last && int(r-last) < len(ends) && ends[r-last] >= first {
			out[i] = ends[r-last]
		}
	}
	return out
}

// editDistance counts the letters to be changed, left out, put in, or exchanged with their neighbour.
func editDistance(a, b []rune) int {
	var before []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}

// keywordsIn reports whether a text has one of a campaign's words, and which campaign's words the text leaves of a list.
func keywordsIn(c *booking.Campaign, list []token) (found bool, rest []token) {
	for _, w := range list {
		if word, after := keyword(c, w); word {
			found = true
			if after.text == "" {
				continue
			}
			w = after
		}
		rest = append(rest, w)
	}
	return found, rest
}

// keyword reports whether a word is one of a campaign's, or begins with it in Korean (독감예약, 독감은), and what is left of it then.
func keyword(c *booking.Campaign, w token) (found bool, rest token) {
	fold := booking.FoldName(w.text)
	for _, names := range c.Keywords {
		for _, name := range names {
			key := booking.FoldName(name)
			after, ok := strings.CutPrefix(fold, key)
			switch {
			case key == "" || !ok:
			case after == "":
				return true, token{}
			case w.hangul:
				rest = token{string([]rune(w.text)[utf8.RuneCountInString(key):]), true, w.segment}
				if keywordEnding.MatchString(rest.text) {
					rest.text = ""
				}
				return true, rest
			}
		}
	}
	return false, w
}

// keywordEnding is what people write behind the word for what they want.
var keywordEnding = regexp.MustCompile(`^(?:백신|주사|접종|예방접종|예방주사|맞고|맞을|맞으려고|맞으려고요|은|는|이|가|을|를|도|요|이요|이에요|예요|입니다|으로|로|에|의)$`)
