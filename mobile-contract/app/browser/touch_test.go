//go:build browser

package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// How things are found: by what the app says of them for tests alone.

func doing(name string) string { return `[data-do="` + name + `"]` }
func about(name string) string { return `[data-about="` + name + `"]` }
func named(name string) string { return `[name="` + name + `"]` }

// visible is an expression for the first element of a selector that can be seen.
func visible(selector string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%q)].find(e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0)`, selector)
}

// sees waits until something is there to be seen.
func (t *tab) sees(selector string) {
	t.Helper()
	t.shows(selector, visible(selector))
}

// misses waits until nothing of the kind is to be seen.
func (t *tab) misses(selector string) {
	t.Helper()
	t.shows("no "+selector, "!("+visible(selector)+")")
}

// on waits for a page of the app.
func (t *tab) on(name string) {
	t.Helper()
	t.sees(`main[data-page="` + name + `"]`)
}

// reads is the text of the first visible element.
func (t *tab) reads(selector string) string {
	t.Helper()
	t.sees(selector)
	return in[string](t, visible(selector)+`?.innerText ?? ""`)
}

// has reports whether something is to be seen at this moment.
func (t *tab) has(selector string) bool {
	t.Helper()
	return in[bool](t, "!!"+visible(selector))
}

// hittable is where on the screen the element can be hit, once it is not disabled and nothing covers it. It notes whether it was pressed and hit.
const hittable = `(() => {
  const e = %s
  if (!e || e.disabled || e.getAttribute('aria-disabled') === 'true') return null
  e.scrollIntoView({ block: 'center', behavior: 'instant' })
  const r = e.getClientRects()[0], x = r.x + r.width / 2, y = r.y + r.height / 2
  const at = document.elementFromPoint(x, y)
  if (!at || !(e.contains(at) || at.contains(e) || at.closest('label')?.control === e)) return null
  globalThis.wasPressed = globalThis.wasHit = false
  e.addEventListener('mousedown', () => { globalThis.wasPressed = true }, { once: true, capture: true })
  e.addEventListener('click', () => { globalThis.wasHit = true }, { once: true, capture: true })
  return { x, y }
})()`

// tap is a click of a person on the first visible element. What moves away in that moment is tapped again, as a person would; what has come
// to its place meanwhile is let go without a click.
func (t *tab) tap(selector string) {
	t.Helper()
	type point struct{ X, Y float64 }
	t.until("something to tap: "+selector, func() bool {
		at, err := evaluate[*point](t, fmt.Sprintf(hittable, visible(selector)))
		if at == nil || err != nil {
			return false
		}
		t.mouse(input.DispatchMouseEventTypeMousePressed, at.X, at.Y)
		if pressed, err := evaluate[*bool](t, `globalThis.wasPressed`); err == nil && pressed != nil && !*pressed {
			t.mouse(input.DispatchMouseEventTypeMouseReleased, 0, 0)
			return false
		}
		t.mouse(input.DispatchMouseEventTypeMouseReleased, at.X, at.Y)
		hit, err := evaluate[*bool](t, `globalThis.wasHit`)
		return err != nil || hit == nil || *hit // otherwise it has led to another page
	})
}

func (t *tab) mouse(what input.DispatchMouseEventType, x, y float64) {
	t.Helper()
	if _, err := chromedp.Call(t.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: what, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1}); err != nil {
		t.Fatalf("mouse: %v", err)
	}
}

// do taps what does something.
func (t *tab) do(name string) {
	t.Helper()
	t.tap(doing(name))
}

// fill types a text into a field in place of what is there.
func (t *tab) fill(name, text string) {
	t.Helper()
	t.tap(named(name))
	t.shows("the focus in "+name, fmt.Sprintf(`document.activeElement?.getAttribute("name") === %q`, name))
	in[any](t, `document.activeElement.select?.()`)
	if _, err := chromedp.Call(t.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil {
		t.Fatalf("type into %s: %v", name, err)
	}
}

// pick chooses a value of a list.
func (t *tab) pick(name, value string) {
	t.Helper()
	t.sees("select" + named(name) + fmt.Sprintf(":has(option[value=%q])", value))
	in[any](t, fmt.Sprintf(`(e => { e.focus(); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})) })(%s)`,
		value, visible(named(name))))
}

// check sees to it that one of several, or a box, is chosen.
func (t *tab) check(name, value string) {
	t.Helper()
	selector := named(name)
	if value != "" {
		selector += fmt.Sprintf(`[value=%q]`, value)
	}
	t.sees(selector)
	if !in[bool](t, visible(selector)+".checked") {
		t.tap(selector)
	}
	t.shows(selector+" to be chosen", visible(selector)+"?.checked")
}

// holds waits until a field holds a value, as after a reload.
func (t *tab) holds(name, value string) {
	t.Helper()
	t.shows(name+" to hold "+value, fmt.Sprintf("%s?.value === %q", visible(named(name)), value))
}
