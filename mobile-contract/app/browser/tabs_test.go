//go:build browser

package browser

import (
	"fmt"
	"strings"
)

// tabsScenarios have the app open twice on one device.
func tabsScenarios() []scenario {
	return []scenario{
		{"two tabs: one tap in each at once", twoTaps},
		{"two tabs: one form in both", oneFormInTwoTabs},
		{"two tabs: what one does the other shows", eachShowsTheOther},
		{"two tabs: one forgets whom the other shows", oneForgets},
	}
}

func twoTaps(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	a := d.app()
	a.finds(p, "own", 1)
	a.sees(step("prepared"))
	b := d.open(in[string](a, `location.pathname + location.hash`))
	b.sees(doing("apply"))
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	both := make(chan error, 2)
	for _, t := range []*tab{a, b} {
		go func() {
			_, err := evaluate[any](t, `document.querySelector('[data-do="apply"]').click()`)
			both <- err
		}()
	}
	for range 2 {
		s.must(<-both)
	}
	g.waits(s)
	for _, t := range []*tab{a, b} {
		t.misses(doing("apply"))
	}
	g.open()
	a.registeredOnce(p, 1)
	b.registeredOnce(p, 1)
	if got := d.line.operations("register"); len(got) != 1 {
		s.Errorf("two tabs applied as %v", got)
	}
}

// A form that is open in two tabs and sent in both is one person.
func oneFormInTwoTabs(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	a := d.app()
	a.do("apply")
	a.begins(p, "own")
	b := d.open(in[string](a, `location.pathname + location.hash`))
	b.holds("name", p.name) // as far as it was typed in the other
	a.fill("name", p.name+"가")
	b.holds("name", p.name)
	b.do("send")
	b.registeredOnce(p, 1)
	a.holds("name", p.name+"가")
	a.fill("name", p.name)
	a.do("send")
	a.registeredOnce(p, 1)
	if a.here() != b.here() {
		s.Error("one person is there twice")
	}
	if got := d.line.operations("register"); len(got) != 1 {
		s.Errorf("two tabs applied as %v", got)
	}
}

func eachShowsTheOther(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	a := d.app()
	b := d.app()
	a.applies(p, "own")
	b.do("person")
	b.registeredOnce(p, 1)
	a.asksForCode()
	a.sees(named("code"))
	b.reload()
	b.sees(named("code"))
	b.fill("code", s.shared.code(s, p.phone, 1))
	b.do("verify")
	a.sees(step("number"))
	b.sees(step("number"))
	a.reload()
	a.sees(step("number"))
}

// Somebody is deleted in one tab while the other shows them, with a half-typed change: nothing of them stays in either, nor on the disk.
func oneForgets(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	a := d.app()
	id := a.waits(p)
	b := d.open("/app/#/p/" + id + "/correct")
	b.fill("name", p.name+"라")
	c := d.open("/app/#/p/" + id)
	c.sees(step("number"))
	a.goTo("/app/#/p/" + id + "/forget")
	a.do("forget-now")
	a.do("forget-yes")
	a.on("home")
	for _, t := range []*tab{b, c} {
		t.misses(named("name"))
		t.misses(step("number"))
		t.shows("nothing of the person", fmt.Sprintf(`!document.documentElement.outerHTML.includes(%q)`, p.name))
	}
	for _, t := range []*tab{a, b, c} {
		t.until("the draft to go", func() bool { return !strings.Contains(t.stored()["indexedDB"], p.name) })
		t.keepsNothingOf(p.words()...)
		t.reload()
		t.sees("h1")
		t.keepsNothingOf(p.words()...)
	}
	for _, text := range s.shared.texts(s, p.phone) {
		if strings.Contains(text, "취소") && !strings.Contains(text, "확정") {
			s.Errorf("deleting from the device has withdrawn the application: %s", text)
		}
	}
}
