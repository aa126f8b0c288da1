//go:build browser

package browser

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// device is one phone or computer: a browser profile with storage of its own, at the end of a line.
type device struct {
	*stage
	box  *sandbox
	line *line
	lang string // ko or en
	root context.Context
	// before runs in each new page ahead of its scripts, such as a clock that is wrong.
	before string

	mu      sync.Mutex
	trouble []string
	allowed []string
}

// newDevice is one on a line to a sandbox. What goes wrong in its pages fails the test when it ends.
func (s *stage) newDevice(box *sandbox, lang string) *device {
	s.Helper()
	return s.deviceOn(box, s.newLine(box.url), lang)
}

func (s *stage) deviceOn(box *sandbox, l *line, lang string) *device {
	s.Helper()
	// The worker says by it that the browser is to wake it again.
	d := &device{stage: s, box: box, line: l, lang: lang, allowed: []string{"not all is sent yet"}}
	// The profile lives as long as this empty tab, so that all others may be closed.
	root, stop := chromedp.NewContext(s.chrome, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(root); err != nil {
		s.Fatalf("make a browser profile: %v", err)
	}
	d.root = root
	s.Cleanup(func() {
		stop()
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, found := range d.trouble {
			s.Errorf("in the browser: %s", found)
		}
	})
	return d
}

// onShared is a device on the sandbox that all share.
func (s *stage) onShared(lang string) *device {
	s.Helper()
	return s.newDevice(s.shared, lang)
}

// allow names a piece of a message of the browser that is meant to come.
func (d *device) allow(piece string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.allowed = append(d.allowed, piece)
}

// found notes what went wrong in a page. It is called while the browser's messages are read.
func (d *device) found(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text := fmt.Sprintf(format, args...)
	for _, piece := range d.allowed {
		if strings.Contains(text, piece) {
			return
		}
	}
	if !slices.Contains(d.trouble, text) { // Chromium tells some things twice
		d.trouble = append(d.trouble, text)
	}
}

// taken is the trouble that there was, which then does not fail the test.
func (d *device) taken() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.trouble
	d.trouble = nil
	return out
}

// url is a path at the end of the device's line.
func (d *device) url(path string) string { return "http://" + d.line.addr + path }

// userAgent is the browser's own name, without the word that tells that nobody sees it.
func (d *device) userAgent() string {
	d.Helper()
	version, err := chromedp.CallBrowser(d.root, browser.GetVersion, cdp.Empty{})
	if err != nil {
		d.Fatal(err)
	}
	return strings.ReplaceAll(version.UserAgent, "Headless", "")
}
