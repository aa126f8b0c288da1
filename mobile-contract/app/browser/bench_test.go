//go:build browser && bench

package browser

import "testing"

// TestWork prints what each tap costs the main thread of a slow phone, and what a first visit costs over 2G. `make bench-app` runs it: with
// nothing beside it, because the figures are about time.
func TestWork(t *testing.T) {
	s := &stage{T: t, program: build(t), chrome: startChromium(t)}
	s.shared = s.newSandbox()
	s.firstVisits()
	var all []tapped
	for range rounds {
		all = least(all, append(s.tapsOfOne(), s.tapsOfMany()...))
	}
	s.workTable(all)
}

// rounds are how often all is measured. Of each tap the least counts: whatever else the machine does only adds to it.
const rounds = 3

func least(a, b []tapped) []tapped {
	if a == nil {
		return b
	}
	out := make([]tapped, len(b))
	for i := range b {
		out[i] = tapped{b[i].name, min(a[i].shown, b[i].shown), min(a[i].longest, b[i].longest), min(a[i].all, b[i].all)}
	}
	return out
}

func (s *stage) firstVisits() {
	s.Helper()
	for _, lang := range []string{"ko", "en"} {
		v := s.onShared(lang).firstVisit()
		s.Logf("first visit over 2G (%s): to be used after %.1f s and %d bytes, kept for use without a line after %.1f s and %d", lang, v.usable.Seconds(), v.first, v.whole.Seconds(), v.bytes)
		v.tab.close()
	}
}

// tapsOfOne are those of one person, from the first page to the end.
func (s *stage) tapsOfOne() []tapped {
	s.Helper()
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.impatient()
	t := d.app()
	t.throttle(slower)
	var out []tapped
	tap := func(name, selector string) { out = append(out, t.measures(name, selector)) }
	tap("the other language", doing("lang"))
	tap("and back", doing("lang"))
	tap("to the form", doing("apply"))
	tap("send, with nothing filled in", doing("send"))
	tap("own device", named("device")+`[value="own"]`)
	t.begins(p, "own")
	out = append(out, t.measuresLetter("a letter of the name", "name"), t.measuresLetter("a digit of the birth date", "birth"))
	t.begins(p, "own")
	tap("send the application", doing("send"))
	t.sees(step("verify"))
	tap("ask for the code", doing("ask-code"))
	t.fill("code", s.shared.code(s, p.phone, 1))
	tap("send the code", doing("verify"))
	t.sees(appointment("offered"))
	tap("confirm", doing("confirm"))
	t.sees(appointment("confirmed"))
	tap("to the wishes", doing("wishes"))
	tap("a day of the week", named("weekdays")+`[value="sat"]`)
	tap("send the wishes", doing("send"))
	tap("the ticket, with its QR code", doing("ticket-here"))
	tap("back", doing("back"))
	tap("to another time, with what is free", doing("swap"))
	tap("a time", doing("time"))
	tap("ask for this time", doing("ask-this"))
	t.goTo("/app/#/p/" + t.idHere())
	tap("why", doing("why"))
	tap("back", doing("back"))
	tap("no longer this time", doing("decline"))
	tap("yes, give it back", doing("decline-yes"))
	tap("to the withdrawal", doing("cancel"))
	tap("withdraw", doing("cancel"))
	tap("yes, withdraw", doing("cancel-yes"))
	return out
}

// tapsOfMany are those of a device with six people.
func (s *stage) tapsOfMany() []tapped {
	s.Helper()
	d := s.onShared("ko")
	t := d.app()
	var id string
	for range 6 {
		t.goTo("/app/")
		id = t.applies(s.shared.newPerson(s), "own")
		t.sees(step("registered"))
	}
	t.throttle(slower)
	out := []tapped{t.measures("to the first page, with six people", doing("home")), t.measures("to one of six", doing("person"))}
	t.goTo("/app/#/p/" + id)
	return append(out, t.measures("to the family of six", doing("family")), t.measures("the size of the family", named("size")+`[value="4"]`))
}

// idHere is the device's own id of the person whose page, or a page below it, this is.
func (t *tab) idHere() string {
	t.Helper()
	return in[string](t, `location.hash.split("/")[2]`)
}
