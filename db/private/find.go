package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// ErrMissing says that a server program is not on this machine. The error around it says which, and what to do.
var ErrMissing = errors.New("server program is missing")

// leastPostgres is the oldest major version of PostgreSQL that is used when found. scripts/setup knows it too.
const leastPostgres = 14

// postgresFolders are where PostgreSQL's packages put the server programs, which are seldom on the PATH: Debian and
// Ubuntu, Red Hat, Homebrew on either kind of Mac.
var postgresFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// postgresPrograms is one installation of PostgreSQL.
type postgresPrograms struct {
	folder string
	major  int
}

func (p postgresPrograms) initdb() string   { return filepath.Join(p.folder, "initdb") }
func (p postgresPrograms) postgres() string { return filepath.Join(p.folder, "postgres") }

// findPostgres chooses an installation: the one on the PATH, else the newest. A data folder can be opened only by the
// major version that made it; that one is named in major, which is 0 for a new folder.
func findPostgres(ctx context.Context, major int) (postgresPrograms, error) {
	var found []postgresPrograms
	for _, folder := range candidateFolders() {
		p := postgresPrograms{folder: folder}
		if !executable(p.initdb()) || !executable(p.postgres()) {
			continue
		}
		out, err := exec.CommandContext(ctx, p.postgres(), "--version").Output()
		if err != nil {
			continue
		}
		p.major = postgresMajor(string(out))
		if p.major < leastPostgres {
			continue
		}
		if major == 0 || p.major == major {
			return p, nil
		}
		found = append(found, p)
	}
	if len(found) > 0 {
		return postgresPrograms{}, fmt.Errorf("the data was made by PostgreSQL %d, and only %d is installed: "+
			"install %d, or remove the data: %w", major, found[0].major, major, ErrMissing)
	}
	return postgresPrograms{}, fmt.Errorf("PostgreSQL %d or later is not installed: run make setup: %w", leastPostgres, ErrMissing)
}

func candidateFolders() []string {
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	for _, pattern := range postgresFolders {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			continue // a fixed pattern: cannot happen
		}
		sort.Slice(matches, func(i, j int) bool { return numberIn(matches[i]) > numberIn(matches[j]) })
		folders = append(folders, matches...)
	}
	return folders
}

var digits = regexp.MustCompile(`[0-9]+`)

// numberIn is the first number in s, or 0.
func numberIn(s string) int {
	n, err := strconv.Atoi(digits.FindString(s))
	if err != nil {
		return 0
	}
	return n
}

// postgresMajor reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0)".
func postgresMajor(version string) int {
	_, number, _ := strings.Cut(version, ") ")
	return numberIn(number)
}

// findRedis looks on the PATH and where packages put it, since the PATH of a service or an editor may be short.
func findRedis() (string, error) {
	if path, err := exec.LookPath("redis-server"); err == nil {
		return path, nil
	}
	for _, path := range []string{"/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"} {
		if executable(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("redis-server is not installed: run make setup: %w", ErrMissing)
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
