//go:build browser

package browser

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
)

// leftoverScenarios look for what stays on a device where nobody thinks of it.
func leftoverScenarios() []scenario {
	return []scenario{
		{"leftover: the tab dies when the form is saved on a shared device", diesWhenSaved},
		{"leftover: half typed about whom the worker forgets", forgottenByTheWorker},
		{"leftover: typed on a shared device after applying", typedAfterApplying},
		{"leftover: a shared device that slept", sharedSlept},
		{"leftover: a tab of a shared device that is opened again much later", sharedReopened},
		{"leftover: typed before it is said whose device it is", typedBeforeTheAnswer},
		{"leftover: the last tab of a shared device is closed", lastTabIsClosed},
		{"leftover: another tab of a shared device", anotherTabOfAShared},
		{"leftover: half typed, and nobody is there", halfTypedAndNobody},
		{"leftover: everything is deleted in another tab", deletedInAnotherTab},
	}
}

// mortal lets a tab die, by `dies = true`, at the moment when a record has been stored: nothing of it is heard or stored from then on.
const mortal = `{
  const begin = IDBDatabase.prototype.transaction, keep = Storage.prototype.setItem
  let dead = false
  globalThis.dies = false
  IDBDatabase.prototype.transaction = function (areas, mode, ...more) {
    if (dead) throw new DOMException('dead', 'InvalidStateError')
    const tx = begin.call(this, areas, mode, ...more)
    if (mode === 'readwrite' && [areas].flat().includes('record')) tx.addEventListener('complete', () => { dead ||= globalThis.dies })
    return tx
  }
  Storage.prototype.setItem = function (...a) { if (!dead) keep.apply(this, a) }
  ServiceWorker.prototype.postMessage = () => undefined
}`

func diesWhenSaved(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.allow("NoStorage")
	d.before = mortal
	t := d.app()
	t.do("find")
	t.on("find")
	t.says(p, "shared")
	in[any](t, `dies = true`)
	t.do("send")
	t.sees(about("trouble-no_storage")) // that is: it is dead
	t.close()
	d.before = ""
	t = d.open("/app/")
	t.on("home")
	t.misses(doing("person"))
	t.left(p)
}

// elsewhere is everything that the browser keeps, read from a page that is not the app's.
func (d *device) elsewhere() map[string]string {
	d.Helper()
	t := d.open("/docs/style.css")
	defer t.close()
	return t.stored()
}

func forgottenByTheWorker(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	id := t.applies(p, "own")
	t.sees(step("verify"))
	d.line.down()
	t.do("ask-code")
	t.sees(about("pending") + ` [data-kind="request_code"]`)
	t.fill("code", "987123")
	t.until("the digits to be kept", func() bool { return strings.Contains(t.stored()["indexedDB"], "987123") })
	t.do("forget")
	t.do("forget-after")
	t.misses(doing("forget-after"))
	t.close()
	d.line.up()
	d.woken()
	s.until("the worker to forget the person", func() bool { return !strings.Contains(d.elsewhere()["indexedDB"], p.name) })
	for place, text := range d.elsewhere() {
		t.lacks(place, text, append(p.words(), "987123", id+`"`)...)
	}
}

func typedAfterApplying(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	d.line.down()
	id := t.applies(p, "shared")
	t.goTo("/app/#/p/" + id + "/family")
	t.check("way", "join")
	t.fill("code", "987123987123")
	stored := t.stored()
	t.lacks("indexedDB", stored["indexedDB"], "987123987123")
	t.reload()
	t.holds("code", "987123987123")
}

func sharedSlept(s *stage) {
	p := s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	t := s.onShared("ko").app()
	t.looksUp(p, 2)
	// The lid was closed for an hour. Timers have stood still, and somebody else touches the page.
	in[any](t, `{ const real = Date.now; Date.now = () => real() + 3600000; document.dispatchEvent(new Event('pointerdown', { bubbles: true })) }`)
	t.on("home")
	t.misses(doing("person"))
	t.left(p)
}

func sharedReopened(s *stage) {
	p, q := s.shared.newPerson(s), s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	t := s.onShared("ko").app()
	t.looksUp(p, 2)
	t.goTo("/app/")
	t.do("apply")
	t.check("device", "shared")
	t.fill("name", q.name)
	// A browser that opens a closed tab again gives it back what it had.
	t.must(do(t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: clockOff(time.Hour)})())
	t.reload()
	t.holds("name", "")
	t.goTo("/app/")
	t.on("home")
	t.misses(doing("person"))
	t.keepsNothingOf(append(p.words(), q.name)...)
}

func typedBeforeTheAnswer(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.do("apply")
	t.on("new")
	t.fill("name", p.name)
	t.fill("birth", p.born)
	t.lacks("indexedDB", t.stored()["indexedDB"], p.words()...)
	t.reload()
	t.holds("name", p.name)
	t.check("device", "own")
	t.until("the draft to be kept", func() bool { return strings.Contains(t.stored()["indexedDB"], p.name) })
	t.close()
	t = d.app()
	t.do("apply")
	t.holds("name", p.name)
	t.holds("birth", p.born)
}

// No tab is opened again: it is the worker that deletes.
func lastTabIsClosed(s *stage) {
	p := s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	d := s.onShared("ko")
	t := d.app()
	t.looksUp(p, 2)
	t.close()
	s.until("the worker to forget", func() bool { return !strings.Contains(d.elsewhere()["indexedDB"], p.name) })
	for place, text := range d.elsewhere() {
		t.lacks(place, text, p.words()...)
	}
}

// Another tab does not end what is looked at, and sees to it when the one that looks is gone.
func anotherTabOfAShared(s *stage) {
	p := s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	d := s.onShared("ko")
	a := d.app()
	a.looksUp(p, 2)
	b := d.app()
	b.sees(doing("person"))
	a.reload()
	a.sees(step("number"))
	b.sees(doing("person"))
	a.close()
	b.misses(doing("person"))
	b.keepsNothingOf(p.words()...)
}

func halfTypedAndNobody(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.do("apply")
	t.begins(p, "own")
	t.goTo("/app/")
	t.on("home")
	t.do("forget-all")
	t.on("forget-all")
	t.tap("main " + doing("forget-all"))
	t.do("forget-all-yes")
	t.sees(about("wiped"))
	t.keepsNothingOf(p.words()...)
}

func deletedInAnotherTab(s *stage) {
	d, p, q := s.onShared("ko"), s.shared.newPerson(s), s.shared.newPerson(s)
	a := d.app()
	a.waits(p)
	b := d.open("/app/")
	b.do("apply")
	b.begins(q, "shared")
	a.do("forget-all")
	a.on("forget-all")
	a.tap("main " + doing("forget-all"))
	a.do("forget-all-yes")
	a.sees(about("wiped"))
	b.sees(about("wiped"))
	b.keepsNothingOf(append(p.words(), q.words()...)...)
	b.misses(about("trouble-cleared"))
	a.keepsNothingOf(append(p.words(), q.words()...)...)
}
