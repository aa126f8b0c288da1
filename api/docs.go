package api

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"jari/booking"
	mobilecontract "jari/mobile-contract"
	"jari/mobile-contract/reference"
)

// shown is one readable document: the contract's reference, its file, its style sheet, or a problem's page.
type shown struct {
	kind         string // content type
	body, packed []byte // packed is body as gzip
	etag         string // of the body, without quotation marks
}

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
	body, etag := doc.body, `"`+doc.etag+`"`
	c.Header("Vary", "Accept-Encoding")
	c.Header("Content-Security-Policy", docsPolicy)
	if takesGzip(c.GetHeader("Accept-Encoding")) {
		body, etag = doc.packed, `"`+doc.etag+`-gzip"`
		c.Header("Content-Encoding", "gzip")
	}
	publicAs(c, doc.kind, body, etag, "public, max-age=300")
	return nil
}

// takesGzip is a careful reading of Accept-Encoding (RFC 9110, 12.5.3): whoever does not plainly name gzip gets it as it is.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return !weighed || !strings.HasPrefix(strings.ReplaceAll(weight, " ", ""), "q=0")
		}
	}
	return false
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
		packed, err := pack(body)
		sum := sha256.Sum256(body)
		out[path] = &shown{kind: kind, body: body, packed: packed, etag: hex.EncodeToString(sum[:12])}
		return err
	}
	const html = "text/html; charset=utf-8"
	for path, doc := range map[string]shown{
		"/docs":              {kind: html, body: page},
		"/docs/offline":      {kind: html, body: offline},
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
		if err := put("/problems/"+reference.Name(code), html, page); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
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
