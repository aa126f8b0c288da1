//go:build browser

package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"jari/booking"
	"jari/sms/phonesim"
)

// phonesScenarios are the simulated phones' wall.
func phonesScenarios() []scenario {
	return []scenario{
		{"phones: the wall is live", theWallIsLive},
		{"phones: one phone", onePhone},
		{"phones: nasty texts", nastyTexts},
		{"phones: without a script", phonesWithoutScript},
		{"phones: looks", theLooksOfPhones},
	}
}

// telephones is a simulated network with nobody behind it.
type telephones struct {
	*stage
	sim *phonesim.Server
	url string
}

const (
	exchangeNumber = "+82200001339"
	abroadNumber   = "+15005550006"
	simAccount     = "AC00000000000000000000000000000001"
)

func (s *stage) newTelephones() *telephones {
	s.Helper()
	sim, err := phonesim.New(phonesim.Config{
		AccountSID: simAccount, AuthToken: "token", From: exchangeNumber,
		Numbers: []phonesim.Number{{Number: exchangeNumber}, {Number: abroadNumber, PerSecond: 2, Over: phonesim.OverRefuse}},
	})
	s.must(err)
	sim.Start()
	server := httptest.NewServer(sim)
	s.Cleanup(func() {
		sim.Stop()
		server.Close()
	})
	return &telephones{s, sim, server.URL}
}

// tells sends a text to a phone, as a program does.
func (n *telephones) tells(to, from, body string) {
	n.Helper()
	form := url.Values{"To": {to}, "From": {from}, "Body": {body}}
	req, err := http.NewRequestWithContext(context.WithoutCancel(n.Context()), http.MethodPost, n.url+"/2010-04-01/Accounts/"+simAccount+"/Messages.json", strings.NewReader(form.Encode()))
	n.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(simAccount, "token")
	res, err := http.DefaultClient.Do(req)
	n.must(err)
	n.must(res.Body.Close())
}

func (n *telephones) phone(number string) booking.Phone {
	n.Helper()
	p, err := booking.ParseE164(number)
	n.must(err)
	return p
}

// tab is one that shows the wall. It goes there without a line, which would keep an answer back until its end.
func (n *telephones) tab(lang, path string) *tab {
	n.Helper()
	t := n.deviceOn(n.shared, n.newLine(n.url), lang).blank()
	t.to(n.url + path)
	return t
}

// inserts types a text where the focus is, as an input method for Korean does.
func (t *tab) inserts(text string) {
	t.Helper()
	if _, err := chromedp.Call(t.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		t.Fatalf("type: %v", err)
	}
}

const wangsimni = "+821000001201"

func theWallIsLive(s *stage) {
	n := s.newTelephones()
	t := n.tab("ko", "/")
	t.shows("the stream", `document.getElementById("line").textContent.startsWith("새 문자가 바로")`)
	n.tells(wangsimni, exchangeNumber, "첫 문자입니다")
	t.shows("a phone that has got a text", `document.querySelector("#p821000001201 .carrier")?.textContent === "[Web발신]" && document.getElementById("p821000001201").innerText.includes("첫 문자입니다")`)
	t.tap("#p821000001201 textarea")
	t.inserts("절반만")
	n.tells(wangsimni, abroadNumber, "둘째 문자입니다")
	n.tells("+821000001202", exchangeNumber, "다른 전화기")
	t.shows("both", `document.getElementById("p821000001201").innerText.includes("둘째") && document.getElementById("p821000001202")`)
	if got := in[string](t, `document.activeElement.value`); got != "절반만" {
		t.Errorf("what was half typed has become %q", got)
	}
	t.press(kb.Enter)
	t.shows("the text that was sent", `document.querySelector("#p821000001201 .mine")?.innerText.includes("절반만") && document.querySelector("#p821000001201 textarea").value === ""`)
	t.tap("#p821000001201-full")
	t.shows("a full inbox", `document.getElementById("p821000001201-full").getAttribute("aria-pressed") === "true"`)
	if !n.sim.Handset(n.phone(wangsimni)).Full || in[string](t, `document.activeElement?.id`) != "p821000001201-full" {
		t.Errorf("the switch has done something else, or lost the focus")
	}
	n.tells(wangsimni, exchangeNumber, "보이지 않을 문자")
	t.shows("that it did not arrive", `document.getElementById("p821000001201").innerText.includes("도착하지 못함")`)
	if strings.Contains(t.text(), "보이지 않을 문자") {
		t.Error("a full phone shows a text")
	}
	t.tap("#p821000001202-read")
	t.shows("that it was read", `!document.getElementById("p821000001202-read")`)
	n.sim.Stop()
	t.shows("that the stream is gone", `document.getElementById("line").textContent.startsWith("연결이 끊겼습니다")`)
}

