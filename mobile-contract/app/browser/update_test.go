//go:build browser

package browser

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strings"
)

// updateScenarios hand out a newer version of the app.
func updateScenarios() []scenario {
	return []scenario{
		{"update: with an outbox that waits", updateWithAnOutbox},
		{"update: taken up when all tabs were closed", updateByItself},
		{"update: servers of two versions", updateHalfWay},
	}
}

// file is one of the app's, as the sandbox hands it out.
func (b *sandbox) file(s *stage, name string) []byte {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), http.MethodGet, b.url+"/app/"+name, nil)
	s.must(err)
	res, err := http.DefaultClient.Do(req)
	s.must(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	s.must(err)
	return body
}

// newer makes the next version of the app's files, which says that it is: another app.js, and the worker that keeps it.
func (b *sandbox) newer(s *stage) func(path string, body []byte) []byte {
	s.Helper()
	old := b.file(s, "app.js")
	next := append(bytes.Clone(old), "\nglobalThis.jariVersion = 2\n"...)
	digest := func(body []byte) []byte {
		sum := sha256.Sum256(body)
		return []byte("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))
	}
	version := regexp.MustCompile(`\b[0-9a-f]{16}\b`)
	if worker := b.file(s, "worker.js"); !bytes.Contains(worker, digest(old)) || !version.Match(worker) {
		s.Fatal("the worker names no digest of app.js, or no version")
	}
	return func(path string, body []byte) []byte {
		switch path {
		case "/app/app.js":
			return next
		case "/app/worker.js":
			return version.ReplaceAll(bytes.ReplaceAll(body, digest(old), digest(next)), []byte("fedcba9876543210"))
		}
		return body
	}
}

// withoutAPI is a line on which the app's files come through and nothing else does.
func withoutAPI(e *exchange) {
	if strings.HasPrefix(e.r.URL.Path, "/v1/") {
		lost(e)
		return
	}
	through(e)
}

const isNewer = `globalThis.jariVersion === 2`

func updateWithAnOutbox(s *stage) {
	d, p, q := s.onShared("ko"), s.shared.newPerson(s), s.shared.newPerson(s)
	t := d.app()
	d.line.from(withoutAPI)
	t.applies(p, "own")
	t.sees(step("saved"))
	t.goTo("/app/")
	t.do("apply")
	t.fill("name", q.name)
	d.line.rewrite(s.shared.newer(s))
	t.reload() // which makes the browser look for a new worker
	t.sees(about("update"))
	t.holds("name", q.name)
	if in[bool](t, isNewer) {
		t.Error("the new version was taken up without being asked for")
	}
	t.do("update")
	t.shows("the new version", isNewer)
	t.holds("name", q.name)
	t.misses(about("update"))
	t.goTo("/app/")
	t.do("person")
	t.sees(step("saved"))
	d.line.from(nil)
	t.triesNow()
	t.registeredOnce(p, 1)
	d.line.down()
	t.reload()
	t.shows("the new version without a line", isNewer)
}

func updateByItself(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	d.line.from(withoutAPI)
	t.applies(p, "own")
	d.line.rewrite(s.shared.newer(s))
	t.reload()
	t.sees(about("update"))
	t.close()
	t = d.app()
	t.shows("the new version", isNewer)
	t.do("person")
	d.line.from(nil)
	t.triesNow()
	t.registeredOnce(p, 1)
}

// While the servers are being updated, a worker of the new version may get the old app.js. It must not keep it.
func updateHalfWay(s *stage) {
	d := s.onShared("ko")
	d.allow("ServiceWorker failed to install")
	d.allow("Failed to find a valid digest")
	d.allow("Failed to fetch")
	t := d.app()
	next := s.shared.newer(s)
	d.line.rewrite(func(path string, body []byte) []byte {
		if path == "/app/app.js" {
			return body
		}
		return next(path, body)
	})
	t.reload()
	asked := len(d.line.requests("GET /app/app.js"))
	s.until("the new worker to ask for its files", func() bool { return len(d.line.requests("GET /app/app.js")) > asked || asked > 1 })
	t.on("home")
	t.misses(about("update"))
	d.line.rewrite(next)
	t.reload()
	t.sees(about("update"))
	t.do("update")
	t.shows("the new version", isNewer)
}
