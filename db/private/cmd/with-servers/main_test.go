package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	t.Parallel()
	given := func(string) string { return "given" }
	none := func(string) string { return "" }
	for name, test := range map[string]struct {
		args   []string
		getenv func(string) string
		code   int
		out    string
	}{
		"servers of its own": {
			args:   []string{"--", "sh", "-c", "echo $JARI_TEST_DATABASE_URL $JARI_TEST_REDIS_URL"},
			getenv: none, out: "@127.0.0.1:",
		},
		"the command's exit code": {args: []string{"sh", "-c", "exit 3"}, getenv: given, code: 3},
		"ended by a signal":       {args: []string{"sh", "-c", "kill -TERM $$"}, getenv: given, code: 128 + 15},
		"no such command":         {args: []string{"--", "./no-such-command"}, getenv: given, code: exitFailed},
		"no command":              {args: []string{"--"}, getenv: given, code: exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(test.args, test.getenv, &stdout, &stderr)
			if code != test.code || !strings.Contains(stdout.String(), test.out) {
				t.Errorf("exit code %d, want %d; it printed %q and %q", code, test.code, stdout.String(), stderr.String())
			}
		})
	}
}
