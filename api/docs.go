package api

import (
	"compress/gzip"
	"net/http"

	"github.com/gin-gonic/gin"

	"jari/booking"
	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/reference"
)

// docsPolicy lets a page have our own style sheet and nothing else: no script, no picture, no other server.
const docsPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// show answers with the readable document of a path.
func (s *Server) show(c *gin.Context) error {
	all, err := s.docs()
	if err != nil {
		return err
	}
	doc := all[c.Request.URL.Path]
	if doc == nil {
		return booking.Fail(codeNotFound, nil)
	}
	doc.send(c, docsPolicy, "public, max-age=300")
	return nil
}

// makeDocs makes all readable documents, by path. It takes some 100 ms, so it is done when the first one is asked for.
func makeDocs() (map[string]*shown, error) {
	ref, err := reference.New(mobilecontract.OpenAPI)
	if err != nil {
		return nil, err
	}
	page, err := ref.Page()
	if err != nil {
		return nil, err
	}
	offline, err := ref.Text(mobilecontract.Offline)
	if err != nil {
		return nil, err
	}
	out := map[string]*shown{}
	put := func(path, kind string, body []byte) error {
		doc, err := newShown(kind, body, gzip.BestCompression)
		out[path] = doc
		return err
	}
	for path, doc := range map[string]shown{
		"/docs":              {kind: kindHTML, body: page},
		"/docs/offline":      {kind: kindHTML, body: offline},
		"/docs/style.css":    {kind: "text/css; charset=utf-8", body: reference.Style},
		"/docs/openapi.yaml": {kind: "application/yaml", body: mobilecontract.OpenAPI},
	} {
		if err := put(path, doc.kind, doc.body); err != nil {
			return nil, err
		}
	}
	for _, code := range ref.Codes() {
		page, err := ref.Problem(code, wordsOf(booking.Code(code)))
		if err != nil {
			return nil, err
		}
		if err := put("/problems/"+reference.Name(code), kindHTML, page); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// wordsOf are the words of a problem in both languages, with an instant of 2021 where one belongs; overload has two kinds.
func wordsOf(code booking.Code) []reference.Words {
	kinds := []refusal{{code: code, at: "2021-07-19T20:00:00+09:00"}}
	if code == booking.CodeOverloaded {
		kinds = append(kinds, refusal{code: code, stamp: stampMark})
	}
	var out []reference.Words
	for _, r := range kinds {
		for _, lang := range []booking.Lang{booking.Korean, booking.English} {
			title, detail := problemText(lang, r)
			out = append(out, reference.Words{Lang: string(lang), Title: title, Detail: detail})
		}
	}
	return out
}

// docRoutes are the paths of the readable documents.
func (s *Server) docRoutes(e *gin.Engine) {
	for _, path := range []string{"/docs", "/docs/offline", "/docs/style.css", "/docs/openapi.yaml", "/problems/:name"} {
		e.Handle(http.MethodGet, path, s.answer(s.show))
	}
}
