package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// benchChild is one server under measurement, in a process of its own.
type benchChild struct {
	*child
	addr   string
	orders io.Writer
}

// startBenchChild starts a program of ours as a server and returns when it serves.
func startBenchChild(ctx context.Context, program string, errs io.Writer, env []string, args ...string) (*benchChild, error) {
	cmd := exec.Command(program, append([]string{"bench-server"}, args...)...) //nolint:noctx // stopped in order, and with this process
	cmd.Env, cmd.Stderr = env, errs
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	started, err := startChild("the server "+strings.Join(args, " "), cmd)
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = started.Stop(ctx)
		return nil, fmt.Errorf("%s did not start (its log is above)", started.name)
	}
	return &benchChild{started, strings.TrimSpace(line), orders}, nil
}

func (c *benchChild) order(line string) { _, _ = io.WriteString(c.orders, line+"\n") }
