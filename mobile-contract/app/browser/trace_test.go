//go:build browser

package browser

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// trace records what a page's main thread does.
type trace struct {
	mu     sync.Mutex
	events []event
	done   chan struct{}
}

// event is one of a trace. Times are in microseconds.
type event struct {
	Name string
	Ph   string
	Pid  int
	Tid  int
	Ts   int64
	Dur  int64
	TDur int64 `json:"tdur"` // processor time, where the browser tells it
	Args struct {
		Data struct{ Type string }
	}
}

func (e event) end() int64 { return e.Ts + e.Dur }

// cost is the processor's time for the event, which others on the machine do not change.
func (e event) cost() time.Duration {
	d := e.Dur
	if e.TDur > 0 {
		d = e.TDur
	}
	return time.Duration(d) * time.Microsecond
}

// task is how the browser calls a piece of work on a thread.
const task = "RunTask"

// traced runs work, and returns what the main thread of the page did meanwhile, in order. The page marks itself in the trace.
func (t *tab) traced(work func()) []event {
	t.Helper()
	r := &trace{done: make(chan struct{})}
	listening, stop := context.WithCancel(t.ctx)
	defer stop()
	t.must(chromedp.ListenBrowser(listening, r.hears))
	_, err := chromedp.CallBrowser(t.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		IncludedCategories: []string{"toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing"}, ExcludedCategories: []string{"*"},
	}})
	t.must(err)
	in[any](t, `void performance.mark("begins")`)
	work()
	in[any](t, `void performance.mark("ends")`)
	_, err = chromedp.CallBrowser(t.ctx, tracing.End, cdp.Empty{})
	t.must(err)
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("the trace has not come")
	}
	return t.ofThePage(r)
}

func (r *trace) hears(e any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := e.(type) {
	case *tracing.EventDataCollected:
		for _, raw := range e.Value {
			var one event
			if json.Unmarshal(raw, &one) == nil { // some events have arguments of other forms, which nobody asks for
				r.events = append(r.events, one)
			}
		}
	case *tracing.EventTracingComplete:
		close(r.done)
	}
}

// ofThePage are the events of the thread that has marked itself, between its marks.
func (t *tab) ofThePage(r *trace) []event {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var begins, ends event
	for _, e := range r.events {
		switch e.Name {
		case "begins":
			begins = e
		case "ends":
			ends = e
		}
	}
	if begins.Ts == 0 || ends.Ts == 0 {
		t.Fatal("the page's marks are not in the trace")
	}
	var out []event
	for _, e := range r.events {
		if e.Pid == begins.Pid && e.Tid == begins.Tid && e.Ts > begins.Ts && e.end() < ends.Ts && e.Ph == "X" {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b event) int { return int(a.Ts - b.Ts) })
	return out
}
