package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// step is one block of the page, and what stands below it.
type step struct {
	line   int
	script string
	answer string // "…" stands for anything; "" means that nothing is printed
}

// steps reads the page's shell blocks in their order.
func steps(t *testing.T, page string) []step {
	t.Helper()
	var out []step
	kind, begin := "", 0
	var block []string
	for i, line := range strings.Split(page, "\n") {
		fence, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && kind == "":
			kind, begin, block = fence, i+1, nil
		case isFence:
			text := strings.Join(block, "\n")
			switch kind {
			case "sh":
				out = append(out, step{line: begin, script: text})
			case "text":
				if len(out) == 0 || out[len(out)-1].answer != "" {
					t.Fatalf("line %d: an answer to nothing", begin)
				}
				out[len(out)-1].answer = text
			case "console": // another terminal's
			default:
				t.Fatalf("line %d: a block of kind %q", begin, kind)
			}
			kind = ""
		case kind != "":
			block = append(block, line)
		}
	}
	return out
}

// pattern is what an answer must match, whole.
func pattern(answer string) *regexp.Regexp {
	parts := strings.Split(strings.TrimRight(answer, " \n"), "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^` + strings.Join(parts, `.*`) + `$`)
}

// walkTime is how long somebody may wait for a page that promises ten minutes, most of them for reading.
const walkTime = 3 * time.Minute

// The page does what it says: its blocks run in one shell against a sandbox, and each prints what stands below it.
func TestTheFirstAppPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/first-app.md")
	if err != nil {
		t.Fatal(err)
	}
	all := steps(t, string(page))
	if len(all) < 15 {
		t.Fatalf("the page has only %d blocks", len(all))
	}
	if out, err := exec.CommandContext(t.Context(), "make", "-C", "../..", "-n", "sandbox").CombinedOutput(); err != nil || !strings.Contains(string(out), "jari serve --sandbox") {
		t.Errorf("make sandbox: %v\n%s", err, out)
	}
	url := servedSandbox(t)
	begun := time.Now()
	prints, err := runSteps(t, all, url)
	for i, s := range all {
		switch {
		case i >= len(prints):
			t.Fatalf("docs/first-app.md:%d: not run (%v)", s.line, err)
		case !pattern(s.answer).MatchString(prints[i]):
			t.Errorf("docs/first-app.md:%d: it prints\n%s\nand not\n%s", s.line, prints[i], s.answer)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d blocks in %s", len(all), time.Since(begun).Round(time.Millisecond))
}

// servedSandbox runs the command as its user does, and returns the address that it prints.
func servedSandbox(t *testing.T) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	out, ended := &lockedBuffer{}, make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--sandbox", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--campaign", exampleSandbox}, noSettings, out, out)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the sandbox ended with: %v", err)
		}
	})
	address := regexp.MustCompile(`listens on (http://\S+) `)
	var found []string
	(&town{t: t}).until("the sandbox to be there", 2*time.Minute, func() bool {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the sandbox ended: %v\n%s", err, out.String())
		default:
		}
		found = address.FindStringSubmatch(out.String())
		return found != nil
	})
	return found[1]
}

// runSteps runs all blocks in one bash and returns what each printed, as far as it came.
func runSteps(t *testing.T, all []step, url string) ([]string, error) {
	t.Helper()
	const mark = "===== the end of a block ====="
	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	for _, s := range all {
		fmt.Fprintf(&script, "%s\necho '%s'\n", s.script, mark)
	}
	ctx, cancel := context.WithTimeout(t.Context(), walkTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script.String())
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "URL="+url)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	prints := strings.Split(string(out), mark+"\n")
	for i := range prints {
		prints[i] = strings.TrimRight(prints[i], " \n")
	}
	if rest := prints[len(prints)-1]; err != nil || rest != "" {
		err = fmt.Errorf("after %d blocks: %w; then it printed %q", len(prints)-1, err, rest)
	}
	return prints[:len(prints)-1], err
}
