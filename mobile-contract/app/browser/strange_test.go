//go:build browser

package browser

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// strangeScenarios have answers come that are not ours, or not of this version, and browsers that lack something.
func strangeScenarios() []scenario {
	return []scenario{
		{"strange: a login page that is JSON and whose clock is wrong", atAPortalOfJSON},
		{"strange: a cache that says that it is a year old", behindABrokenCache},
		{"strange: documents of another version", documentsOfAnotherVersion},
		{"strange: documents for which the server has no time", busyForDocuments},
		{"strange: somebody else's code in the page", nothingIsInjected},
		{"strange: a part that comes late", aPartComesLate},
		{"strange: quicker than a page is drawn", quickerThanThePage},
		{"strange: a tap in the moment in which nothing was due", tapWhenNothingIsDue},
		{"strange: corrected while another tab sends it", correctedWhileItIsSent},
		{"strange: the worker speaks the person's language", workerSpeaksTheLanguage},
		{"strange: two tabs without locks and messages", withoutLocks},
		{"strange: storage that does not answer", storageDoesNotAnswer},
	}
}

// atAPortal answers everything of the API with JSON that says nothing to us, a year ahead.
func atAPortal(e *exchange) {
	if !strings.HasPrefix(e.r.URL.Path, "/v1/") {
		through(e)
		return
	}
	e.w.Header().Set("Date", time.Now().Add(year).UTC().Format(http.TimeFormat))
	answered(http.StatusOK, "application/json", `{"status":"login required","url":"http://wifi.example/"}`)(e)
}

func atAPortalOfJSON(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.sees(doing("apply"))
	d.line.from(atAPortal)
	t.reload()
	t.applies(p, "own")
	s.until("two tries", func() bool { return len(d.line.sent("register")) >= 2 })
	t.sees(about("line"))
	t.goTo("/app/")
	t.sees(doing("apply")) // and not that it is over, or that there is nothing
	d.line.from(nil)
	t.do("person")
	t.triesNow()
	t.registeredOnce(p, 2)
	t.misses(about("line"))
}

func behindABrokenCache(s *stage) {
	d := s.onShared("ko")
	d.line.from(func(e *exchange) {
		if e.r.URL.Path == "/v1/service" { // the last that is asked for when the app is opened
			e.w.Header().Set("Age", fmt.Sprint(int(year.Seconds())))
		}
		through(e)
	})
	t := d.app()
	s.until("the answer", func() bool { return len(d.line.requests("GET /v1/service")) > 0 })
	t.do("apply")
	t.on("new")
	t.goTo("/app/")
	t.sees(doing("apply"))
}

func documentsOfAnotherVersion(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	tags := regexp.MustCompile(`"tags":\[[^\]]*\]`)
	d.line.rewrite(func(path string, body []byte) []byte {
		var doc map[string]any
		if !strings.HasPrefix(path, "/v1/campaigns/") || strings.Count(path, "/") > 3 || json.Unmarshal(body, &doc) != nil {
			return body
		}
		delete(doc, "regions")
		doc["__proto__"], doc["constructor"] = map[string]any{"polluted": "yes"}, "news"
		out, err := json.Marshal(doc)
		s.must(err)
		return tags.ReplaceAll(out, []byte(`"tags":["constructor","toString"]`))
	})
	t := d.app()
	t.do("apply")
	t.on("new")
	t.says(p, "own")
	t.do("send")
	t.registeredOnce(p, 1)
	t.proves(p, 1)
	t.sees(step("number"))
	t.do("wishes")
	t.on("wishes")
	t.sees("fieldset")
	t.reload()
	t.on("wishes")
	if got := in[string](t, `String({}.polluted)`); got != "undefined" {
		t.Errorf("a document reaches all objects: %s", got)
	}
}

func busyForDocuments(s *stage) {
	d := s.onShared("ko")
	t := d.app()
	d.line.next("GET /v1/campaigns", func(e *exchange) {
		e.w.Header().Set("Retry-After", "600")
		answered(http.StatusServiceUnavailable, "application/problem+json", `{"code":"overloaded","status":503}`)(e)
	})
	// list and one are how often the list of campaigns and one of them were asked for.
	asked := func() (list, one int) {
		for _, r := range d.line.requests("GET /v1/campaigns") {
			if r.uri == "/v1/campaigns" {
				list++
			} else {
				one++
			}
		}
		return list, one
	}
	looks := func() {
		_, had := asked()
		s.until("the campaign to be asked for", func() bool {
			in[any](t, `void document.dispatchEvent(new Event('visibilitychange'))`)
			_, one := asked()
			return one > had
		})
	}
	looks()
	list, _ := asked()
	looks()
	looks()
	if got, _ := asked(); got != list {
		t.Errorf("the server was asked %d times while it wanted to be left alone", got-list)
	}
}

