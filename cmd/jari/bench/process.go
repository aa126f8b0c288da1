package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/procfs"
)

// CPU is the processor time that a process has used, its threads and the kernel's work for it included. Like everything here
// it is read from /proc, which only Linux has.
func CPU(pid int) (time.Duration, error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return 0, err
	}
	s, err := p.Stat()
	return time.Duration(s.CPUTime() * float64(time.Second)), err
}

// FamilyCPU is the processor time of a process and its living children: a server like PostgreSQL has one for each session.
func FamilyCPU(pid int) (time.Duration, error) {
	all, err := CPU(pid)
	if err != nil {
		return 0, err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	for child := range strings.FieldsSeq(string(children)) {
		n, err := strconv.Atoi(child)
		if err != nil {
			return 0, err
		}
		if used, err := CPU(n); err == nil { // one that has just ended is left out
			all += used
		}
	}
	return all, nil
}

// Memory is what a process holds in memory now and held at most, in bytes.
func Memory(pid int) (now, most uint64, err error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return 0, 0, err
	}
	s, err := p.NewStatus()
	return s.VmRSS, s.VmHWM, err
}

// Program is the file that a process runs.
func Program(pid int) (string, error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return "", err
	}
	return p.Executable()
}
