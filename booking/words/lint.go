package words

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"jari/booking"
)

// Lint reads one catalogue and says all that is wrong with it, for whoever writes it.
func Lint(file string, content []byte) []error {
	l, err := read(file, content)
	if err != nil {
		return []error{err}
	}
	return l.lint()
}

// Read reads one catalogue and says of which language it is.
func Read(file string, content []byte) (*Catalogues, booking.Lang, error) {
	l, err := read(file, content)
	if err != nil {
		return nil, "", err
	}
	return &Catalogues{languages: map[booking.Lang]*language{l.lang: l}}, l.lang, nil
}

// Samples are all texts of a language with usual data, to be shown.
func (c *Catalogues) Samples(lang booking.Lang) []Case {
	if c.languages[lang] == nil {
		return nil
	}
	return Cases(c.languages[lang].sample(usual))
}

// Lint says what is wrong with the texts of a language.
func (c *Catalogues) Lint(lang booking.Lang) []error {
	if c.languages[lang] == nil {
		return []error{fmt.Errorf("%w: language %q", ErrKind, lang)}
	}
	return c.languages[lang].lint()
}

// linter goes through the texts of a language with the shortest, usual and longest data, and with data of which much is unknown. It tries
// every wording in every combination, whether it would be sent or not.
type linter struct {
	language *language
	fits     map[string]bool // wordings that fit with some data, by place in the catalogue
	wrong    []error
	said     map[string]bool
}

func (l *language) lint() []error {
	t := linter{language: l, fits: map[string]bool{}, said: map[string]bool{}}
	for _, size := range []string{short, usual, long} {
		for _, c := range Cases(l.sample(size)) {
			t.try(c, size)
		}
	}
	for _, c := range Cases(l.bare()) {
		t.try(c, "bare")
		c.Data.Starts, c.Data.Site = time.Time{}, ""
		t.try(c, "bare")
	}
	for _, place := range slices.Sorted(maps.Keys(t.fits)) {
		if !t.fits[place] {
			t.say(place, "never fits, not even with the shortest names: take it away, or make it shorter")
		}
	}
	return t.wrong
}

// say keeps what is wrong at a place of the catalogue, once: the first argument tells it from what else is wrong there.
func (t *linter) say(place, format string, args ...any) {
	once := place + format
	if len(args) > 1 {
		once += fmt.Sprint(args[0])
	}
	if !t.said[once] {
		t.said[once] = true
		t.wrong = append(t.wrong, fmt.Errorf("%s.toml, %s: %s", t.language.lang, place, fmt.Sprintf(format, args...)))
	}
}

func (t *linter) try(c Case, size string) {
	l := t.language
	d := l.cleaned(c.Data)
	if lacking(c.Kind, &d) != "" {
		return // such a text is never made
	}
	f := filling{language: l, data: &d}
	id := "text." + textOf(c.Kind, &d)
	for i := range l.wordings(id, &f) {
		t.tryWording(c, &f, id, i)
	}
	text, err := l.render(c.Kind, c.Data)
	switch {
	case errors.Is(err, ErrLong):
		t.say(id, "with %s data not even the shortest wording fits", size)
	case err != nil:
		t.say(id, "with %s data: %v", size, err)
	case c.Kind.NamesPerson() && !strings.Contains(text, d.Masked):
		t.say(id, "with %s data the person's name has to be cut: a shorter wording is needed: %s", size, text)
	case size != long && slices.Contains(needs(id), "site") && !strings.Contains(text, d.Site):
		t.say(id, "with %s data the site's name has to be cut: a shorter wording is needed: %s", size, text)
	}
}

// tryWording tries a wording with every wording of the parts in it.
func (t *linter) tryWording(c Case, f *filling, id string, line int) {
	l := t.language
	w := &l.wordings(id, f)[line]
	place := fmt.Sprintf("%s line %d", id, line+1)
	ch := f.choose(w)
	for more := true; more; more = ch.next() {
		text := f.frame(nil, w, &ch)
		t.check(c, f.data, id, place, string(text))
		t.unfilled(f, w.pieces, place)
		fits := l.fits(text)
		t.fits[place] = t.fits[place] || fits
		for i, p := range w.parts {
			if part := p.pick(f); part != "" && len(ch.parts[i]) > 0 {
				t.unfilled(f, ch.parts[i][ch.at[i]].pieces, part)
				at := fmt.Sprintf("%s line %d", part, ch.at[i]+1)
				t.fits[at] = t.fits[at] || fits
			}
		}
	}
}

