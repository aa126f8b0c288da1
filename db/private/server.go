package private

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// server is what a PostgreSQL and a Redis of our own have in common.
type server struct {
	*Process
	as      account
	dir     string
	url     string
	release func() error // of the lock on the folder; once, whoever comes first
}

// newServer takes a folder for a server. Whoever does not start one releases it.
func newServer(dir string, as account) (server, error) {
	lock, err := lockFolder(dir)
	if err != nil {
		return server{}, err
	}
	return server{as: as, dir: dir, release: sync.OnceValue(lock.Close)}, nil
}

// program is one server program on one port.
type program struct {
	cmd   *exec.Cmd
	dying syscall.Signal // what it is sent should this process die without stopping it
	url   string
	ready func(context.Context) error // asks whether it answers
}

// start runs what on makes for a port, again on another one when somebody was quicker at the first. fixed is the port to
// listen on; 0: one that is free.
func (s *server) start(ctx context.Context, fixed int, logName string, on func(port int) program) error {
	logPath := filepath.Join(s.dir, logName)
	for attempt := 1; ; attempt++ {
		port := fixed
		if port == 0 {
			var err error
			if port, err = FreePort(ctx); err != nil {
				return err
			}
		}
		err := s.run(ctx, logPath, on(port))
		if err == nil {
			return nil
		}
		taken := errors.Is(err, errEndedEarly) && portTaken(ctx, port)
		switch {
		case taken && fixed != 0:
			return fmt.Errorf("port %d is taken", port)
		case taken && attempt < portAttempts:
			continue
		}
		return fmt.Errorf("%w; the end of its log (%s):\n%s", err, logPath, lastLines(logPath))
	}
}

// run starts a program and returns when it answers.
func (s *server) run(ctx context.Context, logPath string, p program) error {
	logFile, err := openLog(logPath)
	if err != nil {
		return err
	}
	defer logFile.Close() // the server has its own by then

	p.cmd.Dir, p.cmd.Env = "/", serverEnvironment()
	p.cmd.Stdout, p.cmd.Stderr = logFile, logFile
	s.as.runAs(p.cmd)
	if s.Process, err = StartProcess(p.cmd, p.dying); err != nil {
		return err
	}
	s.url = p.url
	if err = s.waitReady(ctx, p.ready); err != nil {
		s.Kill()
	}
	return err
}

// serverEnvironment has none of this process's variables: PGDATA and others would change what the server does, and
// secrets have no business there.
func serverEnvironment() []string {
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
}

// URL is the connection string, with the password: treat it as a secret. It names PostgreSQL's database, or Redis's
// database 0.
func (s *server) URL() string { return s.url }

// Dir is the folder in use. It differs from the one asked for when the server's user could not enter that.
func (s *server) Dir() string { return s.dir }
