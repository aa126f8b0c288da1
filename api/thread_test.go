package api_test

import (
	"os"
	"strings"
	"testing"
)

// A text of a thread that cannot be opened is logged by its row, once for each look.
func TestAnUnreadableTextIsLogged(t *testing.T) {
	t.Parallel()
	steps, err := os.ReadFile("testdata/thread.case")
	if err != nil {
		t.Fatal(err)
	}
	p := &player{running: newServer(t), spec: loadSpec(t), vars: map[string]string{"one": secretOne, "two": secretTwo, "agent": agentToken}}
	p.play(t, string(steps))
	if log := p.log.String(); strings.Count(log, `"inbound":77`) != 1 || strings.Count(log, "cannot be opened") != 1 {
		t.Error(log)
	}
}
