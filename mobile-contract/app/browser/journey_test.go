//go:build browser

package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// journeyScenarios go from the offer to the end, loading the page anew at each step.
func journeyScenarios() []scenario {
	return []scenario{
		{"journey: offer, another time, decline, withdrawal", fromTheOfferOn},
		{"journey: the answer to an offer without a line", answerWithoutALine},
		{"journey: an answer by text comes before the app's", answerByText},
		{"journey: half-typed changes are kept", changesAreKept},
		{"journey: preparing before the opening, one tap on the night", prepareAndTap},
		{"journey: a code that is wrong", wrongCode},
		{"journey: a calendar file", calendarFile},
	}
}

// appointment is the appointment's part of a person's page, in a state.
func appointment(state string) string { return about("appointment") + `[data-state="` + state + `"]` }

// reloads loads the page anew, and sees to it that something is still there.
func (t *tab) reloads(selector string) {
	t.Helper()
	t.sees(selector)
	t.reload()
	t.sees(selector)
}

func fromTheOfferOn(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.impatient()
	t := d.app()
	id := t.waits(p)
	t.reloads(appointment("offered"))
	t.do("confirm")
	t.reloads(appointment("confirmed"))
	was := t.reads(about("when"))

	t.do("swap")
	t.on("swap")
	t.reloads(about("free"))
	t.tap(`[data-do="time"]`)
	t.sees(about("chosen"))
	wanted := t.reads(about("chosen") + " .when")
	t.do("ask-this")
	t.misses(about("chosen"))
	t.reload()
	t.goTo("/app/#/p/" + id)
	t.shows("the other time", fmt.Sprintf(`%s?.innerText === %q`, visible(about("when")), wanted))
	if wanted == was {
		t.Errorf("the other time is the same: %s", was)
	}
	t.reload()
	t.shows("the other time", fmt.Sprintf(`%s?.innerText === %q`, visible(about("when")), wanted))

	t.do("decline")
	t.sees(about("decline"))
	t.reload()
	t.misses(about("decline")) // a question is not an answer
	t.do("decline")
	t.do("decline-yes")
	t.shows("the time to be given back", fmt.Sprintf(`%s?.innerText !== %q || %s`, visible(about("when")), wanted, visible(appointment("declined"))))
	t.reload()
	t.do("cancel")
	t.on("cancel")
	t.reload()
	t.do("cancel")
	t.do("cancel-yes")
	t.reloads(step("withdrawn"))
	t.misses(about("appointment"))
	for _, kind := range []string{"confirm", "ask_swap", "decline", "cancel"} {
		if got := d.line.operations(kind); len(got) != 1 {
			t.Errorf("%s was sent as %d operations", kind, len(got))
		}
	}
	t.do("apply")
	t.sees(step("registered"))
	d.line.keepsSecrets(p)
}

// A "yes" that was tapped without a line says that it is still to be sent, and may become a "no" until then.
func answerWithoutALine(s *stage) {
	d, p := s.onShared("en"), s.shared.newPerson(s)
	t, _ := d.offered(p)
	d.line.down()
	t.do("confirm")
	t.reloads(about("sending") + `[data-kind="confirm"]`)
	if t.has(appointment("confirmed")) {
		t.Error("it says confirmed, and nobody but this phone knows")
	}
	t.do("ticket-here")
	t.on("ticket")
	t.reloads(about("qr"))
	digits := strings.ReplaceAll(t.reads(about("digits")), " ", "")
	if len(digits) != 10 {
		t.Errorf("a ticket of %q", digits)
	}
	t.do("back")
	d.line.up()
	t.triesNow()
	t.reloads(appointment("confirmed"))
	t.misses(about("sending"))
	if got := d.line.operations("confirm"); len(got) != 1 {
		t.Errorf("it was confirmed by %d operations", len(got))
	}
}

