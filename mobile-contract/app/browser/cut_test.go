//go:build browser

package browser

import (
	"fmt"
	"strings"
)

// cutScenarios break lines in the middle of what is under way.
func cutScenarios() []scenario {
	out := []scenario{
		{"cut: the server's own cases", theServersCases},
		{"cut: the answer to the code", cutAtTheCode},
	}
	for name, happens := range map[string]accident{
		"on the way there": lost, "before the first byte": cut(-1), "before the body": cut(0), "after a byte": cut(1), "in the middle": cut(200), "before the last byte": cut(1 << 20),
	} {
		out = append(out, scenario{"cut: " + name, func(s *stage) { cutWhileApplying(s, happens) }})
	}
	return out
}

// The answer to an application breaks off. The page says that it is not known whether it has arrived, sends it again by itself, and
// then says that it has.
func cutWhileApplying(s *stage, happens accident) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(happens))
	second := newGate()
	d.line.next("POST /v1/sync", second.hold(through))
	t.applies(p, "own")
	g.waits(s)
	t.sees(step("sending"))
	g.open()
	second.waits(s) // the app's second try, or the browser's own
	if t.has(step("registered")) {
		t.Error("it is said to be registered, and no whole answer has come")
	}
	second.open()
	t.registeredOnce(p, 1)
	if t.has(about("pending")) || t.has(about("error")) {
		t.Errorf("something is still to be done:\n%s", t.text())
	}
}

// The sandbox lets these happen by itself: an answer that breaks off, and a refusal for overload with a stamp.
func theServersCases(s *stage) {
	for _, name := range []string{"cut-answer", "overloaded-once"} {
		d, p := s.onShared("ko"), s.shared.magic(s, name)
		t := d.app()
		t.applies(p, "own")
		t.registeredOnce(p, 2)
		if name == "overloaded-once" {
			found := false
			for _, r := range d.line.requests("POST /v1/sync") {
				found = found || strings.Contains(r.body, `"stamp"`)
			}
			if !found {
				t.Error("the stamp was not handed in")
			}
		}
	}
}

func cutAtTheCode(s *stage) {
	d, p := s.onShared("en"), s.shared.newPerson(s)
	t := d.app()
	t.applies(p, "own")
	t.sees(step("verify"))
	d.line.next("POST /v1/sync", cut(10))
	t.do("ask-code")
	code := s.shared.code(s, p.phone, 1)
	t.fill("code", code)
	d.line.next("POST /v1/sync", cut(10))
	t.do("verify")
	t.sees(step("number"))
	if got := d.line.operations("verify"); len(got) != 1 {
		t.Errorf("the code was handed in as %d operations", len(got))
	}
	if got := fmt.Sprint(s.shared.texts(s, p.phone)); strings.Count(got, code) != 1 {
		t.Errorf("the code was texted twice: %s", got)
	}
}
