//go:build browser

package browser

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// look looks at the page as it is now with all eyes: for barriers on a phone in dark colours, and in light ones on the narrowest screen
// with text twice as large; and takes pictures, where they are asked for.
func (t *tab) look(state string) {
	t.Helper()
	name := state + " (" + t.lang + ")"
	t.sees("h1")
	t.colours("dark")
	t.noBarriers(name + ", dark")
	t.fits(name)
	t.colours("light")
	t.size(narrow, 640)
	t.text200(true)
	t.noBarriers(name + ", 320 px and 200 %")
	t.fits(name + ", 320 px and 200 %")
	t.text200(false)
	t.shots(state)
	t.size(phone, 800)
}

// text200 is the browser's text size of somebody who needs it twice as large.
func (t *tab) text200(on bool) {
	t.Helper()
	size := ""
	if on {
		size = "200%"
	}
	in[any](t, fmt.Sprintf(`void (document.documentElement.style.fontSize = %q)`, size))
}

// shots takes pictures into the folder that JARI_SHOTS names, and none without it.
func (t *tab) shots(state string) {
	t.Helper()
	folder := os.Getenv("JARI_SHOTS")
	if folder == "" {
		return
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(root, folder)
	}
	t.must(os.MkdirAll(folder, 0o755))
	for _, width := range []int64{narrow, phone, wide} {
		for _, scheme := range []string{"light", "dark"} {
			t.size(width, 800)
			t.colours(scheme)
			t.must(os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%s-%d-%s.png", state, t.lang, width, scheme)), t.picture(), 0o644))
		}
	}
	t.colours("light")
}

// picture is the whole page, as far down as three screens.
func (t *tab) picture() []byte {
	t.Helper()
	metrics, err := chromedp.Call(t.ctx, page.GetLayoutMetrics, cdp.Empty{})
	t.must(err)
	yes := true
	size := metrics.CSSContentSize
	shot, err := chromedp.Call(t.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Clip: &page.Viewport{Width: size.Width, Height: min(size.Height, 2400), Scale: 1}, CaptureBeyondViewport: &yes,
	})
	t.must(err)
	return shot.Data
}
