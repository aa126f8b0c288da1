package phonesim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"

	"jari/booking"
)

// pageFiles are the pages, their style and their script. All of it works without the script: a phone's thread is then a frame that reloads
// itself, so that a half-written text beside it survives.
//
//go:embed page
var pageFiles embed.FS

func parsePages() (*template.Template, error) {
	// Parts of a page that are made for each phone or number see the whole page too.
	within := func(v view, c card) view { v.Card = c; return v }
	numbered := func(v view, n numberView) map[string]any {
		return map[string]any{"W": v.W, "Back": v.Back, "Number": n}
	}
	return template.New("pages").Funcs(template.FuncMap{"within": within, "numbered": numbered}).ParseFS(pageFiles, "page/*.html")
}

// bubble is a message of a thread as JSON.
type bubble struct {
	ID     string `json:"id"`
	Mine   bool   `json:"mine"` // written on this phone
	Body   string `json:"body"`
	At     string `json:"at"`
	Status string `json:"status"`
	Code   int    `json:"code,omitempty"`
	Shown  bool   `json:"shown"` // on the phone's screen
	Ours   string `json:"ours"`  // the account's number
}

// bubbles returns the last messages of a phone, newest first.
func (s *Server) bubbles(phone booking.Phone) []bubble {
	list := []bubble{}
	s.store.newest(phone, 0, func(m *message) bool {
		list = append(list, bubble{
			ID: m.id, Mine: m.way == inbound, Body: m.body, At: m.created.UTC().Format(time.RFC3339), Status: m.status, Code: m.code,
			Shown: m.shown || m.way == inbound, Ours: m.ours,
		})
		return len(list) < shownMessages
	})
	return list
}

// policy lets nothing run or load but our own files, and no text become markup in a script's hands.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; " +
	"frame-ancestors 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// render writes a page. Texts come from anybody: the template escapes them, and the policy lets no script run but ours.
func (s *Server) render(w http.ResponseWriter, name string, data view) {
	var page bytes.Buffer
	if err := s.pages.ExecuteTemplate(&page, name, data); err != nil {
		s.config.Log.Error("render page", "page", name, "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", data.W.Lang)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", policy)
	w.Write(page.Bytes())
}

// getFile serves one of the pages' own files.
func getFile(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		body, err := pageFiles.ReadFile("page/" + name)
		if err != nil {
			http.Error(w, "not there", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Write(body)
	}
}
