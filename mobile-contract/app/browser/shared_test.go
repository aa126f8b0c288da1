//go:build browser

package browser

import (
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// sharedScenarios use a device that many use, such as a library's.
func sharedScenarios() []scenario {
	return []scenario{
		{"shared device: nothing is left of who has applied", nothingIsLeft},
		{"shared device: nothing is left of who has looked", nothingIsLeftOfALook},
		{"shared device: nothing is left when the tab is closed", nothingIsLeftOfATab},
	}
}

// left checks that nothing is left of a person, here and on every page that Back leads to.
func (t *tab) left(p person) {
	t.Helper()
	t.keepsNothingOf(p.words()...)
	for t.hasBefore() {
		t.must(chromedp.Do(t.ctx, chromedp.NavigateBack()))
		t.sees("main")
		t.keepsNothingOf(p.words()...)
	}
	t.goTo("/app/")
	t.on("home")
	t.misses(doing("person"))
	t.keepsNothingOf(p.words()...)
	t.line.keepsSecrets(p)
}

// hasBefore reports whether Back leads to another page of ours.
func (t *tab) hasBefore() bool {
	t.Helper()
	history, err := chromedp.Call(t.ctx, page.GetNavigationHistory, cdp.Empty{})
	t.must(err)
	at := history.CurrentIndex
	return at > 0 && strings.HasPrefix(history.Entries[at-1].URL, t.url(""))
}

func nothingIsLeft(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	t.applies(p, "shared")
	g.waits(s)
	t.sees(step("sending"))
	g.open()
	t.sees(about("notice-left"))
	t.keepsNothingOf(p.words()...)
	t.do("seen")
	t.misses(about("notice-left"))
	t.left(p)
	s.until("the text to the phone", func() bool { return registeredTexts(s.Fatalf, s.shared.texts(s, p.phone)) })
	t.close()
	d.open("/app/").keepsNothingOf(p.words()...)
}

func nothingIsLeftOfALook(s *stage) {
	p := s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	d := s.onShared("ko")
	t := d.app()
	t.looksUp(p, 2)
	t.do("done")
	t.on("home")
	t.left(p)
}

// looksUp finds an entry on a device that many use. The code is the phone's so many-th.
func (t *tab) looksUp(p person, codes int) {
	t.Helper()
	t.finds(p, "shared", codes)
	t.sees(step("number"))
}

func nothingIsLeftOfATab(s *stage) {
	p := s.shared.newPerson(s)
	s.onShared("ko").app().waits(p)
	d := s.onShared("ko")
	t := d.app()
	t.looksUp(p, 2)
	t.close()
	t = d.open("/app/")
	t.on("home")
	t.misses(doing("person"))
	t.left(p)
}
