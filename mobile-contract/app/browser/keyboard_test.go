//go:build browser

package browser

import "github.com/chromedp/chromedp/kb"

// keyboardScenarios touch nothing but the keyboard.
func keyboardScenarios() []scenario {
	return []scenario{{"keyboard: the whole way", byKeyboard}}
}

func byKeyboard(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.impatient()
	t := d.app()
	t.press(kb.Tab)
	if at := t.focus(".skip"); !at.Hit || !at.Inside {
		t.Errorf("the first stop is not the way to the text: %+v", at)
	}
	t.press(kb.Enter)
	t.shows("the focus in the text", `document.activeElement?.id === "main"`)
	t.enter("apply")
	t.on("new")
	t.shows("the focus at the head of the new page", `document.activeElement?.localName === "h1"`)
	t.enter("send")
	t.shows("the focus where the errors are told", `document.activeElement?.id === "wrong"`)
	t.press(kb.Tab)
	t.press(kb.Enter)
	t.shows("the focus in the first wrong field", `document.activeElement?.name === "device"`)
	t.press(" ")
	t.shows("the own device", visible(named("device")+`[value="own"]`)+"?.checked")
	t.press(kb.ArrowDown)
	t.press(kb.ArrowUp)
	t.types("name", p.name)
	t.types("birth", p.born)
	t.types("phone", p.typed())
	t.tabTo(named("region"))
	t.press(kb.ArrowDown)
	t.press(kb.Tab)
	t.back()
	t.enter("send")
	t.sees(step("verify"))
	t.enter("ask-code")
	t.sees(named("code"))
	t.types("code", s.shared.code(s, p.phone, 1))
	t.press(kb.Enter)
	t.sees(step("number"))
	t.registeredOnce(p, 1)
	t.sees(appointment("offered"))
	byKeyboardFromTheOffer(t)
	byKeyboardToTheEnd(t)
}

func byKeyboardFromTheOffer(t *tab) {
	t.Helper()
	t.enter("confirm")
	t.sees(appointment("confirmed"))
	t.enter("ticket-here")
	t.on("ticket")
	t.enter("back")
	t.on("entry")
	t.enter("wishes")
	t.on("wishes")
	t.tabTo(named("weekdays") + `[value="sat"]`)
	t.press(" ")
	t.shows("the day", visible(named("weekdays")+`[value="sat"]`)+"?.checked")
	t.enter("send")
	t.on("entry")
	t.misses(about("pending"))
	t.enter("swap")
	t.on("swap")
	t.enter("time")
	t.sees(about("chosen"))
	t.shows("the focus at the question", `document.activeElement?.id === "chosen"`)
	t.enter("ask-this")
	t.misses(about("chosen"))
	t.enter("back")
	t.on("entry")
	t.sees(appointment("offered") + "," + appointment("confirmed"))
	t.enter("decline")
	t.shows("the focus at the question", `document.activeElement?.id === "decline-question"`)
	t.enter("decline-no")
	t.misses(about("decline"))
	t.enter("decline")
	t.enter("decline-yes")
	t.misses(about("decline"))
}

func byKeyboardToTheEnd(t *tab) {
	t.Helper()
	t.enter("cancel")
	t.on("cancel")
	t.enter("cancel")
	t.enter("cancel-yes")
	t.sees(step("withdrawn"))
	t.enter("forget")
	t.on("forget")
	t.enter("forget-now")
	t.enter("forget-yes")
	t.on("home")
	t.misses(doing("person"))
	t.enter("lang")
	t.shows("the other language", `document.documentElement.lang === "en"`)
}
