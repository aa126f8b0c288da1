//go:build browser

package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/chromedp"
)

// tab is a page of a device.
type tab struct {
	*device
	ctx   context.Context
	close func()

	mu      sync.Mutex
	workers map[string]serviceworker.RegistrationID // by scope
}

// sizes of screens, in CSS pixels.
const (
	narrow = 320
	phone  = 390
	wide   = 1280
)

// open is a new tab at a path.
func (d *device) open(path string) *tab {
	d.Helper()
	t := d.blank()
	t.goTo(path)
	return t
}

// blank is a new tab that shows nothing yet.
func (d *device) blank() *tab {
	d.Helper()
	t := &tab{device: d, workers: map[string]serviceworker.RegistrationID{}}
	t.ctx, t.close = chromedp.NewContext(d.root, chromedp.WithListener(t.hears))
	d.Cleanup(t.close)
	for _, set := range []func() error{
		do(t, log.Enable, cdp.Empty{}), do(t, audits.Enable, cdp.Empty{}), do(t, serviceworker.Enable, cdp.Empty{}), do(t, page.Enable, page.EnableParams{}),
		do(t, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: d.lang}),
		do(t, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: d.userAgent(), AcceptLanguage: d.lang}),
		do(t, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}),
	} {
		d.must(set())
	}
	t.size(phone, 800)
	t.colours("light")
	if d.before != "" {
		d.must(do(t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: d.before})())
	}
	return t
}

// do is a command for the tab's page, to be called.
func do[P, R any](t *tab, command cdp.Command[P, R], params P) func() error {
	return func() error {
		_, err := chromedp.Call(t.ctx, command, params)
		return err
	}
}

func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// hears notes what the page complains about. That a request failed is no complaint: lines fail here.
func (t *tab) hears(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			t.found("console.%s: %s", e.Type, remote(e.Args))
		}
	case *runtime.EventExceptionThrown:
		t.found("uncaught: %s %s", e.ExceptionDetails.Text, remote([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork && e.Entry.Level != log.EntryLevelVerbose && e.Entry.Level != log.EntryLevelInfo {
			t.found("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	case *audits.EventIssueAdded:
		if details := e.Issue.Details.ContentSecurityPolicyIssueDetails; details != nil {
			t.found("the policy forbids %s (%s)", details.ViolatedDirective, details.BlockedURL)
		}
	case *serviceworker.EventWorkerErrorReported:
		t.found("service worker: %s (%s:%d)", e.ErrorMessage.ErrorMessage, e.ErrorMessage.SourceURL, e.ErrorMessage.LineNumber)
	case *serviceworker.EventWorkerRegistrationUpdated:
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, r := range e.Registrations {
			if r.IsDeleted {
				delete(t.workers, r.ScopeURL)
			} else {
				t.workers[r.ScopeURL] = r.RegistrationID
			}
		}
	}
}

func remote(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		if a != nil {
			out = append(out, strings.TrimSpace(string(a.Value)+" "+a.Description))
		}
	}
	return strings.Join(out, " ")
}

// size is that of the tab's screen.
func (t *tab) size(width, height int64) {
	t.Helper()
	t.must(do(t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 800})())
}

// colours are light or dark. Nothing moves in either.
func (t *tab) colours(scheme string) {
	t.Helper()
	t.must(do(t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})())
}

// throttle makes the processor so many times slower.
func (t *tab) throttle(times float64) {
	t.Helper()
	t.must(do(t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})())
}

// goTo leads the tab to a path on its line, and waits until the page is there.
func (t *tab) goTo(path string) {
	t.Helper()
	t.to(t.url(path))
}

func (t *tab) to(url string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, 2*patience)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("open %s: %v", url, err)
	}
}

// reload loads the page anew, as F5 does.
func (t *tab) reload() {
	t.Helper()
	ctx, stop := context.WithTimeout(t.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		t.Fatalf("reload: %v", err)
	}
}

// evaluate runs an expression in the page, waits for it if it is a promise, and reads its value.
func evaluate[T any](t *tab, expression string) (T, error) {
	var out T
	ctx, stop := context.WithTimeout(t.ctx, 2*patience)
	defer stop()
	yes := true
	r, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: expression, ReturnByValue: &yes, AwaitPromise: &yes})
	if err != nil {
		return out, err
	}
	if r.ExceptionDetails != nil {
		return out, errors.New(r.ExceptionDetails.Text + " " + remote([]*runtime.RemoteObject{r.ExceptionDetails.Exception}))
	}
	if len(r.Result.Value) == 0 { // undefined
		return out, nil
	}
	return out, json.Unmarshal(r.Result.Value, &out)
}

// in is evaluate for what must not fail.
func in[T any](t *tab, expression string) T {
	t.Helper()
	v, err := evaluate[T](t, expression)
	if err != nil {
		t.Fatalf("%v, in: %s", err, expression)
	}
	return v
}

// watching waits in the page until the expression is true, or time is up.
const watching = `new Promise(resolve => {
  const look = () => { try { return !!(%s) } catch { return false } }
  if (look()) { resolve(true); return }
  const end = value => { clearInterval(timer); clearTimeout(bound); observer.disconnect(); resolve(value) }
  const again = () => { if (look()) end(true) }
  const observer = new MutationObserver(again)
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  const timer = setInterval(again, 50), bound = setTimeout(() => end(false), %d)
})`

// shows waits until an expression is true in the page, also while the page is left for another.
func (t *tab) shows(what, expression string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		left := time.Until(deadline)
		ok, err := evaluate[bool](t, fmt.Sprintf(watching, expression, max(left.Milliseconds(), 1)))
		if ok {
			return
		}
		if left <= 0 || err == nil {
			t.Fatalf("waited for %s (%v); the page shows:\n%s", what, err, t.text())
		}
		if t.ctx.Err() != nil {
			t.Fatalf("the tab has gone while it waited for %s: %v", what, err)
		}
	}
}

// text is what a person reads on the page.
func (t *tab) text() string {
	v, err := evaluate[string](t, `location.href + "\n" + document.body.innerText`)
	if err != nil {
		return err.Error()
	}
	return v
}
