//go:build browser

package browser

import (
	"time"
)

// The phone that is measured: so many times slower than this machine. A tap may cost so much of its main thread.
const (
	slower  = 4
	allowed = 50 * time.Millisecond
)

// window is how long the main thread is watched after a tap: what the answer of the server costs comes in it, too.
const window = time.Second

// tapped is what a tap has cost the main thread.
type tapped struct {
	name    string
	shown   time.Duration // all work from the tap until what it does is on the screen
	longest time.Duration // the longest piece of work in the window
	all     time.Duration // all work in the window
}

// measures taps what does something, and measures it.
func (t *tab) measures(name, selector string) tapped {
	t.Helper()
	t.sees(selector)
	return measured(name, t.traced(func() {
		t.tap(selector)
		wait(window)
	}))
}

// measuresLetter types one, and measures it.
func (t *tab) measuresLetter(name, field string) tapped {
	t.Helper()
	t.tap(named(field))
	return measured(name, t.traced(func() {
		t.press("7")
		wait(window)
	}))
}

// measured adds up. The tap begins with the first event that a person has caused; it is shown when the page was next handed over to be drawn.
func measured(name string, events []event) tapped {
	out := tapped{name: name}
	var began, shown int64
	for _, e := range events {
		if e.Name == "EventDispatch" && began == 0 && (e.Args.Data.Type == "mousedown" || e.Args.Data.Type == "keydown") {
			began = e.Ts
		}
		if e.Name == "EventDispatch" && (e.Args.Data.Type == "click" || e.Args.Data.Type == "input") {
			shown = 0 // drawn before the click does not count
		}
		if e.Name == "Commit" && began > 0 && shown == 0 {
			shown = e.end()
		}
	}
	for _, e := range events {
		if e.Name != task || e.end() < began {
			continue
		}
		out.all += e.cost()
		out.longest = max(out.longest, e.cost())
		if e.Ts <= shown {
			out.shown += e.cost()
		}
	}
	return out
}

// workTable prints what the taps have cost, and fails when one costs more than is allowed.
func (s *stage) workTable(all []tapped) {
	s.Helper()
	var worst tapped
	s.Logf("main thread, processor %d times slower%28s %10s %10s", slower, "shown", "longest", "all")
	for _, w := range all {
		s.Logf("%-56s %7.1f ms %7.1f ms %7.1f ms", w.name, ms(w.shown), ms(w.longest), ms(w.all))
		if max(w.shown, w.longest) > max(worst.shown, worst.longest) {
			worst = w
		}
	}
	s.Logf("most: %s, %.1f ms", worst.name, ms(max(worst.shown, worst.longest)))
	for _, w := range all {
		if max(w.shown, w.longest) > allowed {
			s.Errorf("%q costs the main thread %.1f ms, more than %s", w.name, ms(max(w.shown, w.longest)), allowed)
		}
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
