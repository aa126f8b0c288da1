package phonesim

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
	"time"

	"jari/booking"
)

// shownThreads bounds the phones listed on the first page, shownMessages the texts shown of a phone.
const (
	shownThreads  = 50
	shownMessages = 200
)

// pageSource holds the three pages. The thread is a frame that reloads itself, so that a half-written text in the form
// beside it survives. No script is needed.
const pageSource = `
{{define "head"}}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Phone simulator</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:30rem;margin:0 auto;padding:.75rem;color:#1b1b1b;background:#fff}
input,textarea,button{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin:.25rem 0}
iframe{width:100%;height:55vh;border:1px solid #767676;border-radius:.5rem}
.m{margin:.5rem 0;padding:.5rem .75rem;border-radius:.75rem;max-width:85%;white-space:pre-wrap;overflow-wrap:anywhere;
width:fit-content}
.in{background:#e8e8ed}.out{background:#d3e7ff;margin-left:auto}
small{color:#555;display:block}
</style>{{end}}

{{define "home"}}{{template "head"}}</head><body><main>
<h1>Phone simulator</h1>
<p lang="ko">전화번호를 넣으면 그 전화기가 됩니다.</p><p>Enter a number to be that phone.</p>
<form method="get" action="/"><label>Phone number · <span lang="ko">전화번호</span>
<input name="number" inputmode="tel" autocomplete="off" placeholder="010-0000-0000" required></label>
{{if .Wrong}}<p role="alert">This is not a whole phone number. · <span lang="ko">전화번호가 아닙니다.</span></p>{{end}}
<button>Open · <span lang="ko">열기</span></button></form>
{{if .Phones}}<h2>Phones · <span lang="ko">전화기</span></h2>
<ul>{{range .Phones}}<li><a href="/sim/phones/{{.}}">{{.}}</a></li>{{end}}</ul>{{end}}
</main></body></html>{{end}}

{{define "phone"}}{{template "head"}}</head><body><main>
<h1>Phone simulator</h1>
<p><a href="/">All phones · <span lang="ko">모든 전화기</span></a> · <strong>{{.Number}}</strong></p>
<iframe src="/sim/phones/{{.Number}}/thread" title="Messages"></iframe>
<form method="post" action="/sim/texts"><input type="hidden" name="from" value="{{.Number}}">
<label>Text to {{.Ours}} · <span lang="ko">보낼 문자</span>
<textarea name="body" rows="3" maxlength="1600" required></textarea></label>
<button>Send · <span lang="ko">보내기</span></button></form>
</main></body></html>{{end}}

{{define "thread"}}{{template "head"}}<meta http-equiv="refresh" content="2"></head><body><main><h1>Messages</h1>
{{range .Messages}}<div class="m {{if .Mine}}out{{else}}in{{end}}">{{.Body}}<small>{{.At}}</small></div>
{{else}}<p>No messages yet. · <span lang="ko">아직 문자가 없습니다.</span></p>{{end}}
</main></body></html>{{end}}`

func parsePages() (*template.Template, error) { return template.New("pages").Parse(pageSource) }

// getHome shows the phones that wrote or were written to last, and sends a number on to its phone.
func (s *Server) getHome(w http.ResponseWriter, r *http.Request) {
	wrong := false
	if number := r.URL.Query().Get("number"); number != "" {
		phone, err := parseNumber(number)
		if err == nil {
			http.Redirect(w, r, phonePath(phone), http.StatusSeeOther) //nolint:gosec // a path of ours with a checked number in it
			return
		}
		wrong = true
	}
	var numbers []string
	seen := map[booking.Phone]bool{}
	looked := 0
	s.store.newest(booking.Phone{}, 0, func(m *message) bool {
		if !seen[m.phone] {
			seen[m.phone] = true
			numbers = append(numbers, m.phone.E164())
		}
		looked++
		return len(numbers) < shownThreads && looked < 10*shownThreads
	})
	s.render(w, "home", struct {
		Phones []string
		Wrong  bool
	}{numbers, wrong})
}

// bubble is a message of a thread as the page and the JSON show it.
type bubble struct {
	ID     string `json:"id"`
	Mine   bool   `json:"mine"` // written on this phone
	Body   string `json:"body"`
	At     string `json:"at"`
	Status string `json:"status"`
}

// bubbles returns the last messages of a phone, newest first as on the page.
func (s *Server) bubbles(phone booking.Phone) []bubble {
	list := []bubble{}
	s.store.newest(phone, 0, func(m *message) bool {
		list = append(list, bubble{
			ID: m.id, Mine: m.way == inbound, Body: m.body, At: m.created.UTC().Format(time.RFC3339), Status: m.status,
		})
		return len(list) < shownMessages
	})
	return list
}

// getPhone is one phone: a page, or its thread as JSON for who asks for that.
func (s *Server) getPhone(w http.ResponseWriter, r *http.Request) {
	phone, err := parseNumber(r.PathValue("number"))
	if err != nil {
		writeProblem(w, http.StatusNotFound, "not a whole phone number")
		return
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		writeJSON(w, http.StatusOK, s.bubbles(phone))
		return
	}
	s.render(w, "phone", struct{ Number, Ours string }{phone.E164(), s.config.From})
}

// getThread is the frame inside a phone's page.
func (s *Server) getThread(w http.ResponseWriter, r *http.Request) {
	phone, err := parseNumber(r.PathValue("number"))
	if err != nil {
		writeProblem(w, http.StatusNotFound, "not a whole phone number")
		return
	}
	s.render(w, "thread", struct{ Messages []bubble }{s.bubbles(phone)})
}

// render writes a page. Texts come from anybody, so besides the template's escaping no script may run at all.
func (s *Server) render(w http.ResponseWriter, name string, data any) {
	var page bytes.Buffer
	if err := s.pages.ExecuteTemplate(&page, name, data); err != nil {
		s.config.Log.Error("render page", "page", name, "error", err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'")
	w.Write(page.Bytes())
}
