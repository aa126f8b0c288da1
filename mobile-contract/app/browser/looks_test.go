//go:build browser

package browser

import (
	"net/url"
	"time"
)

// looksScenarios look at every page and state: for barriers, for what does not fit, and with pictures where they are asked for.
func looksScenarios() []scenario {
	var out []scenario
	for _, lang := range []string{"ko", "en"} {
		for name, run := range map[string]func(*device){
			"the form": looksAtTheForm, "without a line": looksWithoutALine, "the way to the offer": looksToTheOffer, "the offer": looksAtTheOffer,
			"changes": looksAtChanges, "the end": looksAtTheEnd, "a shared device": looksAtASharedDevice, "troubles": looksAtTroubles, "before the opening": looksBeforeTheOpening,
			"a draw, a lapse, no seat": looksAtOtherCases, "a family": looksAtAFamily, "the pages at / and /boards": looksAround,
		} {
			out = append(out, scenario{"looks: " + name + " (" + lang + ")", func(s *stage) {
				d := s.onShared(lang)
				d.impatient()
				run(d)
			}})
		}
	}
	return out
}

func looksAtTheForm(d *device) {
	t := d.app()
	t.look("home")
	t.do("apply")
	t.on("new")
	t.look("form")
	t.do("send")
	t.sees(about("wrong"))
	t.look("form-wrong")
	t.check("device", "shared")
	t.fill("name", "김가가")
	t.fill("birth", "15-05-05")
	t.sees(about("no-cohort"))
	t.look("form-no-group")
	t.do("home")
	t.do("find")
	t.on("find")
	t.look("find")
	t.goTo("/app/#/nowhere")
	t.look("lost")
	t.goTo("/app/#/p/nobody")
	t.look("nobody")
}

func looksWithoutALine(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	d.line.down()
	t.applies(p, "own")
	t.sees(step("saved"))
	t.sees(about("line"))
	t.look("saved")
	t.goTo("/app/")
	t.sees(doing("person"))
	t.look("home-saved")
	t.do("forget-all")
	t.look("forget-all-unsent")
	d.line.up()
	d.line.from(answered(503, "application/problem+json", `{"type":"/problems/overloaded","title":"busy","status":503,"code":"overloaded"}`))
	t.goTo("/app/")
	t.do("person")
	t.triesNow()
	t.sees(about("busy"))
	t.look("busy")
	d.line.from(nil)
}

func looksToTheOffer(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	t.applies(p, "own")
	g.waits(d.stage)
	t.sees(step("sending"))
	t.look("sending")
	g.open()
	t.sees(step("verify"))
	t.look("registered")
	t.asksForCode()
	t.sees(named("code"))
	t.look("code")
	t.fill("code", "12")
	t.do("verify")
	t.look("code-wrong")
	t.fill("code", "000000")
	t.do("verify")
	t.sees(about("notice-refused"))
	t.look("code-refused")
	t.fill("code", d.box.code(d.stage, p.phone, 1))
	t.do("verify")
	t.sees(appointment("offered"))
	t.look("offered")
}

func looksAtTheOffer(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	id := t.waits(p)
	t.sees(appointment("offered"))
	t.do("decline")
	t.sees(about("decline"))
	t.look("decline-asked")
	t.do("decline-no")
	t.do("ticket-here")
	t.sees(about("qr"))
	t.look("ticket")
	t.do("back")
	d.line.down()
	t.do("confirm")
	t.sees(about("sending"))
	t.look("confirm-sending")
	d.line.up()
	t.triesNow()
	t.sees(appointment("confirmed"))
	t.look("confirmed")
	t.do("swap")
	t.sees(about("free"))
	t.sees(doing("time"))
	t.look("swap")
	t.tap(doing("time"))
	t.sees(about("chosen"))
	t.look("swap-chosen")
	t.do("other-times")
	t.check("parts", "evening") // no site is open then
	t.do("ask-other")
	t.sees(about("asked"))
	t.look("swap-asked")
	t.goTo("/app/#/p/" + id)
	t.sees(about("swap"))
	t.look("confirmed-swap-asked")
	d.line.down()
	t.do("swap")
	t.look("swap-no-line")
	d.line.up()
}

func looksAtChanges(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	id := t.waits(p)
	page := func(name string) {
		t.goTo("/app/#/p/" + id + "/" + name)
		t.on(name)
	}
	page("wishes")
	t.look("wishes")
	t.check("where", "sites")
	t.pick("site", "gangnam-annex")
	t.do("site-add")
	t.do("own-add")
	t.fill("from-0", "25:00")
	t.do("send")
	t.sees(about("wrong"))
	t.look("wishes-wrong")
	t.do("clear")
	t.look("wishes-clear")
	page("correct")
	t.look("correct")
	t.fill("phone", d.box.newPerson(d.stage).typed())
	t.sees(about("new-phone"))
	t.look("correct-phone")
	page("helper")
	t.look("helper")
	page("why")
	t.sees(about("sentences"))
	t.look("why")
	page("devices")
	t.look("devices")
}

