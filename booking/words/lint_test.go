package words_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"jari/booking"
	"jari/booking/words"
)

// Every wording of every text in every language, with short, usual and long data and with much unknown.
func TestTheCataloguesAreWellWritten(t *testing.T) {
	t.Parallel()
	all := words.Builtin()
	if len(all.Languages()) < 2 {
		t.Fatalf("there are only %v", all.Languages())
	}
	for _, lang := range all.Languages() {
		for _, err := range all.Lint(lang) {
			t.Error(err)
		}
	}
}

const invented booking.Lang = "art"

func inventedFile(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("testdata/catalogue/art.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// What docs/translating.md promises: one file is a language. Nothing of this one is in the program.
func TestALanguageIsAFile(t *testing.T) {
	t.Parallel()
	all, err := words.Load(os.DirFS("testdata/catalogue"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range all.Lint(invented) {
		t.Error(err)
	}
	for _, d := range []words.Data{usual(booking.English), longest(booking.English)} {
		for _, c := range words.Cases(d) {
			text, err := all.Render(c.Kind, invented, c.Data)
			if err != nil || !strings.HasPrefix(text, "Jero: ") || !strings.HasSuffix(text, " (AB2C)") {
				t.Errorf("%s: %v %s", c.Name, err, text)
			}
		}
	}
	d := usual(booking.English)
	d.Place, d.Missing = 1234567, []string{"name", "birth", "phone"}
	for kind, want := range map[words.Kind]string{
		words.Offer:      "Jero: J*** D**, yaur tomi: Tui 27/7 14.30, North Clinic. Ta canform riply 1, ta govi ot beck 2. Elriedy baakid? riply 3 (AB2C)",
		words.Welcome:    "Jero: J*** D**, yau eri rigostirid. Yaur pleci os 1.234.567. Tockit 123-456-7890. Thiri os nathong yau niid ta da. Wi tixt yau whin yaur tomi os sit. (AB2C)",
		words.AskMissing: "Jero: Pliesi tixt us thi nemi, thi borth deti (YYYY-MM-DD) ond thi pirsan's awn phani numbir. (AB2C)",
	} {
		if text, err := all.Render(kind, invented, d); err != nil || text != want {
			t.Errorf("%s: %v\n%s\nnot\n%s", kind, err, text, want)
		}
	}
	names, explained := explained()
	for _, name := range names {
		if lines, err := all.Explain(twoSites(), invented, explained[name]); err != nil || len(lines) == 0 {
			t.Errorf("%s: %v %q", name, err, lines)
		}
	}
	if _, err := all.Render(words.Help, booking.Korean, d); !errors.Is(err, words.ErrKind) {
		t.Errorf("Korean is not in this folder: %v", err)
	}
}

// A language with several forms for numbers has all of them.
func TestFormsForNumbers(t *testing.T) {
	t.Parallel()
	content := strings.Replace(inventedFile(t), "[reason.sites]", `[reason.sites]
few = "Na frii tomi: {sites} few."
many = "Na frii tomi: {sites} many."`, 1)
	all, err := words.Load(fstest.MapFS{"pl.toml": {Data: []byte(content)}})
	if err != nil {
		t.Fatal(err)
	}
	for sites, want := range map[int]string{1: "et yaur pleci", 3: "3 few", 5: "5 many", 12: "12 many", 22: "22 few"} {
		d := usual(booking.English)
		d.Reason, d.Sites, d.LastDay = booking.ReasonSites, sites, booking.Date{}
		if text, err := all.Render(words.NoTime, "pl", d); err != nil || !strings.Contains(text, want) {
			t.Errorf("%d: %v %s", sites, err, text)
		}
	}
	_, err = words.Load(fstest.MapFS{"pl.toml": {Data: []byte(inventedFile(t))}})
	if err == nil || !strings.Contains(err.Error(), "reason.sites") {
		t.Errorf("forms that Polish needs are missing: %v", err)
	}
}

// What is wrong with a catalogue is said so that a translator can mend it.
func TestWhatIsWrongIsSaid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, by, want string }{
		{`[next]`, `[nexd]`, "next.usual is missing"},
		{`alphabet = "gsm7"`, `alphabet = "latin"`, `language.alphabet is "latin"; there are ksx1001, gsm7 and ucs2`},
		{`{name}, yaur cadi`, `{nome}, yaur cadi`, "text.code: {nome} is nothing that can be put in here"},
		{`yaur cadi os {code}.`, `yaur cadi os [{code}.`, "text.code: a [ without its ]"},
		{`yaur cadi os {code}.`, `yaur cadi os {code`, "text.code: a { without its }"},
		{`yaur cadi os {code}.`, `yaur cadi.`, "text.code line 1: does not say {code}"},
		{`{name}, yaur cadi`, `yaur cadi`, "text.code line 1: does not name its person"},
		{`yaur cadi os {code}.`, `yaur cadi os {code}. Reply STOP.`, `has "STOP", which providers take as a command`},
		{`yaur cadi os {code}.`, `yaur cadi os {code}: http://example.org`, "carries a link"},
		{`yaur cadi os {code}.`, `yaur cadi os {code} — ЖЖ.`, `is not in the alphabet`},
		{`yaur cadi os {code}.`, `yaur cadi os {code}. ` + strings.Repeat("lang ", 40), "with short data not even the shortest wording fits"},
		{`yaur cadi os {code}.`, `yaur cadi os {code}. {phone}.`, "{phone} may be unknown: put it, and the words around it, into [ ]"},
		{`code = """`, "unheard = \"x\"\ncode = \"\"\"", "text.unheard: there is no such text"},
		{`weekdays = "Sun, `, `weekdays = "`, "calendar.weekdays has 6 words, not 7"},
		{`[text]`, "[text]\nwelcome = \"x\"", "art.toml"},
	} {
		content := strings.Replace(inventedFile(t), c.old, c.by, 1)
		var said []string
		for _, err := range words.Lint("art.toml", []byte(content)) {
			said = append(said, err.Error())
		}
		if all := strings.Join(said, "\n"); !strings.Contains(all, c.want) || len(all) > 4000 {
			t.Errorf("%q instead of %q: does not say %q but\n%.600s", c.by, c.old, c.want, all)
		}
	}
	if got := words.Lint("klingonisch.toml", nil); len(got) == 0 {
		t.Error("a file that is named for no language is well")
	}
}
