//go:build browser

package browser

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// storing reads everything that the browser keeps for the page's origin, as one text for each place.
const storing = `(async () => {
  const text = v => {
    const seen = new Set()
    return JSON.stringify(v, (k, v) => {
      if (v instanceof ArrayBuffer) v = new Uint8Array(v)
      if (ArrayBuffer.isView(v)) return new TextDecoder().decode(v) + ' ' + [...new Uint8Array(v.buffer)].join()
      if (v instanceof Map) return [...v]
      if (v instanceof Set) return [...v]
      if (typeof v === 'bigint') return String(v)
      if (v && typeof v === 'object') { if (seen.has(v)) return; seen.add(v) }
      return v
    })
  }
  const done = r => new Promise((yes, no) => { r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); r.onblocked = () => no(new Error('blocked')) })
  const out = { indexedDB: '', caches: '', sessionStorage: text({ ...sessionStorage }), localStorage: text({ ...localStorage }), cookie: document.cookie, state: text(history.state) }
  for (const { name } of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name))
    for (const store of db.objectStoreNames) {
      const s = db.transaction(store).objectStore(store)
      out.indexedDB += name + '/' + store + ' ' + text(await done(s.getAllKeys())) + ' ' + text(await done(s.getAll())) + '\n'
    }
    db.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const r of await cache.keys()) out.caches += name + ' ' + r.url + ' ' + await (await cache.match(r)).text() + '\n'
  }
  const fields = [...document.querySelectorAll('input,textarea,select')].map(e => e.value)
  out.page = document.documentElement.outerHTML + ' ' + text(fields) + ' ' + document.title
  return out
})()`

// stored is everything that the browser keeps, by the place where it is kept; with the tab's history, and the page itself.
func (t *tab) stored() map[string]string {
	t.Helper()
	out := in[map[string]string](t, storing)
	history, err := chromedp.Call(t.ctx, page.GetNavigationHistory, cdp.Empty{})
	t.must(err)
	for _, e := range history.Entries {
		out["history"] += fmt.Sprintln(e.URL, e.Title)
	}
	return out
}

// keepsNothingOf fails when a word is anywhere in what the browser keeps.
func (t *tab) keepsNothingOf(words ...string) {
	t.Helper()
	for place, text := range t.stored() {
		t.lacks(place, text, words...)
	}
}

func (t *tab) lacks(place, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if at := strings.Index(text, word); at >= 0 {
			t.Errorf("%s holds %q: …%s…", place, word, text[max(0, at-80):min(len(text), at+80)])
		}
	}
}
