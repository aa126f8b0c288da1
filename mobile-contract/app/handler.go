package app

import (
	"net/http"
	"strconv"
	"strings"
)

// Policy is the app's Content-Security-Policy: everything is our own, nothing is inline, and only the service worker's address may
// become one from text.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types jari"

// Prefix is where the app stands on a server.
const Prefix = "/app/"

// ServeHTTP answers below Prefix. Whatever path it does not know is 404 without a body.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := a.Files[strings.TrimPrefix(r.URL.Path, Prefix)]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h, body, etag := w.Header(), f.Body, `"`+f.ETag+`"`
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", f.Keep)
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		body, etag = f.Packed, `"`+f.ETag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.Kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// takesGzip reports whether Accept-Encoding plainly names gzip (RFC 9110, 12.5.3).
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, weight, weighed := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return !weighed || !strings.HasPrefix(strings.ReplaceAll(weight, " ", ""), "q=0")
		}
	}
	return false
}