// inject tries what a hole in the app would let somebody do, and names what worked.
const inject = `(async () => {
  const worked = [], tries = {
    markup: () => { document.body.innerHTML = '<b id="in">in</b>'; return document.getElementById('in') },
    eval: () => new Promise((yes, no) => setTimeout(() => { try { yes((0, eval)('1')) } catch (e) { no(e) } })), // later: what a debugger runs itself may
    script: () => { const s = document.createElement('script'); s.text = 'globalThis.ran = 1'; document.head.append(s); return globalThis.ran },
    handler: () => { const b = document.createElement('button'); b.setAttribute('onclick', 'globalThis.ran = 1'); document.body.append(b); b.click(); return globalThis.ran },
    style: () => { const p = document.createElement('p'); p.setAttribute('style', 'color: red'); document.body.append(p); return p.style.color },
    policy: () => trustedTypes.createPolicy('other', { createHTML: x => x }),
    again: () => trustedTypes.createPolicy('jari', { createHTML: x => x }),
    frame: () => new Promise(done => { const f = document.createElement('iframe'); f.src = '/docs/style.css'; document.body.append(f); f.onload = () => { try { done(f.contentDocument.body.textContent.length > 0) } catch { done(false) } }; f.onerror = () => done(false) }),
    fetch: () => fetch('http://localhost:1/', { mode: 'no-cors' }).then(() => true),
    image: () => new Promise((yes, no) => { const i = new Image(); i.onload = yes; i.onerror = no; i.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' }),
  }
  for (const [name, attempt] of Object.entries(tries)) try { if (await attempt()) worked.push(name) } catch {}
  return worked.join()
})()`

func nothingIsInjected(s *stage) {
	d := s.onShared("ko")
	t := d.app()
	if got := in[string](t, inject); got != "" {
		t.Errorf("this got into the page: %s", got)
	}
	if all := strings.Join(d.taken(), "\n"); !strings.Contains(all, "the policy forbids") {
		t.Errorf("nobody was told: %s", all)
	}
	if got := in[string](d.invented("<!doctype html><title>open</title><body>", ""), inject); !strings.Contains(got, "markup,eval,script,handler,style") {
		t.Errorf("where there is no policy only this gets in: %s", got)
	}
	d.taken()
}

// The servers were just being updated when the app was opened for the first time.
func aPartComesLate(s *stage) {
	d := s.onShared("ko")
	d.allow("ServiceWorker failed to install")
	d.allow("Failed to fetch")
	d.allow("/app/more.js")
	missed := newGate()
	missed.open()
	d.line.from(func(e *exchange) {
		if e.r.URL.Path == "/app/more.js" {
			missed.hold(answered(http.StatusNotFound, "text/plain", ""))(e)
			return
		}
		through(e)
	})
	t := d.open("/app/")
	t.goTo("/app/#/forget")
	t.on("later")
	missed.waits(s)
	d.line.from(nil)
	t.on("forget-all")
}

// late lets the end of one look for what is due come right after the next write has completed.
const late = `{
  const ask = LockManager.prototype.request, begin = IDBDatabase.prototype.transaction
  LockManager.prototype.request = async function (name, ...more) {
    const out = await ask.call(this, name, ...more)
    if (name === 'jari-sync' && globalThis.holds === 'next') await new Promise(done => { globalThis.holds = done })
    return out
  }
  IDBDatabase.prototype.transaction = function (areas, mode, ...more) {
    const tx = begin.call(this, areas, mode, ...more)
    if (mode === 'readwrite' && [areas].flat().includes('record')) tx.addEventListener('complete', () => {
      if (typeof globalThis.holds === 'function') setTimeout(globalThis.holds, 0)
    })
    return tx
  }
}`

// Whoever taps a field before a new page has given its head the focus keeps the field: the keyboard must not go away again.
func quickerThanThePage(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.before = `(() => {
  const frame = requestAnimationFrame, waiting = []
  globalThis.holdFrames = false
  globalThis.requestAnimationFrame = f => frame(t => { if (globalThis.holdFrames) waiting.push(f); else f(t) })
  globalThis.goOn = () => { globalThis.holdFrames = false; const n = waiting.length; waiting.splice(0).forEach(f => f(performance.now())); return n }
})()`
	t := d.app()
	for _, quick := range []bool{true, false} {
		in[any](t, `void (globalThis.holdFrames = true)`)
		in[any](t, visible(doing("apply"))+`.click()`)
		t.on("new")
		if quick {
			t.fill("name", p.name)
		}
		if n := in[int](t, `goOn()`); n == 0 {
			t.Error("no frame was held")
		}
		where := "name"
		if !quick {
			where = "title"
		}
		if at := in[string](t, `document.activeElement?.getAttribute("name") ?? document.activeElement?.id`); at != where {
			t.Errorf("the focus is at %q, want %q", at, where)
		}
		t.do("home")
		t.on("home")
	}
}

