//go:build unix && !linux

package bench

import (
	"errors"
	"syscall"
	"time"
)

var errLinux = errors.New("processor time and memory of a process are read from /proc, which only Linux has")

// CPU is the processor time that a process has used.
func CPU(int) (time.Duration, error) { return 0, errLinux }

// FamilyCPU is the processor time of a process and its living children.
func FamilyCPU(int) (time.Duration, error) { return 0, errLinux }

// Memory is what a process holds in memory now and held at most, in bytes.
func Memory(int) (now, most int64, err error) { return 0, 0, errLinux }

// Program is the file that a process runs.
func Program(int) (string, error) { return "", errLinux }

// DieWithParent does nothing here: children end when their standard input is closed.
func DieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
