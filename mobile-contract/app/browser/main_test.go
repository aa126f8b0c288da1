//go:build browser

package browser

import (
	"context"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// scenario is one part of the test. It runs beside others.
type scenario struct {
	name string
	run  func(*stage)
}

// stage is what a scenario has: a Chromium, and a sandbox that it shares with others.
type stage struct {
	*testing.T
	chrome  context.Context
	program string // jari
	shared  *sandbox
}

// TestBrowser runs all scenarios. `make test-browser RUN=cut` runs those whose names hold a word.
func TestBrowser(t *testing.T) {
	s := &stage{T: t, program: build(t), chrome: startChromium(t)}
	s.shared = s.newSandbox()
	groups := [][]scenario{
		harnessScenarios(), documentScenarios(), offlineScenarios(), cutScenarios(), reloadScenarios(), tabsScenarios(), storageScenarios(), updateScenarios(),
		sharedScenarios(), leftoverScenarios(), strangeScenarios(), keyboardScenarios(), journeyScenarios(), looksScenarios(), slowScenarios(), phonesScenarios(),
	}
	for _, group := range groups {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				of := *s
				of.T = t
				c.run(&of)
			})
		}
	}
}

// until waits for what does not happen in a page.
func (s *stage) until(what string, ok func() bool) {
	s.Helper()
	if !within(patience, ok) {
		s.Fatalf("waited %s for %s", patience, what)
	}
}

// until waits for what is not seen in the page alone, and shows the page when it waits in vain.
func (t *tab) until(what string, ok func() bool) {
	t.Helper()
	if !within(patience, ok) {
		t.Fatalf("waited %s for %s; the page shows:\n%s", patience, what, t.text())
	}
}

// within asks again and again, for so long at most, and says whether it came true.
func within(long time.Duration, ok func() bool) bool {
	deadline := time.NewTimer(long)
	defer deadline.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			return false
		case <-look.C:
		}
	}
	return true
}
