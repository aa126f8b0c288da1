package words

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"jari/booking"
)

var (
	// ErrKind is returned for a kind or a language that has no words.
	ErrKind = errors.New("no words for this kind and language")
	// ErrData is returned when a field is missing without which the text would be useless, such as an offer's time.
	ErrData = errors.New("the text lacks something that it must say")
	// ErrLong is returned when a text does not fit into one segment even with its names shortened.
	ErrLong = errors.New("the text does not fit into one segment")
)

// States of an entry that a Status text tells apart; the same words as desk.State.
const (
	stateReceived  = "received"
	stateWaiting   = "waiting"
	stateOffered   = "offered"
	stateConfirmed = "confirmed"
	stateAttended  = "attended"
	stateMissed    = "missed"
	stateWithdrawn = "withdrawn"
)

// Render makes the text of a message: the sender mark, the words, and the message's reference in round brackets. It is
// one segment: in Korean at most 70 UTF-16 units and, with the line that the carrier adds, 90 bytes of EUC-KR; in English 160 GSM-7 units.
//
// When the fullest wording is too long, shorter ones are tried. When even the shortest is too long, the site's name
// loses its end, down to 4 characters, and then the person's masked name, down to 2. Days, times, answer numbers, codes,
// tickets and telephone numbers are never shortened; of too many things that are missing the last are not asked for yet. What the language's alphabet does not have becomes "*" in a name
// and "?" elsewhere.
//
// It returns ErrKind, ErrData or ErrLong.
func Render(kind Kind, lang booking.Lang, d Data) (string, error) {
	return embedded().Render(kind, lang, d)
}

// Render makes the text of a message from these catalogues; see the function of the same name.
func (c *Catalogues) Render(kind Kind, lang booking.Lang, d Data) (string, error) {
	l := c.languages[lang]
	if _, known := factsOf[kind]; l == nil || !known {
		return "", fmt.Errorf("%w: %q in %q", ErrKind, kind, lang)
	}
	return l.render(kind, d)
}

func (l *language) render(kind Kind, d Data) (string, error) {
	d = l.cleaned(d)
	if field := lacking(kind, &d); field != "" {
		return "", fmt.Errorf("%w: %s needs %s", ErrData, kind, field)
	}
	f := filling{language: l, data: &d, memo: new(memo)}
	wordings := l.wordings("text."+textOf(kind, &d), &f)
	var parts chosen
	text := make([]byte, 0, 256)
	for i := range wordings {
		parts = f.choose(&wordings[i])
		for more := true; more; more = parts.next() {
			if text = f.frame(text[:0], &wordings[i], &parts); l.fits(text) {
				return string(text), nil
			}
		}
	}
	last := &wordings[len(wordings)-1]
	parts.shortest()
	for shorten(&d) {
		if text = f.frame(text[:0], last, &parts); l.fits(text) {
			return string(text), nil
		}
	}
	if n := len(d.Missing); kind == AskMissing && n > 1 {
		d.Missing = d.Missing[:n-1] // the next text asks for the rest
		return l.render(kind, d)
	}
	return "", fmt.Errorf("%w: %s in %s", ErrLong, kind, l.lang)
}

// frame puts the sender mark before a wording and the message's reference behind it.
func (f *filling) frame(to []byte, w *wording, c *chosen) []byte {
	to = append(to, f.language.mark...)
	to, _ = f.append(to, w.pieces, c)
	to = append(trimmed(to), " ("...)
	to = append(to, f.data.Reference...)
	return append(to, ')')
}

func (l *language) cleaned(d Data) Data {
	d.Masked = l.clean(d.Masked, '*')
	for _, s := range []*string{&d.Site, &d.WasSite, &d.Campaign, &d.Sample, &d.Phone, &d.Code, &d.Ticket, &d.Helper, &d.Words, &d.Reference, &d.News.Name, &d.News.Phone, &d.News.Region, &d.Region} {
		*s = l.clean(*s, '?')
	}
	d.Choices, d.Names = l.cleanAll(d.Choices, '?'), l.cleanAll(d.Names, '*')
	if d.Site != "" && !strings.ContainsFunc(d.Site, letterOrDigit) {
		d.Site = l.noPlace
	}
	if !strings.ContainsFunc(d.Sample, letterOrDigit) {
		d.Sample = ""
	}
	return d
}

// cleanAll leaves the list that it gets as it is.
func (l *language) cleanAll(list []string, substitute rune) []string {
	list = slices.Clone(list)
	for i, s := range list {
		list[i] = l.clean(s, substitute)
	}
	return list
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

const (
	leastSite = 4 // characters that stay of a site's name
	leastName = 2 // characters that stay of a masked name
	leastNews = 8 // characters that stay of a name that is read back
)

// shorten takes one character off the data; it reports false when nothing may be taken any more.
func shorten(d *Data) bool {
	return cut(&d.WasSite, leastSite) || cut(&d.Site, leastSite) || cut(&d.News.Name, leastNews) || cut(&d.News.Region, leastSite) || cut(&d.Masked, leastName) ||
		cut(longest(d.Choices), leastSite)
}

// longest is the longest of the choices.
func longest(choices []string) *string {
	best := new(string)
	for i := range choices {
		if len([]rune(choices[i])) > len([]rune(*best)) {
			best = &choices[i]
		}
	}
	return best
}

func cut(s *string, least int) bool {
	r := []rune(*s)
	if len(r) <= least {
		return false
	}
	*s = strings.TrimRight(string(r[:len(r)-1]), " ,.-(")
	return true
}

// lacking names the field without which a text of the kind must not go out, or nothing.
func lacking(kind Kind, d *Data) string {
	if len(d.Reference) != 4 {
		return "Reference"
	}
	if kind.NamesPerson() && d.Masked == "" {
		return "Masked"
	}
	fields := factsOf[kind].needs
	if (kind == Status || kind == Why) && (d.State == stateOffered || d.State == stateConfirmed) {
		fields = "Starts Site"
	}
	for field := range strings.FieldsSeq(fields) {
		if d.lacks(field) {
			return field
		}
	}
	return ""
}

func (d *Data) lacks(field string) bool {
	switch field {
	case "Starts":
		return d.Starts.IsZero()
	case "Site":
		return d.Site == ""
	case "WasStarts":
		return d.WasStarts.IsZero()
	case "First":
		return d.First <= 0
	case "Region":
		return d.Region == ""
	case "Choices":
		return len(d.Choices) == 0
	case "Helper":
		return d.Helper == ""
	case "Words":
		return d.Words == ""
	case "Code":
		return d.Code == ""
	case "Names":
		return len(d.Names) == 0
	case "News":
		return d.News == NewData{}
	case "News.Phone":
		return d.News.Phone == ""
	case "At":
		return d.At.IsZero()
	case "Missing":
		return !slices.ContainsFunc(d.Missing, known)
	}
	return true
}

// NotMe is the answer number that always means "this is not about me".
const NotMe = 9

// Grouped writes a number with commas between groups of three digits: 1,505,074.
func Grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
