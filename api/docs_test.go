package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	mobilecontract "jari/mobile-contract"
)

func TestTheContractCanBeRead(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	page := s.do(t, http.MethodGet, "/docs", "", "Accept-Encoding", "identity")
	if page.status != http.StatusOK || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") || !strings.Contains(page.body, `id="register"`) {
		t.Errorf("/docs: %d %v", page.status, page.header)
	}
	const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if got := page.header.Get("Content-Security-Policy"); got != policy {
		t.Errorf("policy %q", got)
	}
	if file := s.do(t, http.MethodGet, "/docs/openapi.yaml", ""); file.body != string(mobilecontract.OpenAPI) {
		t.Error("/docs/openapi.yaml is not the contract")
	}
	if style := s.do(t, http.MethodGet, "/docs/style.css", ""); style.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("/docs/style.css: %v", style.header)
	}
	if text := s.do(t, http.MethodGet, "/docs/offline", ""); text.status != http.StatusOK || !strings.Contains(text.body, "<h1>Working without a connection</h1>") {
		t.Errorf("/docs/offline: %d", text.status)
	}
	again := s.do(t, http.MethodGet, "/docs", "", "Accept-Encoding", "identity", "If-None-Match", page.header.Get("ETag"))
	if again.status != http.StatusNotModified || again.body != "" {
		t.Errorf("asked again: %d", again.status)
	}
}

func TestThePageComesPackedToWhoTakesIt(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	plain := s.do(t, http.MethodGet, "/docs", "", "Accept-Encoding", "gzip;q=0, br")
	if plain.header.Get("Content-Encoding") != "" {
		t.Error("packed for somebody who refuses it")
	}
	packed := s.do(t, http.MethodGet, "/docs", "", "Accept-Encoding", "br, gzip")
	if packed.header.Get("Content-Encoding") != "gzip" || packed.header.Get("ETag") == plain.header.Get("ETag") {
		t.Fatalf("packed: %v", packed.header)
	}
	r, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != plain.body {
		t.Errorf("unpacked it is another page: %v", err)
	}
}

// The type of each problem is the address of its page.
func TestProblemTypesLeadToPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, e := range loadSpec(t).doc.Components.Examples {
		problem, _ := e.Value.Value.(map[string]any)
		path, _ := problem["type"].(string)
		got := s.do(t, http.MethodGet, path, "", "Accept-Encoding", "identity")
		title, _ := problem["title"].(string)
		if got.status != http.StatusOK || !strings.Contains(got.body, title) || !strings.Contains(got.body, `lang="ko"`) {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if got := s.do(t, http.MethodGet, "/problems/none", ""); got.status != http.StatusNotFound {
		t.Errorf("a page of a problem that there is not: %d", got.status)
	}
}
