package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// A wording is one line of a catalogue's text, taken apart. It is made of plain words, of gaps {name} that something is put into, and of
// parts in square brackets that fall away when one of their own gaps stays empty. Several spaces in a row are one, and none stands at the ends, so
// that what falls away leaves no hole.
type wording struct {
	pieces []piece
	parts  []*part // the texts of the catalogue that are put in, in their order
}

type piece struct {
	words    string
	name     string // of a gap
	value    func(*filling) string
	memo     int // where the value is kept, once it is known; 0: nowhere
	part     *part
	nth      int // which of the wording's parts it is
	optional []piece
}

// A part is a gap that another text of the catalogue is put into: which one, its pick says, from the data. "" is none.
type part struct {
	pick func(*filling) string
}

// parser takes the texts of one table of a catalogue apart; go-i18n calls it once for each text and keeps what it returns.
type parser struct {
	language *language
	scope    scope
	sentence string // of an explanation: each has gaps of its own
}

// parsed is a text in its wordings, the fullest first.
type parsed []wording

// Cacheable says that a text need be parsed only once.
func (parser) Cacheable() bool { return true }

// Parse takes a text apart: each line is a wording.
func (p parser) Parse(src, _, _ string) (template.ParsedTemplate, error) {
	var out parsed
	for line := range strings.Lines(src) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var w wording
		rest, err := p.pieces(&w, &w.pieces, line, false)
		if err == nil && rest != "" {
			err = fmt.Errorf("a ] without its [")
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
		out = append(out, w)
	}
	return out, nil
}

// Execute hands the wordings to whoever asked for the text.
func (p parsed) Execute(to any) (string, error) {
	*to.(*parsed) = p
	return "", nil
}

// pieces takes apart what stands before the end, or within brackets before the closing one, and returns what follows.
func (p parser) pieces(w *wording, to *[]piece, src string, inside bool) (string, error) {
	for src != "" {
		i := strings.IndexAny(src, "{}[]")
		if i < 0 {
			i = len(src)
		}
		if i > 0 {
			*to = append(*to, piece{words: src[:i]})
			src = src[i:]
			continue
		}
		switch src[0] {
		case '[':
			var inner []piece
			rest, err := p.pieces(w, &inner, src[1:], true)
			if err != nil {
				return "", err
			}
			*to, src = append(*to, piece{optional: inner}), rest
		case ']':
			if !inside {
				return src, nil
			}
			return src[1:], nil
		case '{':
			name, rest, closed := strings.Cut(src[1:], "}")
			if !closed {
				return "", fmt.Errorf("a { without its }")
			}
			g, err := p.gap(w, name)
			if err != nil {
				return "", err
			}
			*to, src = append(*to, g), rest
		default:
			return "", fmt.Errorf("a } without its {")
		}
	}
	if inside {
		return "", fmt.Errorf("a [ without its ]")
	}
	return "", nil
}

// gap finds what is put into {name}.
func (p parser) gap(w *wording, name string) (piece, error) {
	if name == "nothing" {
		return piece{}, nil
	}
	if v, ok := valuesOf[p.scope][name]; ok && (p.scope != inAnswers || slices.Contains(strings.Fields(explainTexts[p.sentence]), name)) {
		return piece{name: name, value: v.of, memo: v.memo}, nil
	}
	pt := partsOf[p.scope][name]
	if pt == nil && p.language.has("parts."+name) {
		pt = &part{pick: func(*filling) string { return "parts." + name }}
	}
	if pt == nil {
		return piece{}, fmt.Errorf("{%s} is nothing that can be put in here", name)
	}
	if len(w.parts) == len(chosen{}.parts) {
		return piece{}, fmt.Errorf("more than %d gaps for other texts", len(w.parts))
	}
	w.parts = append(w.parts, pt)
	return piece{name: name, part: pt, nth: len(w.parts) - 1}, nil
}
