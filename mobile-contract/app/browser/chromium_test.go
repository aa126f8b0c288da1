//go:build browser

package browser

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// startChromium starts the one browser of all tests. It goes when they end.
func startChromium(t *testing.T) context.Context {
	t.Helper()
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()),
		chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		// It reads our own pages only, and neither root nor a container has what its sandbox needs.
		chromedp.NoSandbox,
		chromedp.Flag("disable-dev-shm-usage", true),
		// Nothing of its own goes over the network.
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("disable-default-apps", true), chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("no-pings", true), chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"),
		// Tabs that lie behind others are as quick as the one before.
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-ipc-flooding-protection", true),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("disable-breakpad", true), chromedp.Flag("password-store", "basic"),
	}
	// The test's own context ends before its cleanups run, and those still speak with the browser.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	chrome, stop := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(stop)
	if err := chromedp.Do(chrome); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return chrome
}

// chromium finds it where scripts/setup looks for it.
func chromium(t *testing.T) string {
	t.Helper()
	names := []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	}
	if given := os.Getenv("JARI_CHROMIUM"); given != "" {
		names = []string{given}
	}
	for _, name := range names {
		out, err := exec.CommandContext(t.Context(), name, "--version").Output()
		if err == nil && (strings.Contains(string(out), "Chromium ") || strings.Contains(string(out), "Chrome ")) {
			return name
		}
	}
	t.Fatal("there is no Chromium: scripts/setup test-browser installs it, or JARI_CHROMIUM names it")
	return ""
}
