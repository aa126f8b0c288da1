package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"jari/cmd/jari/bench"
)

// benchChild is one server under measurement, in a process of its own.
type benchChild struct {
	addr   string
	cmd    *exec.Cmd
	orders io.WriteCloser
	done   chan struct{}
}

// startChild starts a program of ours as a server and returns when it serves.
func startChild(ctx context.Context, program string, errs io.Writer, env []string, args ...string) (*benchChild, error) {
	cmd := exec.Command(program, append([]string{"bench-server"}, args...)...) //nolint:noctx // stopped in order, by its orders' end
	cmd.Env, cmd.Stderr, cmd.SysProcAttr = env, errs, bench.DieWithParent()
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &benchChild{cmd: cmd, orders: orders, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The kernel ends a child with the thread that started it, so that thread stays.
		runtime.LockOSThread()
		defer close(c.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = c.stop(ctx)
		return nil, fmt.Errorf("the server %s did not start (its log is above)", strings.Join(args, " "))
	}
	c.addr = strings.TrimSpace(line)
	return c, nil
}

func (c *benchChild) pid() int { return c.cmd.Process.Pid }

func (c *benchChild) order(line string) { _, _ = io.WriteString(c.orders, line+"\n") }

// stop ends the server in order, or after a while at once.
func (c *benchChild) stop(ctx context.Context) error {
	_ = c.orders.Close()
	if endedInTime(ctx, c.cmd, c.done) {
		return nil
	}
	return errors.New("a server did not stop in time")
}

// endedInTime waits until a process that was told to stop has ended, and ends it when that takes too long. done is closed
// when it has ended.
func endedInTime(ctx context.Context, cmd *exec.Cmd, done <-chan struct{}) bool {
	limit := time.NewTimer(stopTime)
	defer limit.Stop()
	select {
	case <-done:
		return true
	case <-ctx.Done():
	case <-limit.C:
	}
	_ = cmd.Process.Kill()
	<-done
	return false
}
