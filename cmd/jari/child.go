package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"jari/db/private"
)

// child is a process of this program that this one has started: a part of a private system, or a server under measurement.
type child struct {
	*private.Process
	name string
}

func startChild(name string, cmd *exec.Cmd) (*child, error) {
	p, err := private.StartProcess(cmd, syscall.SIGKILL)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return &child{p, name}, nil
}

// ended is an error when the process is no longer there.
func (c *child) ended() error {
	if state := c.State(); state != nil {
		return fmt.Errorf("%s ended by itself (%v)", c.name, state)
	}
	return nil
}

// Stop ends the process in order, or after a while at once.
func (c *child) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	if err := c.Process.Stop(ctx, syscall.SIGTERM); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	return nil
}

// environmentOf writes settings as a process's whole environment: nothing of ours leaks in but what tunes Go itself. What is at
// its default is left to the process, which may be another version.
func environmentOf(c Config, getenv func(string) string) []string {
	out := []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GODEBUG"} {
		if v := getenv(name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	for tag, field := range c.variables() {
		if s := fmt.Sprint(field.Interface()); !field.IsZero() && s != tag.Get("default") {
			out = append(out, tag.Get("env")+"="+s)
		}
	}
	return out
}
