package app

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sort"
	"strings"
)

//go:embed src
var sources embed.FS

// Sources are the app as it is written.
func Sources() fs.FS {
	in, err := fs.Sub(sources, "src")
	if err != nil {
		panic(err) // src is embedded above
	}
	return in
}

// File is one file as a browser gets it.
type File struct {
	Kind string // content type
	Body []byte
	Keep string // Cache-Control
}

// App is all files by path below /app/; the page itself is at "".
type App struct {
	Files map[string]File
	// Version names these very files: another byte in any of them, another version.
	Version string
}

// Cache-Control of the files. They are checked again after a minute, so that on the night servers hand out each of them once; the
// service worker is always checked, because it brings the next version.
const (
	keepShell  = "public, max-age=60"
	keepWorker = "no-cache"
)

const (
	script   = "text/javascript; charset=utf-8"
	kindJSON = "application/json"
)

// New makes the app's files from its sources. It takes some 100 ms. An error names the line in the sources.
func New(src fs.FS) (*App, error) {
	a := &App{Files: map[string]File{}}
	made, err := page(src)
	if err != nil {
		return nil, err
	}
	list, err := a.putShell(src, made)
	if err != nil {
		return nil, err
	}
	work, err := worker(src, map[string]string{"SHELL": string(list), "VERSION": `"` + a.Version + `"`})
	if err != nil {
		return nil, err
	}
	others := map[string]File{"worker.js": {Kind: script, Body: work.files["worker.js"], Keep: keepWorker}}
	for path, text := range made.files {
		if strings.HasSuffix(path, ".map") {
			others[path] = File{Kind: kindJSON, Body: text, Keep: keepShell}
		}
	}
	others["worker.js.map"] = File{Kind: kindJSON, Body: work.files["worker.js.map"], Keep: keepShell}
	for path, side := range map[string]int{"icon-180.png": 180, "icon-192.png": 192, "icon-512.png": 512} {
		picture, err := icon(side)
		if err != nil {
			return nil, fmt.Errorf("draw the icon: %w", err)
		}
		others[path] = File{Kind: "image/png", Body: picture, Keep: keepShell}
	}
	maps.Copy(a.Files, others)
	return a, nil
}

// putShell puts in what the service worker keeps, so that the app opens without a connection, names the version by it, and returns the list of
// digests as JSON.
func (a *App) putShell(src fs.FS, made bundled) ([]byte, error) {
	style, err := style(src)
	if err != nil {
		return nil, err
	}
	files := map[string]File{"app.css": {Kind: "text/css; charset=utf-8", Body: style}}
	for path, text := range made.files {
		if strings.HasSuffix(path, ".js") {
			files[path] = File{Kind: script, Body: text}
		}
	}
	for path, from := range map[string][2]string{
		"": {"index.html", "text/html; charset=utf-8"}, "manifest.webmanifest": {"manifest.webmanifest", "application/manifest+json"}, "icon.svg": {"icon.svg", "image/svg+xml"},
	} {
		text, err := fs.ReadFile(src, from[0])
		if err != nil {
			return nil, fmt.Errorf("make the app: %w", err)
		}
		files[path] = File{Kind: from[1], Body: text}
	}
	index := files[""]
	if index.Body, err = preload(index.Body, made.first); err != nil {
		return nil, err
	}
	files[""] = index
	sums := map[string]string{}
	for path, f := range files {
		sum := sha256.Sum256(f.Body)
		sums[path] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		f.Keep = keepShell
		a.Files[path] = f
	}
	a.Version = version(sums)
	return json.Marshal(sums)
}

// preload lets the page name at once what app.js would name only after it has come: one way less on a slow line.
func preload(page []byte, parts []string) ([]byte, error) {
	const mark = "<!-- parts -->\n"
	if !bytes.Contains(page, []byte(mark)) {
		return nil, errors.New("make the app: index.html has no place for the parts")
	}
	var links bytes.Buffer
	for _, part := range parts {
		_, _ = fmt.Fprintf(&links, "<link rel=\"modulepreload\" href=\"%s%s\">\n", Prefix, part) // a buffer takes everything
	}
	return bytes.Replace(page, []byte(mark), links.Bytes(), 1), nil
}

func version(sums map[string]string) string {
	paths := make([]string, 0, len(sums))
	for path := range sums {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	h := sha256.New()
	for _, path := range paths {
		_, _ = fmt.Fprintf(h, "%s %s\n", path, sums[path]) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
