//go:build browser

package browser

import (
	"net/http"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/serviceworker"
)

// offlineScenarios apply where there is no line.
func offlineScenarios() []scenario {
	return []scenario{
		{"offline: the tab is closed, and the browser wakes the worker", offlineAndWoken},
		{"offline: the tab is closed, and the app is opened again", offlineAndReopened},
		{"offline: in airplane mode, and the line comes back", inAirplaneMode},
		{"offline: everything before the first answer", offlineFromTheForm},
		{"offline: a café's login page", atALoginPage},
	}
}

// appliesOffline applies without a line, and closes the tab.
func (d *device) appliesOffline(p person) {
	d.Helper()
	t := d.app()
	d.line.down()
	t.applies(p, "own")
	t.sees(step("saved"))
	t.sees(about("line"))
	t.close()
	if got := d.box.texts(d.stage, p.phone); len(got) > 0 {
		d.Errorf("it has arrived: %v", got)
	}
}

// woken is what a browser does when the line is back: it wakes the service worker, also when all tabs are closed.
func (d *device) woken() {
	d.Helper()
	t := d.open("/docs/style.css") // not of the app, only of its origin
	var id serviceworker.RegistrationID
	t.until("the worker", func() bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		id = t.workers[d.url("/app/")]
		return id != ""
	})
	d.must(do(t, serviceworker.DispatchSyncEvent, serviceworker.DispatchSyncEventParams{Origin: d.url(""), RegistrationID: id, Tag: "jari-outbox"})())
	t.close()
}

func offlineAndWoken(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.appliesOffline(p)
	d.line.up()
	d.woken()
	s.until("the text to the phone, with no tab open", func() bool { return registeredTexts(s.Fatalf, s.shared.texts(s, p.phone)) })
	t := d.app()
	t.do("person")
	t.registeredOnce(p, 1)
	t.misses(about("line"))
	d.line.keepsSecrets(p)
}

func offlineAndReopened(s *stage) {
	d, p := s.onShared("en"), s.shared.newPerson(s)
	d.appliesOffline(p)
	t := d.open("/app/") // from the worker's copy: the line is still down
	t.do("person")
	t.sees(step("saved"))
	t.close()
	d.line.up()
	t = d.app()
	t.do("person")
	t.registeredOnce(p, 1)
}

func inAirplaneMode(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	t.airplane(true)
	t.applies(p, "own")
	t.sees(step("saved"))
	t.sees(about("line"))
	if got := d.line.sent("register"); len(got) > 0 {
		t.Errorf("without a line it was sent: %v", got)
	}
	t.airplane(false)
	t.registeredOnce(p, 1)
	t.misses(about("line"))
}

// airplane takes the device off the network, as its switch does: the browser knows it.
func (t *tab) airplane(on bool) {
	t.Helper()
	if on {
		t.line.down()
	} else {
		t.line.up()
	}
	t.must(do(t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: on, DownloadThroughput: -1, UploadThroughput: -1})())
}

// Also the form, the code that is asked for and its digits need no line.
func offlineFromTheForm(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	d.app().close()
	d.line.down()
	t := d.open("/app/")
	t.on("home")
	t.applies(p, "own")
	t.sees(step("saved"))
	t.reload()
	t.sees(step("saved"))
	d.line.up()
	t.triesNow()
	t.registeredOnce(p, 1)
	d.line.down()
	t.asksForCode()
	t.sees(named("code"))
	t.reload()
	t.sees(named("code"))
	d.line.up()
	t.triesNow()
	t.fill("code", s.shared.code(s, p.phone, 1))
	d.line.down()
	t.do("verify")
	t.sees(about("pending") + ` [data-kind="verify"]`)
	t.reload()
	t.sees(about("pending") + ` [data-kind="verify"]`)
	d.line.up()
	t.triesNow()
	t.sees(step("number"))
	if got := d.line.operations("verify"); len(got) != 1 {
		t.Errorf("the code was handed in as %d operations", len(got))
	}
	d.line.keepsSecrets(p)
}

// triesNow taps "try now", unless the app has found the line by itself.
func (t *tab) triesNow() {
	t.Helper()
	in[any](t, visible(doing("try-now"))+`?.click()`)
}

func atALoginPage(s *stage) {
	d, p := s.onShared("ko"), s.shared.newPerson(s)
	t := d.app()
	d.line.from(portal())
	t.applies(p, "own")
	t.sees(`[data-step="sent"], [data-step="saved"]`)
	s.until("two tries at the login page", func() bool { return len(d.line.sent("register")) >= 2 })
	t.sees(`[data-step="sent"], [data-step="saved"]`)
	d.line.from(answered(http.StatusFound, "text/html", ""))
	t.reload()
	t.sees(`[data-step="sent"], [data-step="saved"]`)
	d.line.from(nil)
	t.reload()
	t.registeredOnce(p, 3)
}
