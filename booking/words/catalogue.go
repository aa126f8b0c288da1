package words

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	toml "github.com/pelletier/go-toml/v2"
	tag "golang.org/x/text/language"

	"jari/booking"
)

// Catalogues are the languages that there are texts in, each from a file of its own.
type Catalogues struct {
	languages map[booking.Lang]*language
}

// language is how one language writes: what it may consist of, its own words, and its texts.
type language struct {
	charset
	lang    booking.Lang
	mark    string // who sends, before every text
	noPlace string // what stands for a site's name that cannot be written

	groupedBy                                  string
	ordinals                                   map[int64]string // at 0 the rule for all others
	weekdays, weekdaysFull, months, monthsFull []string
	between, betweenLast                       string
	missingWords, missingLast, samples         map[string]string
	wished                                     map[string]string            // table "wish"
	names                                      map[string]map[string]string // of the data that lint tries the texts with, by size
	texts                                      map[string]parsed
	counted                                    map[string]bool // texts with forms by number, which go-i18n chooses
	given                                      map[string]*i18n.Message
	plurals                                    *i18n.Localizer
}

// Builtin are the catalogues of this release.
func Builtin() *Catalogues { return embedded() }

// Languages are those that there are texts in, sorted.
func (c *Catalogues) Languages() []booking.Lang { return slices.Sorted(maps.Keys(c.languages)) }

// Load reads every catalogue in a folder: files named for their language, such as ko.toml. It says all that is wrong with them at once.
func Load(folder fs.FS) (*Catalogues, error) {
	files, err := fs.Glob(folder, "*.toml")
	if err != nil {
		return nil, err
	}
	c := &Catalogues{languages: map[booking.Lang]*language{}}
	var wrong []error
	for _, file := range files {
		content, err := fs.ReadFile(folder, file)
		if err != nil {
			return nil, err
		}
		l, err := read(file, content)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		c.languages[l.lang] = l
	}
	return c, errors.Join(wrong...)
}

// read takes one catalogue apart.
func read(file string, content []byte) (*language, error) {
	name := strings.TrimSuffix(path.Base(file), ".toml")
	of, err := tag.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("%s: a catalogue is named for its language, such as ko.toml: %w", file, err)
	}
	bundle := i18n.NewBundle(of)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	messages, err := bundle.ParseMessageFileBytes(content, name+".toml")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	l := &language{
		lang: booking.Lang(name), texts: map[string]parsed{}, counted: map[string]bool{}, given: map[string]*i18n.Message{},
		plurals: i18n.NewLocalizer(bundle, of.String()),
	}
	for _, m := range messages.Messages {
		l.given[m.ID] = m
	}
	wrong := slices.Concat(l.readWords(), l.readTexts(), l.lacks())
	for i, err := range wrong {
		wrong[i] = fmt.Errorf("%s: %w", file, err)
	}
	return l, errors.Join(wrong...)
}

func (l *language) has(id string) bool { return l.given[id] != nil }

// readTexts takes the texts apart, each once.
func (l *language) readTexts() []error {
	var wrong []error
	for _, id := range l.ids() {
		table, _, _ := strings.Cut(id, ".")
		if _, isText := scopeOf[table]; !isText {
			continue
		}
		m := l.given[id]
		forms := m.Zero+m.One+m.Two+m.Few+m.Many != ""
		if _, may := counts[id]; forms && !may {
			wrong = append(wrong, fmt.Errorf("%s has forms for numbers, but no number that it counts", id))
			continue
		}
		l.counted[id] = forms
		var got parsed
		if _, err := l.plurals.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: &got, TemplateParser: parserOf(l, id)}); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", id, err))
			continue
		}
		l.texts[id] = got
		if forms {
			wrong = append(wrong, l.readForms(id)...)
		}
	}
	return wrong
}

func parserOf(l *language, id string) parser {
	table, name, _ := strings.Cut(id, ".")
	p := parser{language: l, scope: scopeOf[table]}
	if table == "explain" {
		p.sentence = name
	}
	return p
}

// readForms tries every form that a number can ask for.
func (l *language) readForms(id string) []error {
	for n := range 200 {
		if _, err := l.form(id, n); err != nil {
			return []error{fmt.Errorf("%s for %d: %w", id, n, err)}
		}
	}
	return nil
}

// form is the text in the form that the language takes for a number.
func (l *language) form(id string, n int) (parsed, error) {
	var got parsed
	_, err := l.plurals.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: &got, TemplateParser: parserOf(l, id)})
	return got, err
}

// wordings are those of a text, for what is put into it; none for a text that the catalogue does not have.
func (l *language) wordings(id string, f *filling) parsed {
	if l.counted[id] {
		if got, err := l.form(id, counts[id](f)); err == nil {
			return got
		}
	}
	return l.texts[id]
}

// counts says which number a text counts, for those that may have forms by number (one, few, many, other).
var counts = map[string]func(*filling) int{
	"reason.sites":     func(f *filling) int { return f.data.Sites },
	"explain.members":  func(f *filling) int { return f.number },
	"explain.declined": func(f *filling) int { return f.number },
}

func (l *language) ids() []string { return slices.Sorted(maps.Keys(l.given)) }
