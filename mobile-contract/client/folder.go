package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

// Folder is a store of files in one folder, for one process at a time. Each name is a file that is replaced as a whole: written
// beside, forced to the disk, and renamed. The copy before the last is kept, in case the last is damaged.
//
// Deleted data is gone from the files. What a flash disk keeps of overwritten blocks no program can delete: encrypt the folder with the
// means of the device, and keep the key in its key store.
type Folder struct {
	path string
	lock *os.File
	disk disk
}

// disk is what a folder does to the disk; tests let it fail.
type disk struct {
	create func(path string) (file, error)
	rename func(from, to string) error
	force  func(folder string) error // its entries outlive a power cut
}

type file interface {
	io.WriteCloser
	Sync() error
}

// ErrLocked is returned when another process uses the folder.
var ErrLocked = errors.New("another process uses this folder")

const (
	before   = ".before"
	unsaved  = ".new"
	lockName = "lock"
)

var plainName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,99}$`)

// OpenFolder makes the folder if it is not there, readable for this user only, and locks it. It returns ErrLocked.
func OpenFolder(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the folder's lock: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock the folder: %w", err)
	}
	return &Folder{path: path, lock: lock, disk: realDisk()}, nil
}

func realDisk() disk { return disk{create: createFile, rename: os.Rename, force: forceFolder} }

func createFile(path string) (file, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

// Close lets another process use the folder.
func (f *Folder) Close() error { return f.lock.Close() }

// Load reads the last copy, or the one before it if the last is damaged.
func (f *Folder) Load(name string) ([]byte, bool, error) {
	path, err := f.file(name)
	if err != nil {
		return nil, false, err
	}
	_ = os.Remove(path + unsaved) // a save that did not come to its end
	last, err := readCopy(path)
	if err == nil && last != nil || err != nil && !errors.Is(err, ErrDamaged) {
		return last, false, err
	}
	earlier, err2 := readCopy(path + before)
	switch {
	case err == nil: // between two renames, or nothing was ever saved
		return earlier, false, err2
	case err2 != nil || earlier == nil:
		return nil, false, err
	}
	// Out of the way, so that the next save does not put it in the place of the good copy.
	if err := os.Remove(path); err != nil {
		return nil, false, fmt.Errorf("remove the damaged copy: %w", err)
	}
	return earlier, true, nil
}

// Save replaces a file as a whole.
func (f *Folder) Save(name string, b []byte, forget bool) error {
	path, err := f.file(name)
	if err != nil {
		return err
	}
	if err := f.write(path+unsaved, b); err != nil {
		_ = os.Remove(path + unsaved)
		return err
	}
	if err := f.replace(path, forget); err != nil {
		_ = os.Remove(path + unsaved)
		return err
	}
	return nil
}

func (f *Folder) file(name string) (string, error) {
	if !plainName.MatchString(name) || name == lockName {
		return "", fmt.Errorf("%q is no name to save under", name)
	}
	return filepath.Join(f.path, name), nil
}

func (f *Folder) write(path string, b []byte) error {
	out, err := f.disk.create(path)
	if err != nil {
		return fmt.Errorf("begin a new copy: %w", err)
	}
	_, err = out.Write(seal(b))
	if err == nil {
		err = out.Sync()
	}
	if err2 := out.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return fmt.Errorf("write a new copy: %w", err)
	}
	return nil
}

// replace puts the new copy in the place of the last, and the last in the place of the one before. Whatever is to be forgotten goes
// before the new copy takes its place, so that no earlier copy outlives it. After an error the last copy is in its place again: what
// was said to be not saved must not be there after the next start. Only where something is to be forgotten it may be gone already.
func (f *Folder) replace(path string, forget bool) error {
	var err error
	if forget {
		err = os.Remove(path + before)
	} else {
		err = f.disk.rename(path, path+before)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put the last copy aside: %w", err)
	}
	aside := err == nil && !forget
	if err := f.disk.rename(path+unsaved, path); err != nil {
		f.goBack(path, aside)
		return fmt.Errorf("put the new copy in its place: %w", err)
	}
	if err := f.disk.force(f.path); err != nil {
		if !forget {
			f.goBack(path, aside)
		}
		return err
	}
	return nil
}

// goBack puts the last copy in its place again; where there was none, nothing stays.
func (f *Folder) goBack(path string, aside bool) {
	if aside {
		_ = os.Rename(path+before, path)
	} else {
		_ = os.Remove(path)
	}
}

func forceFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the folder of the new copy: %w", err)
	}
	defer func() { _ = dir.Close() }()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("force the folder of the new copy to the disk: %w", err)
	}
	return nil
}

// A copy begins with the digest of the rest, so that one that is cut off or changed is known.
const headSize = 2*sha256.Size + 1

func seal(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(append(hex.AppendEncode(make([]byte, 0, headSize+len(b)), sum[:]), '\n'), b...)
}

// unseal returns ErrDamaged for anything that seal did not make.
func unseal(b []byte) ([]byte, error) {
	if len(b) < headSize {
		return nil, ErrDamaged
	}
	sum := sha256.Sum256(b[headSize:])
	if !bytes.Equal(b[:headSize], append(hex.AppendEncode(nil, sum[:]), '\n')) {
		return nil, ErrDamaged
	}
	return b[headSize:], nil
}

// mostStored bounds what is read of a file, in bytes.
const mostStored = 64 << 20

// readCopy returns nil for a file that is not there, and ErrDamaged for one that is not whole.
func readCopy(path string) ([]byte, error) {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open a copy: %w", err)
	}
	defer func() { _ = in.Close() }()
	b, err := io.ReadAll(io.LimitReader(in, mostStored))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return unseal(b)
}
