package private

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// movedTo is the file, in a folder that could not be used, that names the one used instead. scripts/unsetup reads it.
const movedTo = "moved-to"

// ownFolder makes dir, which only this process's user gets into, and returns it with every symbolic link resolved.
func ownFolder(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no folder was given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	// The folders on the way are ordinary ones, which the servers' user may pass through.
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil { //nolint:gosec // see above
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// enterableFolder makes dir, or the folder that has to stand in for it, so that a server can keep its data there as the
// account.
func enterableFolder(dir string, as account) (string, error) {
	dir, err := ownFolder(dir)
	if err != nil {
		return "", err
	}
	if !as.other {
		return dir, nil
	}

	if blocked, err := blockedAt(filepath.Dir(dir), as); err != nil {
		return "", err
	} else if blocked != "" {
		substitute, err := substituteFolder(dir, as)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, movedTo), []byte(substitute+"\n"), 0o600); err != nil {
			return "", err
		}
		dir = substitute
	}
	// The account passes through to what it owns inside, and cannot list or change anything else.
	return dir, os.Chmod(dir, 0o711) //nolint:gosec // passing through is the purpose; everything inside is 0600 or 0700
}

// blockedAt is the first folder on the way to dir, or dir itself, that the account may not enter, or "".
func blockedAt(dir string, as account) (string, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return "", err
	}
	if parent := filepath.Dir(dir); parent != dir {
		if blocked, err := blockedAt(parent, as); err != nil || blocked != "" {
			return blocked, err
		}
	}
	if !as.mayEnter(info) {
		return dir, nil
	}
	return "", nil
}

// substituteFolder is a folder for temporary files that stands in for dir, the same one every time.
func substituteFolder(dir string, as account) (string, error) {
	temp, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		return "", err
	}
	if blocked, err := blockedAt(temp, as); err != nil {
		return "", err
	} else if blocked != "" {
		return "", fmt.Errorf("the user %s may enter neither %s nor %s: start this as an ordinary user, or from another folder",
			as.name, dir, blocked)
	}
	sum := sha256.Sum256([]byte(dir))
	substitute := filepath.Join(temp, "jari-"+hex.EncodeToString(sum[:6]))
	if err := os.Mkdir(substitute, 0o711); err != nil && !errors.Is(err, os.ErrExist) { //nolint:gosec // see enterableFolder
		return "", err
	}
	// Anybody may make folders there: only one that is really ours is used.
	info, err := os.Lstat(substitute)
	if err != nil {
		return "", err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return "", fmt.Errorf("%s belongs to somebody else: remove it", substitute)
	}
	return substitute, nil
}

// lockFolder keeps a second process from using dir at the same time. The lock ends with this process, however it ends.
func lockFolder(dir string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s is in use by another running process: stop that one, or use another folder", dir)
	}
	return file, nil
}

// keptPassword is the password in dir, made at first use. Only its owner can read it.
func keptPassword(dir string) (string, error) {
	path := filepath.Join(dir, "password")
	content, err := os.ReadFile(path)
	if err == nil {
		if password := strings.TrimSpace(string(content)); password != "" {
			return password, nil
		}
		return "", fmt.Errorf("%s is empty: remove %s to start afresh", path, dir)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	password := rand.Text()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(password + "\n")
	// On disk before the data that it opens.
	return password, errors.Join(err, file.Sync(), file.Close())
}

const (
	largestLog = 16 << 20 // bytes; a larger one is begun anew at the next start
	logTail    = 2000     // bytes of the log that an error quotes
)

// openLog opens the file that a server's own messages go to.
func openLog(path string) (*os.File, error) {
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > largestLog {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(path, flags, 0o600)
}

// lastLines is the end of a log, for an error.
func lastLines(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > logTail {
		if _, err := file.Seek(-logTail, io.SeekEnd); err != nil {
			return ""
		}
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(content))
}
