//go:build browser

package browser

import (
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// harnessScenarios show that the tools of the tests can fail.
func harnessScenarios() []scenario {
	return []scenario{
		{"tools: barriers are found", barriersAreFound},
		{"tools: complaints are heard", complaintsAreHeard},
		{"tools: the line", theLineCanBreak},
		{"tools: a slow line", theLineCanBeSlow},
		{"tools: keys and storage", keysAndStorage},
	}
}

// invented is a page of a test's own in the place of the next answer.
func (d *device) invented(html, policy string) *tab {
	d.Helper()
	d.line.next("GET /invented", func(e *exchange) {
		e.w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if policy != "" {
			e.w.Header().Set("Content-Security-Policy", policy)
		}
		_, _ = e.w.Write([]byte(html))
	})
	return d.open("/invented")
}

const strict = "default-src 'none'; img-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

func barriersAreFound(s *stage) {
	t := s.onShared("ko").invented(`<!doctype html><html lang="ko"><title>그림</title><main><h1>그림</h1><img src="/docs/style.css"><p>글</p></main>`, strict)
	found := t.barriers()
	if len(found) != 1 || found[0].Rule != "image-alt" || len(found[0].Nodes) != 1 || !strings.Contains(found[0].Help, "alternative text") {
		t.Errorf("an image without a text has these barriers: %v", found)
	}
	in[any](t, `document.querySelector("img").alt = "새"`)
	if found := t.barriers(); len(found) > 0 {
		t.Errorf("with one it has these: %v", found)
	}
	t = t.invented(`<!doctype html><html lang="ko"><meta name="viewport" content="width=device-width"><title>넓은 글</title>
<style>p { width: 900px } b { color: #bbb } div { width: 90px; overflow: hidden; white-space: nowrap }</style>
<main><h1>글</h1><p>글</p><b>흐린 글</b><div>잘려서 끝까지 읽을 수 없는 글</div></main>`, "")
	if found := t.barriers(); len(found) != 1 || len(found[0].Nodes) != 1 {
		t.Errorf("grey text on white: %v", found)
	}
	if found := strings.Join(in[[]string](t, wider), "; "); !strings.Contains(found, "<p>") || !strings.Contains(found, "cut off: <div>") {
		t.Errorf("what does not fit: %s", found)
	}
}

func complaintsAreHeard(s *stage) {
	d := s.onShared("ko")
	t := d.invented(`<!doctype html><title>탈</title><script>console.error("inline")</script><p style="color: red">탈`, "default-src 'none'")
	in[any](t, `(() => { console.error("told"); setTimeout(() => { throw new Error("thrown") }); Promise.reject(new Error("rejected")); setTimeout(() => document.body.dataset.done = "1", 1) })()`)
	t.shows("all of it to have happened", `document.body.dataset.done`)
	all := strings.Join(d.taken(), "\n")
	for _, word := range []string{"script-src-elem", "style-src-attr", "told", "thrown", "rejected"} {
		if !strings.Contains(all, word) {
			t.Errorf("nobody heard of %q:\n%s", word, all)
		}
	}
}

func theLineCanBreak(s *stage) {
	d := s.onShared("en")
	t := d.invented(`<!doctype html><title>line</title>`, "")
	asks := func() string {
		return in[string](t, `fetch("/v1/service", {cache: "no-store"}).then(r => r.text()).catch(e => "failed")`)
	}
	if got := asks(); !strings.Contains(got, `"contract"`) {
		t.Errorf("the service document: %s", got)
	}
	if got := in[string](t, `navigator.languages.join() + Intl.DateTimeFormat().resolvedOptions().locale`); got != "enen" {
		t.Errorf("languages: %s", got)
	}
	for name, happens := range map[string]accident{"before the first byte": cut(-1), "without a byte": cut(0), "in the middle": cut(20), "on the way there": lost} {
		d.line.from(happens) // and not only once: a browser asks again by itself when a connection that was in use already is reset
		if got := asks(); got != "failed" {
			t.Errorf("cut %s: %s", name, got)
		}
		d.line.from(nil)
	}
	d.line.down()
	if got := asks(); got != "failed" {
		t.Errorf("while the line is down: %s", got)
	}
	d.line.up()
	if got := asks(); !strings.Contains(got, `"contract"`) {
		t.Errorf("after it: %s", got)
	}
	d.line.from(portal())
	if got := asks(); !strings.Contains(got, "Log in") {
		t.Errorf("at a café's: %s", got)
	}
	d.line.from(nil)
	g := newGate()
	d.line.next("GET /v1/service", g.hold(through))
	in[any](t, `void (window.later = fetch("/v1/service", {cache: "no-store"}).then(r => r.status))`)
	g.waits(s)
	g.open()
	if got := in[int](t, `later`); got != http.StatusOK {
		t.Errorf("what was held: %d", got)
	}
	d.line.rewrite(func(path string, body []byte) []byte { return append(body, path...) })
	if got := asks(); !strings.HasSuffix(got, "/v1/service") {
		t.Errorf("what was written anew: %s", got)
	}
	const asked = 9 // those above that came to the line; a browser that asks again by itself makes more
	if got := len(d.line.requests("GET /v1/service")); got < asked {
		t.Errorf("%d requests were counted", got)
	}
}

func theLineCanBeSlow(s *stage) {
	d := s.onShared("en")
	d.line.slow(secondGeneration())
	began := time.Now()
	d.open("/docs/style.css")
	if took := time.Since(began); took < 1200*time.Millisecond || took > 5*time.Second { // three trips and some kilobytes
		s.Errorf("a small file took %s", took)
	}
}

func keysAndStorage(s *stage) {
	d := s.onShared("ko")
	t := d.invented(`<!doctype html><html lang="ko"><title>자판</title><style>:focus { outline: 2px solid }</style>
<main><input name="a"><input type="checkbox" name="b"><select name="c"><option value="1">하나<option value="2">둘</select><button data-do="go">가기</button></main>`, "")
	t.types("a", "홍길동")
	t.tabTo(named("b"))
	t.press(" ")
	t.tabTo(named("c"))
	t.press(kb.ArrowDown)
	in[any](t, `document.querySelector("button").onclick = () => document.body.dataset.done = ["a", "b", "c"].map(n => document.querySelector("[name=" + n + "]")).map(e => e.type === "checkbox" ? e.checked : e.value).join()`)
	t.enter("go")
	t.shows("what was typed", `document.body.dataset.done === "홍길동,true,2"`)
	in[any](t, `(async () => {
  sessionStorage.x = "in session"
  await (await caches.open("c")).put("/x", new Response("in cache"))
  const r = indexedDB.open("d", 1)
  r.onupgradeneeded = () => r.result.createObjectStore("s").put({ deep: ["in database"] }, 1)
  await new Promise(done => r.onsuccess = done)
  r.result.close()
})()`)
	all := t.stored()
	for place, word := range map[string]string{"sessionStorage": "in session", "caches": "in cache", "indexedDB": "in database", "history": "/invented", "page": "홍길동"} {
		if !strings.Contains(all[place], word) {
			t.Errorf("%s: %s", place, all[place])
		}
	}
	if other := d.open("/docs/style.css").stored(); !strings.Contains(other["indexedDB"], "in database") || strings.Contains(other["sessionStorage"], "in session") {
		t.Errorf("another tab of the device: %v", other)
	}
	if other := s.deviceOn(s.shared, d.line, "ko").open("/docs/style.css").stored(); strings.Contains(other["indexedDB"], "in database") {
		t.Errorf("another device: %v", other)
	}
}
