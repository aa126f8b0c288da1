package private

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// Process is a program that runs as a child of this process, and never outlives it.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// StartProcess starts cmd so that it ends with this process: should this one die without stopping it, it is sent dying.
func StartProcess(cmd *exec.Cmd, dying syscall.Signal) (*Process, error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	// Ctrl-C in a terminal goes to a whole process group. The servers must outlive the shutdown of what uses them.
	cmd.SysProcAttr.Setpgid = true
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// On Linux the signal comes when the thread ends that started the child, so that thread is kept for as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		release, err := startWithParent(cmd, dying)
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		release()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Pid is its process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when it has ended, whatever ended it, and was waited for.
func (p *Process) Done() <-chan struct{} { return p.done }

// State says how it ended; nil before.
func (p *Process) State() *os.ProcessState {
	select {
	case <-p.done:
		return p.cmd.ProcessState
	default:
		return nil
	}
}

// patience is how long a server is given to obey a harder signal once the caller's time is over.
const patience = 5 * time.Second

// Stop sends the signals one after the other until the process has ended: the first is given until ctx ends, the others
// a few seconds each, and then it is killed. It returns an error if the first was not enough.
func (p *Process) Stop(ctx context.Context, first syscall.Signal, others ...syscall.Signal) error {
	if p.State() != nil {
		return nil
	}
	p.signal(first)
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
	}
	for _, signal := range append(others, syscall.SIGKILL) {
		p.signal(signal)
		select {
		case <-p.done:
			return fmt.Errorf("process %d did not stop in time and was sent %v: %w", p.Pid(), signal, ctx.Err())
		case <-time.After(patience):
		}
	}
	return fmt.Errorf("process %d does not end: %w", p.Pid(), ctx.Err())
}

// Kill ends it at once.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

func (p *Process) signal(signal os.Signal) {
	// The only failure is that it has ended already.
	_ = p.cmd.Process.Signal(signal)
}

// FreePort asks the kernel for a port that nobody uses. Somebody may take it before it is used.
func FreePort(ctx context.Context) (int, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("find a free port: the listener has no TCP address")
	}
	return address.Port, nil
}

// portTaken says whether somebody listens on the port: then that is why a server ended at once.
func portTaken(ctx context.Context, port int) bool {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return true
	}
	listener.Close()
	return false
}

const (
	portAttempts = 5                     // times a server is started again because its port was taken meanwhile
	readyPause   = 20 * time.Millisecond // between two looks whether it answers
	readyLimit   = 2 * time.Minute       // recovery after a crash may take a while
)

var errEndedEarly = errors.New("it ended before it was ready")

// waitReady asks until the server answers, it ends, or the time is over.
func (p *Process) waitReady(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	// An answer that will never come, because somebody else listens on the port, is not waited for once it has ended.
	asking, stopAsking := context.WithCancel(ctx)
	defer stopAsking()
	go func() {
		select {
		case <-p.done:
			stopAsking()
		case <-asking.Done():
		}
	}()
	ticker := time.NewTicker(readyPause)
	defer ticker.Stop()
	for {
		err := ask(asking)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return errEndedEarly
		case <-ctx.Done():
			return fmt.Errorf("it does not answer (%w): %w", err, ctx.Err())
		case <-ticker.C:
		}
	}
}
