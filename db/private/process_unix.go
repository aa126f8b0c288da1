//go:build unix && !linux

package private

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// startWithParent starts cmd, and beside it a shell that waits for the end of this process (which closes the shell's
// standard input) and then sends the signal.
func startWithParent(cmd *exec.Cmd, dying syscall.Signal) (release func(), err error) {
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	watch := exec.Command("/bin/sh", "-c", `read -r _ || kill -"$1" "$0"`,
		strconv.Itoa(cmd.Process.Pid), strconv.Itoa(int(dying)))
	watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := watch.StdinPipe()
	if err == nil {
		err = watch.Start()
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	return func() {
		_, _ = stdin.Write([]byte("\n")) // ended in order: nothing to signal
		_ = stdin.Close()
		_ = watch.Wait()
	}, nil
}

// runningIn is the process that PostgreSQL has noted as the server of the folder, if it is one, or 0.
func runningIn(_ string, pid int) int {
	if pid <= 0 {
		return 0
	}
	out, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || !strings.Contains(string(out), "postgres") {
		return 0
	}
	return pid
}
