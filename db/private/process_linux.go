package private

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
)

// startWithParent starts cmd; the kernel sends it the signal when this thread ends.
func startWithParent(cmd *exec.Cmd, dying syscall.Signal) (release func(), err error) {
	cmd.SysProcAttr.Pdeathsig = dying
	return func() {}, cmd.Start()
}

// runningIn is a process that works in the folder, or 0. PostgreSQL's processes, also those that a killed server has
// left behind for a moment, all work in their data folder. pid is what PostgreSQL has noted; it is not needed here.
func runningIn(folder string, _ int) int {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return 0 // a fixed pattern: cannot happen
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == folder {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
				return pid
			}
		}
	}
	return 0
}
