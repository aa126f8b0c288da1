//go:build browser

package browser

// reloadScenarios load the page anew at each step, as a phone does that runs out of memory.
func reloadScenarios() []scenario {
	return []scenario{
		{"reload: every field of the form", reloadInTheForm},
		{"reload: every step to the number", reloadOnTheWay},
		{"reload: a shared device keeps what is typed as long as the tab", reloadOnASharedDevice},
	}
}

func reloadInTheForm(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.do("apply")
	t.on("new")
	t.check("device", "own")
	t.reload()
	t.shows("the device that was chosen", visible(named("device")+`[value="own"]`)+"?.checked")
	for _, f := range [][2]string{{"name", p.name}, {"birth", "68041"}, {"phone", "010-00"}} {
		t.fill(f[0], f[1])
		t.reload()
		t.holds(f[0], f[1])
	}
	t.pick("region", "mapo")
	t.reload()
	t.holds("region", "mapo")
	t.holds("name", p.name)
	// Also when the tab is closed, and in the other language.
	t.close()
	t = d.app()
	t.do("lang")
	t.do("apply")
	t.holds("name", p.name)
	t.do("send")
	t.sees(about("wrong"))
	t.shows("the focus where the errors are told", `document.activeElement?.id === "wrong"`)
	t.holds("birth", "68041")
	t.reload()
	t.fill("birth", p.born)
	t.fill("phone", p.typed())
	t.reload()
	t.do("send")
	t.registeredOnce(p, 1)
	t.close()
	t = d.app()
	t.do("apply")
	t.holds("name", "") // what was sent is no draft any more
}

func reloadOnTheWay(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	// Before the answer has come: it is held until the page was loaded anew.
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	d.line.next("POST /v1/sync", g.hold(through)) // the page that was loaded anew sends it again
	t.applies(p, "own")
	g.waits(s)
	t.reload()
	t.sees(step("sending") + "," + step("sent") + "," + step("saved"))
	g.open()
	t.registeredOnce(p, 1)
	t.reload()
	t.sees(step("verify"))
	t.asksForCode()
	t.sees(named("code"))
	t.reload()
	t.fill("code", "123")
	t.reload()
	t.holds("code", "123")
	t.fill("code", s.shared.code(s, p.phone, 1))
	t.reload()
	t.do("verify")
	t.misses(named("code")) // that is: it is on the disk
	t.reload()
	t.sees(step("number"))
	t.reload()
	t.sees(step("number"))
	if got := d.line.operations("request_code"); len(got) != 1 {
		t.Errorf("the code was asked for by %d operations", len(got))
	}
	d.line.keepsSecrets(p)
}

func reloadOnASharedDevice(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.do("apply")
	t.begins(p, "shared")
	t.reload()
	t.holds("name", p.name)
	t.holds("phone", p.typed())
	stored := t.stored()
	for _, place := range []string{"indexedDB", "caches", "localStorage", "history"} {
		t.lacks(place, stored[place], p.words()...)
	}
	t.close()
	t = d.app()
	t.do("apply")
	t.holds("name", "")
	t.holds("phone", "")
}
