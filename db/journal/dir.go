package journal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Names of files. A segment's name is its number and its id, both in hexadecimal.
const (
	lockName      = "lock"
	suffix        = ".journal"
	suffixDamaged = ".damaged" // a segment in which something could not be read; what could be is in PostgreSQL
	suffixRefused = ".refused" // a segment of which the rest is refused; it is tried again when the folder is opened next
)

func segmentName(number uint64, id segmentID) string {
	return fmt.Sprintf("%016x-%x%s", number, id[:], suffix)
}

// parseName takes a segment's name apart, also that of one which was set aside.
func parseName(name string) (number uint64, id segmentID, ok bool) {
	stem, _, found := strings.Cut(name, suffix)
	left, right, dashed := strings.Cut(stem, "-")
	number, err := strconv.ParseUint(left, 16, 64)
	n, idErr := hex.Decode(id[:], []byte(right[:min(len(right), 2*len(id))]))
	return number, id, found && dashed && err == nil && idErr == nil && n == len(id) && len(right) == 2*len(id)
}

// listed is what a folder holds.
type listed struct {
	segments []string // names, oldest first
	damaged  int
	refused  int    // among the segments
	last     uint64 // the highest number in any name
}

func list(dir string) (listed, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return listed{}, fmt.Errorf("read the journal's folder: %w", err)
	}
	var l listed
	for _, e := range found {
		number, _, ok := parseName(e.Name())
		if !ok {
			continue
		}
		l.last = max(l.last, number)
		switch {
		case strings.HasSuffix(e.Name(), suffix):
			l.segments = append(l.segments, e.Name())
		case strings.HasSuffix(e.Name(), suffixRefused):
			l.segments = append(l.segments, e.Name())
			l.refused++
		case strings.HasSuffix(e.Name(), suffixDamaged):
			l.damaged++
		}
	}
	slices.Sort(l.segments) // numbers have a fixed width
	return l, nil
}

// hold makes the folder when it is not there and locks it for this process. The lock goes with the process, however it
// ends.
func hold(dir string, syncDir func(string) error) (*os.File, error) {
	if err := makeDir(dir, syncDir); err != nil {
		return nil, fmt.Errorf("make the journal's folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the journal's folder cannot be written to: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	if err != nil {
		_ = release(lock)
		return nil, fmt.Errorf("the journal in %s: %w", dir, err)
	}
	return lock, nil
}

// full reports whether there is no room, and not that writing is impossible here.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// makeDir makes a folder and those above it that are not there, and makes their names durable: a folder whose name a power
// cut takes away is gone with everything that was synced in it.
func makeDir(dir string, syncDir func(string) error) error {
	dir = filepath.Clean(dir)
	var above []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		above = append(above, filepath.Dir(at))
	}
	if len(above) == 0 {
		_ = syncDir(filepath.Dir(dir)) // somebody else made it, or a crash came in between; it may not be ours to open
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, parent := range slices.Backward(above) {
		if err := syncDir(parent); err != nil {
			return err
		}
	}
	return nil
}

// release unlocks before it closes: a process that is being started at this moment still has a copy of the open file.
func release(lock *os.File) error {
	return errors.Join(syscall.Flock(int(lock.Fd()), syscall.LOCK_UN), lock.Close())
}

// try writes to the folder and syncs it, so that what cannot work is found at start and not in an outage.
func try(dir string, syncDir func(string) error) error {
	path := filepath.Join(dir, "try")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("jari")
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(path), syncDir(dir))
}

// syncDir makes names that were added, changed or removed last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
