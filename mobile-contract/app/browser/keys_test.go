//go:build browser

package browser

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press is a key, pressed and released: kb.Tab, kb.Enter, " ", kb.ArrowDown …
func (t *tab) press(key string) {
	t.Helper()
	t.key(key, 0)
}

// back is Shift and Tab.
func (t *tab) back() {
	t.Helper()
	t.key(kb.Tab, int64(kb.ModifierShift))
}

// key sends what a keyboard sends: the letter comes with the key's going down, so that a page that uses up the one does not get the other.
func (t *tab) key(key string, modifiers int64) {
	t.Helper()
	k, ok := kb.Keys[[]rune(key)[0]]
	if !ok {
		t.Fatalf("no keyboard has %q", key)
	}
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeRawKeyDown, Key: k.Key, Code: k.Code, WindowsVirtualKeyCode: k.Windows, NativeVirtualKeyCode: k.Native, Modifiers: modifiers}
	up := down
	if k.Text != "" {
		down.Type, down.Text, down.UnmodifiedText = input.DispatchKeyEventTypeKeyDown, k.Text, k.Unmodified
	}
	up.Type = input.DispatchKeyEventTypeKeyUp
	for _, event := range []input.DispatchKeyEventParams{down, up} {
		if _, err := chromedp.Call(t.ctx, input.DispatchKeyEvent, event); err != nil {
			t.Fatalf("press %q: %v", key, err)
		}
	}
}

// focused tells which element has the focus, and whether that can be seen.
const focused = `(() => {
  const e = document.activeElement
  if (!e || e === document.body) return { what: 'nothing', seen: true }
  const box = e.getBoundingClientRect(), marks = [e, e.closest('label'), e.parentElement].filter(Boolean).map(m => getComputedStyle(m))
  return {
    what: e.outerHTML.slice(0, 160), hit: e.matches(%q) && !!(%s),
    seen: marks.some(s => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'),
    inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  }
})()`

// tabTo presses Tab until an element of the selector has the focus, and sees to it that one can see at each step where the focus is.
func (t *tab) tabTo(selector string) {
	t.Helper()
	const most = 60
	t.sees(selector)
	var way []string
	for range most {
		at := t.focus(selector)
		if at.Hit {
			return
		}
		way = append(way, at.What)
		t.press(kb.Tab)
	}
	t.Fatalf("%d times Tab do not lead to %s, but to:\n%s", most, selector, strings.Join(way, "\n"))
}

type focus struct {
	What              string
	Hit, Seen, Inside bool
}

func (t *tab) focus(selector string) focus {
	t.Helper()
	at := in[focus](t, fmt.Sprintf(focused, selector, visible(selector)))
	if at.What != "nothing" && !at.Seen && !strings.HasPrefix(at.What, "<main") && !strings.HasPrefix(at.What, "<h") {
		t.Errorf("nobody sees that the focus is on %s", at.What)
	}
	return at
}

// enter does with the keyboard what do does with a tap.
func (t *tab) enter(name string) {
	t.Helper()
	t.tabTo(doing(name))
	t.press(kb.Enter)
}

// types goes to a field by Tab and types a text key by key.
func (t *tab) types(name, text string) {
	t.Helper()
	t.tabTo(named(name))
	if _, err := chromedp.Call(t.ctx, input.InsertText, input.InsertTextParams{Text: text}); err != nil { // as an input method for Korean does
		t.Fatalf("type into %s: %v", name, err)
	}
}
