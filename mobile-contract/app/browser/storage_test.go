//go:build browser

package browser

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/storage"
)

// storageScenarios take the app's storage away, or fill it.
func storageScenarios() []scenario {
	return []scenario{
		{"storage: cleared while the app is open", clearedWhileOpen},
		{"storage: cleared while the app is closed", clearedWhileClosed},
		{"storage: full", storageIsFull},
		{"storage: written by a newer version", writtenByANewerVersion},
		{"storage: damaged", damagedStorage},
		{"storage: switched off", noStorage},
		{"another phone: everything is there again", onAnotherPhone},
		{"clock: a year ahead", func(s *stage) { clockIsWrong(s, year) }},
		{"clock: a year behind", func(s *stage) { clockIsWrong(s, -year) }},
	}
}

const year = 365 * 24 * time.Hour

func (t *tab) clear(kinds string) {
	t.Helper()
	t.must(do(t, storage.ClearDataForOrigin, storage.ClearDataForOriginParams{Origin: t.url(""), StorageTypes: kinds})())
}

func clearedWhileOpen(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.waits(p)
	number := t.reads(step("number") + " strong")
	t.clear("indexeddb")
	t.sees(about("trouble-cleared"))
	t.keepsNothingOf(p.words()...)
	t.goTo("/app/")
	t.misses(doing("person"))
	t.finds(p, "own", 2)
	if got := t.reads(step("number") + " strong"); got != number {
		t.Errorf("the number was %s and is %s", number, got)
	}
}

func clearedWhileClosed(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.waits(p)
	number := t.reads(step("number") + " strong")
	t.goTo("/docs/style.css")
	t.clear("all")
	t = d.app()
	t.misses(doing("person"))
	t.misses(about("trouble-cleared"))
	t.finds(p, "own", 2)
	if got := t.reads(step("number") + " strong"); got != number {
		t.Errorf("the number was %s and is %s", number, got)
	}
}

func onAnotherPhone(s *stage) {
	p := s.shared.newPerson(s)
	old := s.onShared("ko").app()
	old.waits(p)
	d := s.onShared("en")
	t := d.app()
	t.finds(p, "own", 2)
	t.sees(step("registered"))
	if was, is := digitsOf(old.reads(step("number")+" strong")), digitsOf(t.reads(step("number")+" strong")); is == "" || is != was {
		t.Errorf("the number was %s and is %s", was, is)
	}
	d.line.keepsSecrets(p)
}

func storageIsFull(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.allow("Quota") // the worker has no room for the app's files either
	d.allow("ServiceWorker failed to install")
	t := d.blank()
	t.quota(1) // before anything is stored: a browser lets a little more in than it says
	t.goTo("/app/")
	t.do("apply")
	t.begins(p, "own")
	t.do("send")
	t.sees(about("error"))
	t.on("new")
	t.holds("name", p.name)
	t.holds("phone", p.typed())
	if got := d.line.sent("register"); len(got) > 0 {
		t.Errorf("it was sent, and is not saved: %v", got)
	}
	t.quota(0)
	t.do("send")
	t.registeredOnce(p, 1)
	t.misses(about("error"))
	t.misses(about("trouble-not_saved"))
}

// quota is how many bytes the browser lets the app keep; 0 is as many as it would.
func (t *tab) quota(bytes float64) {
	t.Helper()
	q := storage.OverrideQuotaForOriginParams{Origin: t.url("")}
	if bytes > 0 {
		q.QuotaSize = &bytes
	}
	t.must(do(t, storage.OverrideQuotaForOrigin, q)())
}

// record lets a script change the stored record, and loads the page anew.
func (t *tab) record(change string) string {
	t.Helper()
	text := in[string](t, fmt.Sprintf(`new Promise((yes, no) => {
  const open = indexedDB.open('jari')
  open.onerror = () => no(open.error)
  open.onsuccess = () => {
    const tx = open.result.transaction('record', 'readwrite'), area = tx.objectStore('record'), read = area.get('now')
    read.onsuccess = () => { const text = read.result; area.put(%s, 'now') }
    tx.oncomplete = () => { const again = open.result.transaction('record').objectStore('record').get('now'); again.onsuccess = () => { open.result.close(); yes(again.result) } }
  }
})`, change))
	t.reload()
	return text
}

func writtenByANewerVersion(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.waits(p)
	before := len(d.line.requests("POST /v1/sync"))
	written := t.record(`JSON.stringify({ ...JSON.parse(text), format: 99, news: "from the future" })`)
	t.sees(about("trouble-newer"))
	t.goTo("/app/")
	t.sees(about("trouble-newer"))
	t.do("apply")
	q := s.shared.newPerson(s)
	t.begins(q, "own")
	t.do("send")
	t.sees(about("error"))
	if got := t.record("text"); got != written {
		t.Errorf("a newer version's record was touched:\n%s\n%s", written, got)
	}
	if got := len(d.line.requests("POST /v1/sync")); got != before {
		t.Errorf("%d requests were sent for a record that cannot be read", got-before)
	}
	t.record(`JSON.stringify({ ...JSON.parse(text), format: 1, news: undefined })`)
	t.goTo("/app/")
	t.do("person")
	t.sees(step("number"))
}

func damagedStorage(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.waits(p)
	t.record(`text.slice(0, 100)`)
	t.sees(about("notice-restored"))
	t.do("seen")
	t.misses(about("notice-restored"))
	t.sees(step("number"))
}

// A browser that keeps nothing, as some private windows do.
func noStorage(s *stage) {
	d := s.onShared("ko")
	d.before = `Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new DOMException('denied', 'SecurityError') } } })`
	t := d.open("/app/")
	t.on("home")
	t.sees(about("trouble-no_storage"))
	p := s.shared.newPerson(s)
	t.do("apply")
	t.begins(p, "own")
	t.do("send")
	t.sees(about("error"))
	t.holds("name", p.name)
	if got := d.line.sent("register"); len(got) > 0 {
		t.Errorf("it was sent, and is not saved: %v", got)
	}
}

// clockOff is a script that puts a page's clock wrong.
func clockOff(by time.Duration) string {
	return fmt.Sprintf(`{
  const real = Date, off = %d
  globalThis.Date = class extends real {
    constructor(...a) { if (a.length === 0) super(real.now() + off); else super(...a) }
    static now() { return real.now() + off }
  }
}`, by.Milliseconds())
}

func clockIsWrong(s *stage, off time.Duration) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	// The worker of a device whose clock is wrong has that clock too; here it has the right one, so it is not asked to send.
	d.before = clockOff(off) + "\ndelete ServiceWorkerRegistration.prototype.sync"
	t := d.app()
	t.waits(p)
	t.registeredOnce(p, 1)
	at := s.shared.now(s)
	if got := t.reads(step("registered")); !strings.Contains(got, fmt.Sprintf("%d월 %d일", at.Month(), at.Day())) {
		t.Errorf("on %s it says %q", at, got)
	}
	d.line.down()
	t.reload()
	t.sees(step("number"))
	t.goTo("/app/")
	q := s.shared.newPerson(s)
	t.applies(q, "own")
	t.sees(step("saved")) // and not that the opening is a year away
	d.line.up()
	t.registeredOnce(q, 1)
}

// digitsOf leaves out the words around a number, which are those of a language.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}