// The person declines by text while the app's "yes" waits for a line. The server wins, and the person is told.
func answerByText(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t, _ := d.offered(p)
	d.line.down()
	t.do("confirm")
	t.sees(about("sending") + `[data-kind="confirm"]`)
	form := regexp.MustCompile(`(?:못오시면|불참)(\d)`)
	s.until("the offer by text", func() bool { return form.MatchString(strings.Join(s.shared.texts(s, p.phone), " ")) })
	before := len(s.shared.texts(s, p.phone))
	s.shared.text(s, p.phone, form.FindStringSubmatch(strings.Join(s.shared.texts(s, p.phone), " "))[1])
	s.until("the answer to the text", func() bool { return len(s.shared.texts(s, p.phone)) > before })
	d.line.up()
	t.triesNow()
	t.sees(about("notice-conflict"))
	t.misses(about("sending"))
	if t.has(appointment("confirmed")) {
		t.Error("it says confirmed, and the person has declined by text")
	}
	t.reloads(about("notice-conflict"))
	t.do("seen")
	t.misses(about("notice-conflict"))
}

func changesAreKept(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t, id := d.offered(p) // an offer that comes in the middle of a change would be a conflict
	page := func(name string) { t.goTo("/app/#/p/" + id + "/" + name); t.on(name) }

	page("wishes")
	t.check("weekdays", "sat")
	t.reload()
	t.shows("the day", visible(named("weekdays")+`[value="sat"]`)+"?.checked")
	t.pick("notice", "72")
	t.reload()
	t.holds("notice", "72")
	t.do("send")
	t.on("entry")
	t.misses(about("pending"))

	page("correct")
	t.fill("name", p.name+"라")
	t.reload()
	t.holds("name", p.name+"라")
	t.do("send")
	t.on("entry")
	t.shows("the new name", fmt.Sprintf(`document.querySelector("h1").innerText.includes(%q)`, p.name+"라"))
	t.misses(about("pending"))

	page("helper")
	h := s.shared.newPerson(s)
	t.fill("phone", h.typed())
	t.reload()
	t.holds("phone", h.typed())
	t.do("send")
	t.on("entry")
	page("helper")
	t.sees(doing("helper-remove"))

	page("family")
	t.check("size", "2")
	t.reload()
	t.shows("the size", visible(named("size")+`[value="2"]`)+"?.checked")

	page("why")
	t.sees(about("sentences"))
	d.line.keepsSecrets(p, h)
}

// Days before: the phone is proven, nothing has arrived. At the opening one tap is enough. It moves the clock, so it has a sandbox of its own.
func prepareAndTap(s *stage) {
	box := s.newSandbox()
	d, p := s.newDevice(box, "ko"), box.magic(s, "early")
	d.impatient()
	t := d.app()
	t.do("apply")
	t.begins(p, "own")
	t.sees(about("countdown"))
	t.do("send") // which does not apply yet: the group has not opened
	t.fill("code", box.code(s, p.phone, 1))
	t.do("verify")
	t.sees(step("prepared"))
	t.sees(about("countdown"))
	t.do("apply") // an hour too early: kept on the phone until the opening
	t.sees(step("early"))
	t.reloads(step("early"))
	for _, text := range box.texts(s, p.phone) {
		if strings.Contains(text, "접수되었습니다") {
			t.Errorf("before the opening: %s", text)
		}
	}
	t.close()
	box.forward(s, 25*time.Hour)
	d.before = clockOff(25 * time.Hour) // the phone's clock goes on as well
	t = d.app()
	t.do("person")
	t.registeredOnce(p, 1)
	t.sees(appointment("offered"))
}

func wrongCode(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.applies(p, "own")
	t.sees(step("verify"))
	t.do("ask-code")
	code := s.shared.code(s, p.phone, 1)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	t.fill("code", wrong)
	t.do("verify")
	t.sees(about("notice-refused"))
	t.reloads(about("notice-refused"))
	t.fill("code", code)
	t.do("verify")
	t.sees(step("number"))
	t.do("seen")
	t.misses(about("notice-refused"))
}

func calendarFile(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t, _ := d.offered(p)
	folder := s.TempDir()
	_, err := chromedp.CallBrowser(t.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder, BrowserContextID: chromedp.FromContext(t.ctx).BrowserContextID,
	})
	s.must(err)
	t.do("calendar")
	var text string
	s.until("the file", func() bool {
		files, _ := filepath.Glob(filepath.Join(folder, "*.ics"))
		if len(files) == 1 {
			b, _ := os.ReadFile(files[0])
			text = string(b)
		}
		return strings.HasSuffix(text, "END:VCALENDAR\r\n")
	})
	if strings.Contains(text, p.name) || strings.Contains(text, p.phone) || !strings.Contains(text, "BEGIN:VEVENT") {
		t.Errorf("the calendar file:\n%s", text)
	}
}
