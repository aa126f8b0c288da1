package sms

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"jari/booking/desk"
)

// People answer a question of ours with more than its number: "네 1번이요", "2번 못가요 죄송합니다", "yes 1". Such a text is an answer where it has one number, and
// nothing beside it but words that go with an answer. What these say is told, too: the number alone counts only where they say the same.

// answer is an answer number and what stands beside it.
type answer struct {
	no   int
	says desk.Said
}

// maxAnswer is how long an answer may be, in characters.
const maxAnswer = 80

// mostDigits is how many digits an answer number has at most.
const mostDigits = 2

// readAnswer reads an answer to a question of ours; false for every other text. It is a function of the text alone, as legible makes it.
func readAnswer(text string) (answer, bool) {
	if len(text) > 4*maxAnswer {
		return answer{}, false
	}
	r := answerReader{asks: strings.ContainsRune(text, '?')}
	pieces, ok := r.split(plainNumbers(text))
	if !ok || len([]rune(text)) > maxAnswer {
		return answer{}, false
	}
	pieces = spelt(pieces)
	if !slices.ContainsFunc(pieces, func(p piece) bool {
		return p.kind == digitPiece || p.kind == koreanPiece && strings.Contains(p.text, "번")
	}) {
		return answer{}, false
	}
	for i, p := range pieces {
		if !r.read(p, i > 0 && pieces[i-1].kind == digitPiece) {
			return answer{}, false
		}
	}
	if r.asks && (r.worded || r.says != 0) {
		r.says |= desk.SaidUnclear
	}
	return answer{r.no, r.says}, r.no > 0
}

type pieceKind int

const (
	digitPiece pieceKind = iota
	koreanPiece
	latinPiece
)

// piece is a part of an answer: a number, a run of Korean without its spaces, or of words in Latin letters.
type piece struct {
	kind pieceKind
	text string
	dot  bool // a dot or the like stands behind it, as in "No. 1"
}

// answerReader gathers what an answer says.
type answerReader struct {
	no     int
	says   desk.Said
	asks   bool // it has a question mark
	worded bool // and words beside the number
}

// split takes a text apart; false where it has something that no answer has.
func (r *answerReader) split(text string) ([]piece, bool) {
	var out []piece
	space := false
	add := func(kind pieceKind, c rune) {
		last := len(out) - 1
		if last < 0 || out[last].kind != kind || kind == digitPiece && space {
			out = append(out, piece{kind: kind})
			last++
		} else if kind == latinPiece && space {
			out[last].text += " "
		}
		out[last].text += string(unicode.ToLower(c))
		out[last].dot = false
		space = false
	}
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			if add(digitPiece, c); len(out[len(out)-1].text) > mostDigits { // a birth date or a telephone: most texts end here
				return nil, false
			}
		case unicode.Is(unicode.Hangul, c):
			add(koreanPiece, c)
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			add(latinPiece, c)
		case c == '\'':
		case strings.ContainsRune(noSigns, c):
			r.says |= desk.SaidNo
			space = true
		case unicode.IsSpace(c), strings.ContainsRune(answerSigns, c), unicode.Is(unicode.Sk, c) && c > unicode.MaxLatin1, unicode.Is(unicode.So, c) && c >= '←':
			if len(out) > 0 && strings.ContainsRune(".:#", c) {
				out[len(out)-1].dot = true
			}
			space = true
		default:
			return nil, false
		}
	}
	return out, true
}

const (
	answerSigns = ".!?~,;:()[]{}<>\"#^_-|/…♡♥★☆"
	noSigns     = "👎❌✖❎🚫⛔🙅"
)

// spelt takes away the "No." of a number, and writes a number in English words in digits.
func spelt(pieces []piece) []piece {
	var out []piece
	digits := slices.ContainsFunc(pieces, func(p piece) bool { return p.kind == digitPiece })
	for i, p := range pieces {
		if p.kind != latinPiece {
			out = append(out, p)
			continue
		}
		words := strings.Fields(p.text)
		last := len(words) - 1
		if p.dot && words[last] == "no" && i+1 < len(pieces) && pieces[i+1].kind == digitPiece {
			words = words[:last]
		}
		at := slices.IndexFunc(words, func(w string) bool { return numberWords[w] > 0 })
		if digits || at < 0 || at > 0 && words[at-1] == "no" { // "no one"
			out = append(out, piece{kind: latinPiece, text: strings.Join(words, " ")})
			continue
		}
		out = append(out, piece{kind: latinPiece, text: strings.Join(words[:at], " ")}, piece{kind: digitPiece, text: strconv.Itoa(numberWords[words[at]])},
			piece{kind: latinPiece, text: strings.Join(words[at+1:], " ")})
	}
	return out
}

// read reads one piece. behind says that it stands behind the number.
func (r *answerReader) read(p piece, behind bool) bool {
	switch p.kind {
	case digitPiece:
		n, err := strconv.Atoi(p.text)
		if err != nil || n < 1 || behind || r.no > 0 && r.no != n {
			return false
		}
		r.no = n
		return true
	case latinPiece:
		return r.beside(p.text, besideEnglish)
	}
	if questioning.MatchString(p.text) {
		r.says |= desk.SaidUnclear
	}
	if behind {
		return r.tailed(p.text)
	}
	before := *r
	if r.beside(p.text, besideKorean) {
		return true
	}
	*r = before
	return r.spoken(p.text)
}

// tailed reads what stands at a number and behind it.
func (r *answerReader) tailed(text string) bool {
	for _, tail := range numberTails {
		at := tail.FindStringIndex(text)
		if at == nil {
			continue
		}
		before := *r
		if r.beside(text[at[1]:], besideKorean) {
			return true
		}
		*r = before
	}
	return false
}

// spoken reads an answer whose number is in words: 네 일번이요. "이번" beside other words is "this time".
func (r *answerReader) spoken(text string) bool {
	if r.no > 0 {
		return false
	}
	before := *r
	for i := range text {
		found := spokenNumber.FindString(text[i:])
		if found == "" || found == "이번" {
			continue
		}
		n, ok := numberSaid(strings.TrimSuffix(found, "번"))
		if ok && n >= 1 && n <= 99 && r.beside(text[:i], besideKorean) {
			r.no = n
			return r.tailed("번" + text[i+len(found):])
		}
		*r = before
	}
	return false
}

// beside reads words that go with an answer; false where one does not.
func (r *answerReader) beside(text string, list []saying) bool {
	r.worded = r.worded || text != ""
	for text != "" {
		var best saying
		length := 0
		for _, s := range list {
			if at := s.re.FindStringIndex(text); at != nil && (at[1] > length || at[1] == length && best.says == 0) {
				best, length = s, at[1]
			}
		}
		if length == 0 {
			return false
		}
		if best.says == desk.SaidNo && r.says&^desk.SaidNo != 0 { // "취소 안 할게요", "본인 아니에요"
			r.says |= desk.SaidUnclear
		}
		r.says |= best.says
		text = text[length:]
	}
	return true
}