func tapWhenNothingIsDue(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.before = late
	again := regexp.MustCompile(`"ask_again_seconds":\d+`)
	d.line.rewrite(func(_ string, body []byte) []byte { return again.ReplaceAll(body, []byte(`"ask_again_seconds":600`)) })
	t := d.app()
	t.applies(p, "own")
	t.sees(step("verify"))
	in[any](t, `void (globalThis.holds = 'next', document.dispatchEvent(new Event('visibilitychange')))`)
	t.shows("that nothing is due", `typeof globalThis.holds === 'function'`)
	t.do("ask-code")
	t.fill("code", s.shared.code(s, p.phone, 1))
	t.do("verify")
	t.misses(about("code")) // the number may take its time: the news are asked for much later here
}

// One tab knows of no line and shows what is only on this phone; another one sends it. It must not be written anew, as somebody else.
func correctedWhileItIsSent(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.before = `delete globalThis.BroadcastChannel` // and hears of nothing
	a := d.app()
	d.before = ""
	a.airplane(true)
	id := a.applies(p, "own")
	a.sees(step("saved"))
	a.do("correct")
	a.on("correct")
	a.fill("name", p.name+"가")
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	d.line.up()
	b := d.open("/app/#/p/" + id)
	g.waits(s)
	b.sees(step("sending") + "," + step("sent"))
	in[any](a, visible(doing("send"))+`?.click()`)
	a.shows("that it has been sent", `!document.querySelector('form[data-form="correct"]') && document.querySelector('main[data-page="correct"] p.note')`)
	g.open()
	b.registeredOnce(p, 1)
	if ids := slices.Compact(d.line.sentFor("register", p.phone)); len(ids) != 1 {
		s.Errorf("it was applied for twice: %v", ids)
	}
	if n := in[int](b, `document.querySelectorAll('[data-do="person"]').length`); n > 1 {
		s.Errorf("%d people are there", n)
	}
}

func workerSpeaksTheLanguage(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.do("lang")
	t.shows("English", `document.documentElement.lang === 'en'`)
	d.line.down()
	t.applies(p, "own")
	t.sees(step("saved"))
	t.close()
	before := len(d.line.requests("POST /v1/sync"))
	d.line.up()
	d.woken()
	s.until("the worker to send", func() bool { return len(d.line.requests("POST /v1/sync")) > before })
	for _, r := range d.line.requests("POST /v1/sync")[before:] {
		if got := r.header.Get("Accept-Language"); got != "en" {
			s.Errorf("the worker asks for %q", got)
		}
	}
}

func withoutLocks(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	// Its worker would have no locks either; here it has, so it is left out.
	d.before = `delete Navigator.prototype.locks; delete globalThis.BroadcastChannel; delete ServiceWorkerRegistration.prototype.sync`
	a := d.app()
	a.finds(p, "own", 1)
	a.sees(step("prepared"))
	b := d.open(in[string](a, `location.pathname + location.hash`))
	b.sees(doing("apply"))
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	a.do("apply")
	g.waits(s)
	b.do("apply")
	b.misses(doing("apply"))
	a.misses(doing("apply"))
	b.sees(step("sending") + "," + step("sent") + "," + step("saved"))
	g.open()
	a.registeredOnce(p, 1)
	b.registeredOnce(p, 1)
	if got := d.line.sent("register"); len(got) != 1 {
		s.Errorf("two tabs sent at a time: %v", got)
	}
}

// dumb is a browser that is just clearing what it keeps: what is asked of it is never answered, until it is.
const dumb = `{
  const open = IDBFactory.prototype.open
  globalThis.dumb = true
  IDBFactory.prototype.open = function (...what) { return globalThis.dumb ? new EventTarget() : open.apply(this, what) }
}`

func storageDoesNotAnswer(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.before = dumb
	t := d.app()
	t.sees(about("trouble-no_storage"))
	t.sees(doing("apply")) // the campaign is shown all the same
	in[any](t, `void (globalThis.dumb = false)`)
	t.misses(about("trouble-no_storage"))
	t.applies(p, "own")
	t.registeredOnce(p, 1)
}
