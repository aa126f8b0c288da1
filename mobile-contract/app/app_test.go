package app_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"jari/mobile-contract/app"
)

func made(t *testing.T) *app.App {
	t.Helper()
	a, err := app.New(app.Sources())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func get(t *testing.T, a *app.App, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

// firstLoad is what a browser fetches before the page can be used: the page and all that it names.
func firstLoad(t *testing.T, a *app.App) []string {
	t.Helper()
	page := get(t, a, "/app/").Body.String()
	paths := []string{"/app/"}
	for _, m := range regexp.MustCompile(`(?:src|href)="(/app/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		paths = append(paths, m[1])
	}
	return paths
}

// The bound: 60 KiB over the line.
func TestTheFirstLoadIsSmall(t *testing.T) {
	t.Parallel()
	const most = 60 << 10
	a, sum := made(t), 0
	for _, path := range firstLoad(t, a) {
		w := get(t, a, path, "Accept-Encoding", "gzip, br")
		if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %d %v", path, w.Code, w.Header())
		}
		t.Logf("%6d %s", w.Body.Len(), path)
		sum += w.Body.Len()
	}
	t.Logf("%6d of %d", sum, most)
	if sum > most {
		t.Errorf("the first load is %d bytes, and should be %d at most", sum, most)
	}
}

func TestEverythingIsOurOwn(t *testing.T) {
	t.Parallel()
	a := made(t)
	for _, path := range firstLoad(t, a) {
		w := get(t, a, path)
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: policy %q", path, policy)
		}
		// The only foreign addresses are names that nobody fetches.
		for _, at := range regexp.MustCompile(`https?://[^"'\x60\s)]+`).FindAllString(w.Body.String(), -1) {
			if !strings.HasPrefix(at, "http://www.w3.org/") {
				t.Errorf("%s names %s", path, at)
			}
		}
	}
	if page := get(t, a, "/app/").Body.String(); regexp.MustCompile(`<script[^>]*>[^<]|style=|<style|\son\w+=`).MatchString(page) {
		t.Error("the page has something inline, which its policy forbids")
	}
}

func TestFilesAreCheckedAgainAndPacked(t *testing.T) {
	t.Parallel()
	a := made(t)
	for path := range a.Files {
		path = "/app/" + path
		plain, packed := get(t, a, path), get(t, a, path, "Accept-Encoding", "gzip")
		r, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != plain.Body.String() || len(b) == 0 {
			t.Errorf("%s: packed it is another file: %v", path, err)
		}
		if again := get(t, a, path, "If-None-Match", plain.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s asked again: %d", path, again.Code)
		}
		if other := get(t, a, path, "Accept-Encoding", "gzip", "If-None-Match", plain.Header().Get("ETag")); other.Code != http.StatusOK {
			t.Errorf("%s packed, asked with the plain one's tag: %d", path, other.Code)
		}
	}
	if w := get(t, a, "/app/none.js"); w.Code != http.StatusNotFound {
		t.Errorf("a file that there is not: %d", w.Code)
	}
}

// The worker holds each file to its digest: what the list says must be what is served.
func TestTheWorkerKnowsEachFile(t *testing.T) {
	t.Parallel()
	a := made(t)
	worker := string(a.Files["worker.js"].Body)
	m := regexp.MustCompile(`\{[^{}]*"?app\.js"?:"sha256-[^{}]*\}`).FindString(worker)
	if m == "" {
		t.Fatal("the worker has no list of files")
	}
	var list map[string]string
	if err := json.Unmarshal([]byte(regexp.MustCompile(`([{,])(\w+):`).ReplaceAllString(m, `$1"$2":`)), &list); err != nil {
		t.Fatalf("%s: %v", m, err)
	}
	if len(list) < 5 {
		t.Errorf("only %d files: %s", len(list), m)
	}
	for path, want := range list {
		sum := sha256.Sum256(a.Files[path].Body)
		if got := "sha256-" + base64.StdEncoding.EncodeToString(sum[:]); got != want {
			t.Errorf("%q: the worker waits for %s, and it is %s", path, want, got)
		}
	}
	if !strings.Contains(worker, `"`+a.Version+`"`) {
		t.Error("the worker does not know its version")
	}
}

// All servers of one version hand out the same bytes, and another source is another version.
func TestTheVersionIsTheSources(t *testing.T) {
	t.Parallel()
	one, two := made(t), made(t)
	for path, f := range one.Files {
		if two.Files[path].ETag != f.ETag {
			t.Errorf("%s is made differently each time", path)
		}
	}
	changed := fstest.MapFS{}
	err := fs.WalkDir(app.Sources(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(app.Sources(), path)
		changed[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	changed["app.css"].Data = append(changed["app.css"].Data, "p { margin: 1px; }"...)
	other, err := app.New(changed)
	if err != nil {
		t.Fatal(err)
	}
	if other.Version == one.Version || other.Files["worker.js"].ETag == one.Files["worker.js"].ETag {
		t.Error("another style is the same version")
	}
	changed["main.ts"].Data = []byte("import { nothing } from './nothing.ts'\nnothing(")
	if _, err := app.New(changed); err == nil || !strings.Contains(err.Error(), "main.ts:2") {
		t.Errorf("sources that are none: %v", err)
	}
}

// A browser installs the app only with pictures of the sizes that the manifest says.
func TestTheManifestsIconsAreThere(t *testing.T) {
	t.Parallel()
	a := made(t)
	var manifest struct {
		StartURL string `json:"start_url"`
		Scope    string `json:"scope"`
		Icons    []struct{ Src, Sizes, Type string }
	}
	if err := json.Unmarshal(get(t, a, "/app/manifest.webmanifest").Body.Bytes(), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.StartURL != app.Prefix || manifest.Scope != app.Prefix {
		t.Errorf("starts at %s within %s", manifest.StartURL, manifest.Scope)
	}
	sizes := 0
	for _, i := range manifest.Icons {
		w := get(t, a, i.Src)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != i.Type {
			t.Errorf("%s: %d %s", i.Src, w.Code, w.Header().Get("Content-Type"))
		}
		if i.Type != "image/png" {
			continue
		}
		picture, err := png.DecodeConfig(w.Body)
		if err != nil || i.Sizes != fmt.Sprintf("%dx%d", picture.Width, picture.Height) {
			t.Errorf("%s is %dx%d and not %s: %v", i.Src, picture.Width, picture.Height, i.Sizes, err)
		}
		sizes++
	}
	if sizes < 2 {
		t.Errorf("%d pictures", sizes)
	}
}
