//go:build browser

package browser

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"encoding/json"
)

// barriers asks axe for what WCAG 2.2 A and AA forbid, and for what it calls best practice.
const barriers = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'], rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'], elementRef: false }).then(r => r.violations.map(v => ({
  rule: v.id, help: v.help + ' (' + v.helpUrl + ')', nodes: v.nodes.map(n => n.target.join(' ') + '\n      ' + n.html.slice(0, 200) + '\n      ' + n.failureSummary.replaceAll('\n', '\n      ')),
})))`

type barrier struct {
	Rule, Help string
	Nodes      []string
}

// barriers are what axe finds on the page as it is now. It runs in a world of its own beside the page's scripts, which the page's
// policy does not reach.
func (t *tab) barriers() []barrier {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, "tools/npm/node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("axe is missing: scripts/setup test-browser fetches it: %v", err)
	}
	tree, err := chromedp.Call(t.ctx, page.GetFrameTree, cdp.Empty{})
	t.must(err)
	world, err := chromedp.Call(t.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
	t.must(err)
	yes := true
	run := runtime.EvaluateParams{
		Expression: "globalThis.axe ||= (() => { " + string(source) + "; return axe })(); " + barriers, ContextID: world.ExecutionContextID,
		ReturnByValue: &yes, AwaitPromise: &yes,
	}
	r, err := chromedp.Call(t.ctx, runtime.Evaluate, run)
	t.must(err)
	if r.ExceptionDetails != nil {
		t.Fatalf("axe failed: %s %s", r.ExceptionDetails.Text, remote([]*runtime.RemoteObject{r.ExceptionDetails.Exception}))
	}
	var out []barrier
	t.must(json.Unmarshal(r.Result.Value, &out))
	return out
}

// noBarriers fails for each barrier on the page.
func (t *tab) noBarriers(state string) {
	t.Helper()
	for _, b := range t.barriers() {
		t.Errorf("%s: %s: %s\n    %s", state, b.Rule, b.Help, strings.Join(b.Nodes, "\n    "))
	}
}

// wider is what on the page is wider than the screen, or cut off; of what may be moved sideways only the box counts.
const wider = `(() => {
  const most = document.documentElement.clientWidth, out = []
  if (document.scrollingElement.scrollWidth > most) out.push('the page is ' + document.scrollingElement.scrollWidth + ' wide')
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('svg, table')) continue
    const r = e.getBoundingClientRect()
    if (r.width > 1 && r.height > 1 && r.right > most + 1 && r.right > 0 && r.left < most) out.push(Math.round(r.right) + ': ' + e.outerHTML.slice(0, 120))
    const s = getComputedStyle(e)
    if (r.width > 1 && s.overflowX !== 'visible' && s.overflowX !== 'auto' && s.overflowX !== 'scroll' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && !e.matches('input, select, textarea')) out.push('cut off: ' + e.outerHTML.slice(0, 120))
  }
  return out.slice(0, 5)
})()`

// fits fails when the page is wider than the screen, or cut off.
func (t *tab) fits(state string) {
	t.Helper()
	if found := in[[]string](t, wider); len(found) > 0 {
		t.Errorf("%s does not fit on %v px: %s", state, in[any](t, "innerWidth"), strings.Join(found, "\n  "))
	}
}
