package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// dataMajor is the major version that made the data folder, or 0 if there is none yet.
func dataMajor(data string) (int, error) {
	content, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	switch {
	case errors.Is(err, os.ErrNotExist):
		if _, err := os.Stat(data); err == nil {
			return 0, fmt.Errorf("%s is there, but is no data folder of PostgreSQL: remove it", data)
		}
		return 0, nil
	case err != nil:
		return 0, err
	}
	major := numberIn(string(content))
	if major == 0 {
		return 0, fmt.Errorf("%s says no version", filepath.Join(data, "PG_VERSION"))
	}
	return major, nil
}

// initialise makes the data folder, under another name first: one that an interruption left half done is never used.
func initialise(ctx context.Context, programs postgresPrograms, dir, data, password string, as account, durable bool) (err error) {
	unfinished := data + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := as.give(unfinished); err != nil {
		return err
	}
	passwordFile, err := passwordFor(dir, password, as)
	if err != nil {
		return err
	}
	defer os.Remove(passwordFile)

	args := []string{
		"-D", unfinished, "-U", postgresUser, "--pwfile=" + passwordFile,
		"--auth-host=scram-sha-256", "--auth-local=scram-sha-256",
		"--encoding=UTF8", "--locale=C",
	}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, programs.initdb(), args...)
	cmd.Dir = "/"
	cmd.Env = serverEnvironment()
	as.runAs(cmd)
	if out, err := cmd.CombinedOutput(); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return fmt.Errorf("initdb: %w:\n%s", err, strings.TrimSpace(string(out)))
	}
	return os.Rename(unfinished, data)
}

// passwordFor writes the password to a file that the account can read, for initdb only.
func passwordFor(dir, password string, as account) (path string, err error) {
	file, err := os.CreateTemp(dir, "initdb-") // made with mode 0600
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(password + "\n")
	if err = errors.Join(err, file.Close(), as.give(file.Name())); err != nil {
		os.Remove(file.Name())
	}
	return file.Name(), err
}

// clearStalePid returns when no server uses the data folder. One that is just ending, because the process that had
// started it died, is waited for; one that stays is an error.
//
// PostgreSQL itself sees whether the process in postmaster.pid is dead, but takes any living process of its user with
// that number for a server, as happens after a reboot or in a new container. Only then is the file removed: nothing
// works in the folder, so the number is somebody else's.
func clearStalePid(ctx context.Context, data string) error {
	path := filepath.Join(data, "postmaster.pid")
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid := numberIn(string(content))
	if by, err := waitUnused(ctx, data, pid); err != nil {
		return fmt.Errorf("a PostgreSQL (process %d) still runs on %s: stop it (kill -INT %d), or use another folder: %w", by, data, by, err)
	}
	if pid > 0 && syscall.Kill(pid, 0) == nil {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// errInUse says that a process stays in a data folder.
var errInUse = errors.New("the data folder is in use")

// waitUnused waits a little until nothing works in the data folder, and says who does if that does not come.
func waitUnused(ctx context.Context, data string, pid int) (by int, err error) {
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		if by = runningIn(data, pid); by == 0 {
			return 0, nil
		}
		select {
		case <-ctx.Done():
			return by, ctx.Err()
		case <-limit.C:
			return by, errInUse
		case <-time.After(readyPause):
		}
	}
}
