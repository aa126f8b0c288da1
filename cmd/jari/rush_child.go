package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"syscall"

	"jari/cmd/jari/bench"
)

// rushChild is one process of a private system.
type rushChild struct {
	name string
	log  string
	cmd  *exec.Cmd
	done chan struct{}
}

// startRushChild starts this program again as another command. What it logs goes to a file in dir.
func startRushChild(command, name, dir string, env []string) (*rushChild, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &rushChild{name: name, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	log, err := os.Create(c.log)
	if err != nil {
		return nil, err
	}
	c.cmd = exec.Command(self, command) //nolint:noctx // stopped in order, and with this process
	c.cmd.Env, c.cmd.Stdout, c.cmd.Stderr, c.cmd.SysProcAttr = env, log, log, bench.DieWithParent()
	started := make(chan error)
	go func() {
		// The kernel ends a child with the thread that started it, so that thread stays.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(c.done)
		err := c.cmd.Start()
		_ = log.Close()
		started <- err
		if err == nil {
			_ = c.cmd.Wait() // how it ended is in ProcessState
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start jari %s: %w", command, err)
	}
	return c, nil
}

// ended is an error when the process is no longer there.
func (c *rushChild) ended() error {
	select {
	case <-c.done:
		return fmt.Errorf("%s ended by itself (%v); its log: %s", c.name, c.cmd.ProcessState, c.log)
	default:
		return nil
	}
}

// stop ends the process in order, or after a while at once.
func (c *rushChild) stop(ctx context.Context) error {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	if endedInTime(ctx, c.cmd, c.done) {
		return nil
	}
	return fmt.Errorf("%s did not stop in time; its log: %s", c.name, c.log)
}

// settingsOf writes settings as a process's whole environment: nothing of ours leaks in.
func settingsOf(c Config) []string {
	out := []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	c.LogLevel = 4 // warn
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() {
			out = append(out, v.Type().Field(i).Tag.Get("env")+"="+fmt.Sprint(f.Interface()))
		}
	}
	return out
}

// startChildren starts the nodes and the workers.
func (h *rushHouse) startChildren(ctx context.Context, listens []string) error {
	journals := filepath.Join(h.options.dir, "journals")
	if err := os.RemoveAll(journals); err != nil { // of another run, under another master key
		return err
	}
	for i, listen := range listens {
		internal, err := freeAddr(ctx)
		if err != nil {
			return err
		}
		h.clocks.urls = append(h.clocks.urls, "http://"+internal+"/metrics")
		c := h.config
		c.Listen, c.InternalListen, c.IntakeRate = listen, internal, h.options.intakeRate
		if h.options.clocksApart {
			c.ClockOffsetFile = filepath.Join(h.options.dir, "clock-"+strconv.Itoa(i))
			shift := []string{"+3s\n", "-3s\n"}[i%2]
			if err := os.WriteFile(c.ClockOffsetFile, []byte(shift), 0o600); err != nil {
				return err
			}
		}
		if h.options.journal {
			c.JournalDir = filepath.Join(journals, strconv.Itoa(i))
			if err := os.MkdirAll(c.JournalDir, 0o700); err != nil {
				return err
			}
		}
		if err := h.startProcess("serve", i, c); err != nil {
			return err
		}
	}
	for i := range h.options.workers {
		c := h.config
		c.Listen, c.InternalListen = "127.0.0.1:0", "127.0.0.1:0"
		if err := h.startProcess("work", i, c); err != nil {
			return err
		}
	}
	return nil
}

func (h *rushHouse) startProcess(command string, i int, c Config) error {
	child, err := startRushChild(command, fmt.Sprintf("%s-%d", command, i), h.options.dir, append(settingsOf(c), h.options.childEnv...))
	if err != nil {
		return err
	}
	h.children = append(h.children, child)
	h.later(child.stop)
	return nil
}
