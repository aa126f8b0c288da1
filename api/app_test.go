package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"jari/mobile-contract/app"
)

func TestTheAppIsServed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	page := s.do(t, http.MethodGet, app.Prefix, "", "Accept-Encoding", "identity")
	if page.status != http.StatusOK || page.header.Get("Content-Security-Policy") != app.Policy || page.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %v", page.status, page.header)
	}
	addresses := []string{app.Prefix, app.Prefix + "worker.js"}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/app/[^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		addresses = append(addresses, m[1])
	}
	if len(addresses) < 6 {
		t.Errorf("the page names only %v", addresses)
	}
	for _, address := range addresses {
		plain, packed := s.do(t, http.MethodGet, address, "", "Accept-Encoding", "identity"), s.do(t, http.MethodGet, address, "", "Accept-Encoding", "br, gzip;q=0.5")
		if packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("ETag") == plain.header.Get("ETag") {
			t.Fatalf("%s packed: %v", address, packed.header)
		}
		r, err := gzip.NewReader(strings.NewReader(packed.body))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != plain.body || plain.body == "" {
			t.Errorf("%s: packed it is another file: %v", address, err)
		}
		if again := s.do(t, http.MethodGet, address, "", "Accept-Encoding", "identity", "If-None-Match", plain.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s asked again: %d", address, again.status)
		}
	}
	if worker := s.do(t, http.MethodGet, app.Prefix+"worker.js", ""); worker.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the worker, which brings the next version, may be kept: %q", worker.header.Get("Cache-Control"))
	}
	if gone := s.do(t, http.MethodGet, app.Prefix+"none.js", ""); gone.status != http.StatusNotFound {
		t.Errorf("a file that there is not: %d", gone.status)
	}
	if without := s.do(t, http.MethodGet, "/app", "", "Accept-Encoding", "identity"); without.body != page.body {
		t.Errorf("/app does not lead to the app: %d %v", without.status, without.header)
	}
}