func onePhone(s *stage) {
	n := s.newTelephones()
	n.tells(wangsimni, exchangeNumber, "하나")
	t := n.tab("en", "/?lang=en")
	t.tap("#p821000001201 h3 a")
	t.shows("its page", `document.querySelector("h1").textContent === "010-0000-1201" && document.querySelector("#lines[aria-live=polite] .theirs")`)
	t.shows("its fate", `document.querySelector("#lines small").textContent.includes("Delivered")`)
	in[any](t, `void (window.first = document.querySelector("#lines li"))`)
	s.must(n.sim.SetHandset(n.phone(wangsimni), phonesim.Handset{Off: true}))
	n.tells(wangsimni, exchangeNumber, "둘")
	t.shows("what did not arrive", `document.querySelector("#lines .ghost small")?.textContent.includes("30003")`)
	t.shows("that it is off", `document.querySelector(".off") && document.getElementById("p821000001201-off").getAttribute("aria-pressed") === "true"`)
	if !in[bool](t, `window.first.isConnected && document.querySelectorAll("#lines li").length === 2`) {
		t.Error("old messages were made anew, so a screen reader says them again")
	}
	t.tap("#p821000001201-off")
	t.sees("textarea")
	t.fill("body", "STOP")
	t.press(kb.Enter)
	t.shows("what the provider says", `document.querySelectorAll("#lines li").length === 4 && document.getElementById("lines").innerText.includes("unsubscribed")`)
	t.shows("that it has opted out", `document.getElementById("p821000001201-stop0").getAttribute("aria-pressed") === "true"`)
}

// Texts come from anybody. None of them may run, nor become markup.
func nastyTexts(s *stage) {
	n := s.newTelephones()
	bodies := []string{
		`<script>window.pwned = 1</script>`, `"><img src=x onerror="window.pwned=1">`, `</ul></main><b id="pwned">x</b>`, `<iframe srcdoc="<script>parent.pwned=1</script>">`,
		`<form action="https://evil.example/"><button>tap</button></form>`, `<a href="javascript:window.pwned=1">x</a>`,
	}
	for _, body := range bodies {
		n.tells(wangsimni, exchangeNumber, body)
		n.sim.Text(n.phone(wangsimni), body)
	}
	t := n.tab("ko", "/")
	for _, path := range []string{"/", "/sim/phones/" + wangsimni, "/sim/phones/" + wangsimni + "/thread"} {
		t.to(n.url + path)
		n.tells(wangsimni, exchangeNumber, "끝 "+bodies[1])
		t.shows("the last of them", `document.body.innerText.includes("끝 \"><img")`)
		if in[bool](t, `!!(window.pwned || document.getElementById("pwned") || document.querySelector("img, b, iframe[srcdoc], form[action*=evil], a[href^=javascript]"))`) {
			t.Errorf("%s: a text has become markup", path)
		}
	}
}

func phonesWithoutScript(s *stage) {
	n := s.newTelephones()
	n.tells(wangsimni, exchangeNumber, "처음")
	t := n.tab("ko", "/")
	s.must(do(t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})())
	t.to(n.url + "/")
	// The page's own scripts and timers do not run, so it is asked again and again; a form's submit runs none.
	asks := func(what, expression string) {
		t.Helper()
		t.until(what, func() bool {
			yes, err := evaluate[bool](t, "!!("+expression+")")
			return err == nil && yes
		})
	}
	asks("the wall", `document.querySelector("noscript a")?.checkVisibility() && !document.getElementById("line").checkVisibility()`)
	in[any](t, `(form => { form.elements.body.value = "글쎄요"; form.submit() })(document.querySelector("#p821000001201 .send"))`)
	asks("the wall with it", `document.querySelector("#p821000001201 .mine")?.innerText.includes("글쎄요")`)
	t.to(n.url + "/sim/phones/" + wangsimni)
	asks("the frame", `document.querySelector("iframe")?.contentDocument?.body?.innerText.includes("글쎄요")`)
	if in[bool](t, `document.getElementById("lines").checkVisibility()`) {
		t.Error("the thread is there twice")
	}
}

func theLooksOfPhones(s *stage) {
	n := s.newTelephones()
	for i := range 5 {
		number := fmt.Sprintf("+8210000012%02d", i)
		n.sim.Text(n.phone(number), "예약 680412 홍길동 강남구")
		n.tells(number, exchangeNumber, "자리: 홍*동 님 신청을 받았습니다. 본인이시면 12, 모르는 신청이면 13을 보내 주세요. [A1B2]")
		n.tells(number, abroadNumber, strings.Repeat("가나다라마바사아자차카타파하", 3)+" https://example.org/"+strings.Repeat("x", 80))
	}
	s.must(n.sim.SetHandset(n.phone(wangsimni), phonesim.Handset{Off: true, OptedOutOf: []string{exchangeNumber}}))
	n.tells(wangsimni, exchangeNumber, "x")
	for _, lang := range []string{"ko", "en"} {
		t := n.tab(lang, "/?lang="+lang+"&pin=%2B8210000012045&pin="+url.QueryEscape(wangsimni))
		t.shows("the stream", `document.getElementById("line").textContent`)
		in[any](t, `document.querySelectorAll("details").forEach(d => { d.open = true })`)
		t.look("phones-wall")
		t.to(n.url + "/sim/phones/" + wangsimni + "?lang=" + lang)
		t.look("phones-one")
		t.to(n.url + "/?lang=" + lang + "&number=1")
		t.look("phones-wrong")
	}
}
