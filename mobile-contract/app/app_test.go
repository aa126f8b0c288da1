package app_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image/png"
	"io/fs"
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

// file is a file by its address on a server.
func file(t *testing.T, a *app.App, address string) app.File {
	t.Helper()
	f, ok := a.Files[strings.TrimPrefix(address, app.Prefix)]
	if !ok {
		t.Fatalf("there is no %s", address)
	}
	return f
}

func packed(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// firstLoad is what a browser fetches before the page can be used: the page and all that it names.
func firstLoad(t *testing.T, a *app.App) []string {
	t.Helper()
	page := string(file(t, a, "/app/").Body)
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
		n := packed(t, file(t, a, path).Body)
		t.Logf("%6d %s", n, path)
		sum += n
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
		// The only foreign addresses are names that nobody fetches.
		for _, at := range regexp.MustCompile(`https?://[^"'\x60\s)]+`).FindAllString(string(file(t, a, path).Body), -1) {
			if !strings.HasPrefix(at, "http://www.w3.org/") {
				t.Errorf("%s names %s", path, at)
			}
		}
	}
	if p := app.Policy; !strings.HasPrefix(p, "default-src 'none'; script-src 'self';") || strings.Contains(p, "unsafe") || strings.Contains(p, "http") {
		t.Errorf("policy %q", p)
	}
	if page := string(file(t, a, "/app/").Body); regexp.MustCompile(`<script[^>]*>[^<]|style=|<style|\son\w+=`).MatchString(page) {
		t.Error("the page has something inline, which its policy forbids")
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
		if !bytes.Equal(two.Files[path].Body, f.Body) {
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
	if other.Version == one.Version || bytes.Equal(other.Files["worker.js"].Body, one.Files["worker.js"].Body) {
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
	if err := json.Unmarshal(file(t, a, "/app/manifest.webmanifest").Body, &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.StartURL != app.Prefix || manifest.Scope != app.Prefix {
		t.Errorf("starts at %s within %s", manifest.StartURL, manifest.Scope)
	}
	sizes := 0
	for _, i := range manifest.Icons {
		f := file(t, a, i.Src)
		if f.Kind != i.Type {
			t.Errorf("%s: %s", i.Src, f.Kind)
		}
		if i.Type != "image/png" {
			continue
		}
		picture, err := png.DecodeConfig(bytes.NewReader(f.Body))
		if err != nil || i.Sizes != fmt.Sprintf("%dx%d", picture.Width, picture.Height) {
			t.Errorf("%s is %dx%d and not %s: %v", i.Src, picture.Width, picture.Height, i.Sizes, err)
		}
		sizes++
	}
	if sizes < 2 {
		t.Errorf("%d pictures", sizes)
	}
}
