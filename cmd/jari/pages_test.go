package main

import (
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var links = regexp.MustCompile(`href="([^"#]+)"`)

// The page at / of a running sandbox says what it is, and whatever it and the boards link to is there.
func TestPagesOfASandboxLeadSomewhere(t *testing.T) {
	t.Parallel()
	a := newAppTeam(t)
	read := func(path string) string {
		t.Helper()
		if strings.HasPrefix(path, "/") {
			path = a.apiURL + path
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "text/html")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %v", path, res.StatusCode, err)
		}
		return string(body)
	}
	home := read("/?lang=en")
	for _, want := range []string{"for people who write apps", a.box.config.TwilioBaseURL, "/boards/sandbox", "Born 1960–1979"} {
		if !strings.Contains(home, want) {
			t.Errorf("the page at / lacks %q", want)
		}
	}
	seen := map[string]bool{}
	follow := func(page string) {
		t.Helper()
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			to := html.UnescapeString(m[1])
			if !seen[to] && !strings.HasPrefix(to, "tel:") && !strings.HasPrefix(to, "/app/") { // the app has tests of its own
				seen[to] = true
				read(to)
			}
		}
	}
	follow(home)
	follow(read("/boards/sandbox?lang=ko"))
	follow(read("/boards/sandbox?lang=ko&queue=open&number=1"))
	if len(seen) < 20 {
		t.Errorf("only %d links were followed", len(seen))
	}
}