func looksAtTheEnd(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	id := t.waits(p)
	t.goTo("/app/#/p/" + id + "/forget")
	t.look("forget")
	t.do("forget-now")
	t.look("forget-asked")
	t.goTo("/app/#/p/" + id + "/cancel")
	t.look("cancel")
	t.do("cancel")
	t.look("cancel-asked")
	t.do("cancel-yes")
	t.sees(step("withdrawn"))
	t.look("withdrawn")
	t.goTo("/app/#/p/" + id + "/forget")
	t.do("forget-now")
	t.do("forget-yes")
	t.on("home")
	t.look("forgotten")
	t.goTo("/app/#/forget")
	t.look("forget-all")
	t.do("forget-all")
	t.look("forget-all-asked")
	t.do("forget-all-yes")
	t.sees(about("wiped"))
	t.look("wiped")
	t.do("anew")
	t.on("home")
}

func looksAtASharedDevice(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	g := newGate()
	d.line.next("POST /v1/sync", g.hold(through))
	t.applies(p, "shared")
	g.waits(d.stage)
	t.look("shared-sending")
	g.open()
	t.sees(about("notice-left"))
	t.look("shared-left")
	t.do("seen")
	t.looksUp(p, 1)
	t.look("shared-found")
	t.do("done")
	t.on("home")
}

func looksAtTroubles(d *device) {
	p := d.box.newPerson(d.stage)
	t := d.app()
	t.waits(p)
	t.record(`text.slice(0, 100)`)
	t.sees(about("notice-restored"))
	t.look("trouble-restored")
	t.record(`JSON.stringify({ ...JSON.parse(text), format: 99 })`)
	t.sees(about("trouble-newer"))
	t.look("trouble-newer")
	t.record(`JSON.stringify({ ...JSON.parse(text), format: 1 })`)
	t.sees(step("number"))
	t.clear("indexeddb")
	t.sees(about("trouble-cleared"))
	t.look("trouble-cleared")
	d.line.rewrite(d.box.newer(d.stage))
	t.reload()
	t.sees(about("update"))
	t.look("update")
}

func looksBeforeTheOpening(d *device) {
	p := d.box.newPerson(d.stage)
	p.born = time.Date(1955, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(d.box.taken.Load())).Format(time.DateOnly)
	t := d.app()
	t.do("apply")
	t.begins(p, "own")
	t.sees(about("countdown"))
	t.look("prepare")
	t.do("send")
	t.fill("code", d.box.code(d.stage, p.phone, 1))
	t.look("prepare-code")
	t.do("verify")
	t.sees(step("prepared"))
	t.look("prepared")
	t.do("apply")
	t.sees(step("early"))
	t.look("early")
}

func looksAtOtherCases(d *device) {
	box := d.newSandbox() // each case is for one device
	for name, state := range map[string]string{"drawn": step("draw"), "lapsed": appointment("offered"), "full": step("number"), "unverified": step("verify"), "too-young": about("notice-refused")} {
		p := box.magic(d.stage, name)
		other := d.newDevice(box, d.lang) // each from a phone of their own, as it is
		other.impatient()
		t := other.app()
		t.do("apply")
		t.begins(p, "own")
		t.do("send")
		t.on("entry")
		if name == "drawn" || name == "lapsed" || name == "full" {
			t.sees(step("verify"))
			t.proves(p, 1)
		}
		t.sees(state)
		t.look("case-" + name)
	}
}

func looksAtAFamily(d *device) {
	p, q := d.box.newPerson(d.stage), d.box.newPerson(d.stage)
	t := d.app()
	id := t.waits(p)
	t.goTo("/app/")
	t.look("home-one")
	t.applies(q, "own")
	t.sees(step("verify"))
	t.goTo("/app/#/p/" + id + "/family")
	t.on("family")
	t.look("family")
	t.check("size", "2")
	t.check("way", "new")
	t.do("send")
	t.sees(about("family-code"))
	t.look("family-code")
	t.goTo("/app/")
	t.look("home-two")
	for range 4 { // six are on a device, and no more
		t.goTo("/app/")
		t.applies(d.box.newPerson(d.stage), "own")
	}
	t.goTo("/app/")
	t.misses(doing("apply"))
	t.look("home-six")
}

func looksAround(d *device) {
	t := d.blank()
	for name, path := range map[string]string{"front": "/", "board": "/boards/sandbox", "board-queue": "/boards/sandbox?queue=open", "board-none": "/boards/none"} {
		address, err := url.Parse(path)
		d.must(err)
		query := address.Query()
		query.Set("lang", d.lang)
		address.RawQuery = query.Encode()
		t.goTo(address.String())
		t.look(name)
	}
}
