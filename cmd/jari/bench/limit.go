package bench

import (
	"errors"
	"fmt"
	"syscall"
)

// ErrFiles says that a process may not have as many files open, connections included, as it needs.
var ErrFiles = errors.New("too few open files are allowed")

// RaiseFiles makes room for n open files in this process and those it starts. When that is not allowed it makes as much
// room as is, and returns that with ErrFiles and what to do.
func RaiseFiles(n uint64) (uint64, error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, err
	}
	// Set also when it is enough: Go gives those it starts the limit from before, unless it was set on purpose.
	if l.Max >= n {
		l.Cur = max(l.Cur, n)
		return l.Cur, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n}); err == nil {
		return n, nil
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, err
	}
	return l.Cur, fmt.Errorf("%w: %d wanted, %d allowed; ulimit -n %d by an administrator allows more", ErrFiles, n, l.Cur, n)
}