// unfilled finds gaps outside of brackets for which nothing is known.
func (t *linter) unfilled(f *filling, pieces []piece, place string) {
	for _, p := range pieces {
		if p.value != nil && p.value(f) == "" {
			t.say(place, "{%s} may be unknown: put it, and the words around it, into [ ]", p.name)
		}
	}
}

var hole = regexp.MustCompile(`  | [.,]|\( *\)|''|,,`)

// commandsIn lists a text's words that providers take as a command, as they are written.
func commandsIn(text string) []string {
	latin := strings.FieldsFunc(text, func(r rune) bool { r = unicode.ToUpper(r); return r < 'A' || r > 'Z' })
	commands := ProviderWords()
	return slices.DeleteFunc(latin, func(w string) bool { return !slices.Contains(commands, strings.ToUpper(w)) })
}

func hasLink(text string) bool {
	return strings.Contains(text, "http") || strings.Contains(text, "www.")
}

// check looks at a text as it would be sent.
func (t *linter) check(c Case, d *Data, id, place, text string) {
	for _, r := range text {
		if !t.language.charset.has(r) {
			t.say(place, "%q is not in the alphabet: %s", r, text)
		}
	}
	if hasLink(text) {
		t.say(place, "carries a link: %s", text)
	}
	for _, w := range commandsIn(text) {
		t.say(place, "has %q, which providers take as a command: %s", w, text)
	}
	if hole.MatchString(text) {
		t.say(place, "has a hole: %s", text)
	}
	if c.Kind.NamesPerson() && !strings.Contains(text, d.Masked) {
		t.say(place, "does not name its person: %s", text)
	}
	for _, need := range needs(id) {
		if any := t.language.forms(need, d); len(any) > 0 && !slices.ContainsFunc(any, func(s string) bool { return strings.Contains(text, s) }) {
			t.say(place, "does not say {%s}: %s", need, text)
		}
	}
}

// needed are the gaps that every wording of a text has, where they are known: what the person must read in the first segment.
var needed = map[string]string{
	"registered": "first second", "reminder": "when site second", "correction": "words", "offer": "when site first second third",
	"helper_named": "first", "refused": "first", "which_campaign": "first", "near_region": "near first", "not_open_yet": "at first",
	"wish_read": "first", "swap_read": "first", "helper_end_read": "first", "together_read": "first", "helper_read": "new_phone first", "correct_read": "new_phone first",
	"decline_read": "first second", "withdraw_read": "first second", "cancel_read": "first second third",
	"confirmed": "when site", "status_offered": "when site", "why_swap": "when site", "why_redated": "when site", "why_moved": "when site", "why_given": "when site",
	"why_ranked": "when site", "why_nearest": "when site", "why_next_nearest": "when site", "why_best": "when site",
	"changed": "was_when when site", "moved": "was_when when site", "redated": "was_when when site",
	"cancelled": "when", "lapsed": "when", "missed": "when", "missed_new_time": "when", "closed": "at", "reminder_noted": "at",
	"welcome": "place ticket", "status_waiting": "place", "news": "place", "code": "code", "helper_set": "helper", "ask_missing": "missing", "why_first_round": "first_round",
}

func needs(id string) []string { return strings.Fields(needed[strings.TrimPrefix(id, "text.")]) }

// forms are the ways in which a gap may be filled, in full and shorter; none when it is unknown.
func (l *language) forms(gap string, d *Data) []string {
	var out []string
	for _, form := range []string{gap, gap + "_brief", gap + "_least"} {
		if v, ok := textValues[form]; ok {
			if s := v.of(&filling{language: l, data: d}); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}
