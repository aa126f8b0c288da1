package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"sort"
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
	Kind   string // content type
	Body   []byte
	Packed []byte // Body as gzip
	ETag   string // of Body, without quotation marks
	Keep   string // Cache-Control
}

// App is all files by path below /app/; the page itself is at "".
type App struct {
	Files map[string]*File
	// Version names these very files: another byte in any of them, another version.
	Version string
}

// Cache-Control of the files. They are checked again after a minute, so that on the night servers hand out each of them once; the
// service worker is always checked, because it brings the next version.
const (
	keepShell  = "public, max-age=60"
	keepWorker = "no-cache"
)

// shell are the files that the service worker keeps, so that the app opens without a connection.
var shell = map[string]string{
	"":                     "text/html; charset=utf-8",
	"app.js":               "text/javascript; charset=utf-8",
	"app.css":              "text/css; charset=utf-8",
	"manifest.webmanifest": "application/manifest+json",
	"icon.svg":             "image/svg+xml",
}

// New makes the app's files from its sources. It takes some 100 ms. An error names the line in the sources.
func New(src fs.FS) (*App, error) {
	a := &App{Files: map[string]*File{}}
	made, err := bundle(src, "main.ts", nil)
	if err != nil {
		return nil, err
	}
	parts := map[string][]byte{"app.js": made.code}
	for path, from := range map[string]string{"": "index.html", "manifest.webmanifest": "manifest.webmanifest", "icon.svg": "icon.svg"} {
		if parts[path], err = fs.ReadFile(src, from); err != nil {
			return nil, fmt.Errorf("make the app: %w", err)
		}
	}
	if parts["app.css"], err = style(src); err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for path, kind := range shell {
		sum := sha256.Sum256(parts[path])
		sums[path] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		if err := a.put(path, File{Kind: kind, Body: parts[path], Keep: keepShell}); err != nil {
			return nil, err
		}
	}
	a.Version = version(sums)
	list, err := json.Marshal(sums)
	if err != nil {
		return nil, fmt.Errorf("make the app: %w", err)
	}
	worker, err := bundle(src, "worker.ts", map[string]string{"SHELL": string(list), "VERSION": `"` + a.Version + `"`})
	if err != nil {
		return nil, err
	}
	if err := a.put("worker.js", File{Kind: shell["app.js"], Body: worker.code, Keep: keepWorker}); err != nil {
		return nil, err
	}
	for path, text := range map[string][]byte{"app.js.map": made.sources, "worker.js.map": worker.sources} {
		if err := a.put(path, File{Kind: "application/json", Body: text, Keep: keepShell}); err != nil {
			return nil, err
		}
	}
	return a, nil
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

func (a *App) put(path string, f File) error {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	if _, err := w.Write(f.Body); err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("pack %s: %w", path, err)
	}
	sum := sha256.Sum256(f.Body)
	f.Packed, f.ETag = b.Bytes(), hex.EncodeToString(sum[:12])
	a.Files[path] = &f
	return nil
}
