// Package pages makes what people read in a browser without an app: the page at /, the boards with the public counts, and refusals. They are
// whole without JavaScript, in Korean and English, and a page asks for nothing but its style sheet and icon.
//
// Everything is a function of values: what there is to say comes in, HTML comes out. Package api says when, to whom and how often.
package pages

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/url"

	"jari/booking"
	"jari/booking/words"
)

// StylePath and IconPath are where the pages ask for Style and Icon.
const (
	StylePath = "/pages.css"
	IconPath  = "/pages.svg"
)

// Style is the style sheet of all pages.
//
//go:embed style.css
var Style []byte

// Icon is a seat, for the browser's tab.
//
//go:embed icon.svg
var Icon []byte

//go:embed page.html
var pageText string

// Maker makes pages.
type Maker struct{ layout *template.Template }

// New reads the pages' layout.
func New() (*Maker, error) {
	layout, err := template.New("").Funcs(template.FuncMap{"grouped": words.Grouped, "say": fmt.Sprintf}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the pages' layout: %w", err)
	}
	return &Maker{layout}, nil
}

func (m *Maker) make(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := m.layout.ExecuteTemplate(&b, name, view); err != nil {
		return nil, fmt.Errorf("make the page %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// frame is what every page has.
type frame struct {
	Lang  booking.Lang
	T     *texts
	Style string
	Icon  string
	Title string // of the browser's tab
	Home  string
	// Tongues are the languages to choose from.
	Tongues []tongue
	// Body is the class of the page's body.
	Body string
}

// tongue is a language and the address of the same page in it; the address is empty for the page's own.
type tongue struct{ Lang, Name, URL string }

// newFrame makes the frame of a page at a path with a query, which the links to other languages keep.
func newFrame(lang booking.Lang, title, path string, query url.Values) frame {
	f := frame{Lang: lang, T: textsIn(lang), Style: StylePath, Icon: IconPath, Title: title, Home: at("/", lang, nil)}
	for _, l := range []booking.Lang{booking.Korean, booking.English} {
		t := tongue{Lang: string(l), Name: textsIn(l).Tongue}
		if l != lang {
			t.URL = at(path, l, query)
		}
		f.Tongues = append(f.Tongues, t)
	}
	return f
}

// at is the address of a page in a language.
func at(path string, lang booking.Lang, query url.Values) string {
	q := url.Values{}
	for name, value := range query {
		q[name] = value
	}
	q.Set("lang", string(lang))
	return path + "?" + q.Encode()
}

// Refusal is what a browser is shown in a problem's place.
type Refusal struct {
	Lang          booking.Lang
	Title, Detail string
}

// Refusal makes the page of a refusal. Its links to other languages name no path: whatever was asked for stays what it is.
func (m *Maker) Refusal(r Refusal) ([]byte, error) {
	return m.make("refusal", struct {
		frame
		Detail string
	}{newFrame(r.Lang, r.Title, "", nil), r.Detail})
}
