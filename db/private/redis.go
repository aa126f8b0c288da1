package private

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// redisDatabases is how many numbered databases a private Redis has: each test can have one of its own, see
// [RedisDatabase].
const redisDatabases = 2000

// RedisOptions says how to start a Redis.
type RedisOptions struct {
	// Dir holds the password and the server's log. It is made when it is not there. Required.
	Dir string
	// Settings are added to the server's settings and win over those of this package.
	Settings map[string]string
	// Port to listen on. Defaults to one that is free, another one at each start.
	Port int
	// Log gets a line on what happens. Defaults to none.
	Log *slog.Logger
}

// Redis is a running Redis of our own. It keeps nothing on disk, as the system must bear losing all that is in it.
type Redis struct {
	process *process
	dir     string
	url     string
	lock    *os.File
	unlock  once
}

// StartRedis starts a Redis and returns when it answers. It ends with this process at the latest. An error that is
// [ErrMissing] says that Redis is not installed.
func StartRedis(ctx context.Context, options RedisOptions) (_ *Redis, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("start a private Redis: %w", err)
		}
	}()
	if options.Dir == "" {
		return nil, errors.New("no folder was given")
	}
	log := options.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	program, err := findRedis()
	if err != nil {
		return nil, err
	}
	as, err := serverAccount()
	if err != nil {
		return nil, err
	}
	dir, err := ownFolder(options.Dir) // the server itself opens nothing in it
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()
	password, err := keptPassword(dir)
	if err != nil {
		return nil, err
	}
	r := &Redis{dir: dir, lock: lock}
	if err := r.start(ctx, program, as, password, options); err != nil {
		return nil, err
	}
	log.Info("Redis runs", "folder", dir, "pid", r.Pid())
	return r, nil
}

// start runs the server, again on another port when somebody was quicker at the first.
func (r *Redis) start(ctx context.Context, program string, as account, password string, options RedisOptions) error {
	logPath := filepath.Join(r.dir, "redis.log")
	for attempt := 1; ; attempt++ {
		port := options.Port
		if port == 0 {
			var err error
			if port, err = freePort(ctx); err != nil {
				return err
			}
		}
		err := r.startOn(ctx, port, program, as, password, logPath, options)
		if err == nil {
			return nil
		}
		taken := errors.Is(err, errEndedEarly) && portTaken(ctx, port)
		switch {
		case taken && options.Port != 0:
			return fmt.Errorf("port %d is taken", port)
		case taken && attempt < portAttempts:
			continue
		}
		return fmt.Errorf("%w; the end of its log (%s):\n%s", err, logPath, lastLines(logPath))
	}
}

func (r *Redis) startOn(ctx context.Context, port int, program string, as account, password, logPath string, options RedisOptions) error {
	logFile, err := openLog(logPath)
	if err != nil {
		return err
	}
	defer logFile.Close() // the server has its own by then

	cmd := exec.Command(program, "-")
	cmd.Dir = "/"
	cmd.Env = serverEnvironment()
	// The settings go through standard input: the password is then in no file that the server's user can read, and not
	// in the list of processes.
	cmd.Stdin = strings.NewReader(redisSettings(port, password, options.Settings))
	cmd.Stdout, cmd.Stderr = logFile, logFile
	as.runAs(cmd)
	if r.process, err = startProcess(cmd, syscall.SIGTERM); err != nil {
		return err
	}
	address := url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/0"}
	r.url = address.String()
	err = r.process.waitReady(ctx, func(ctx context.Context) error { return pingRedis(ctx, port, password) })
	if err != nil && !r.process.ended() {
		r.process.kill()
	}
	return err
}

// redisSettings is the server's configuration file.
func redisSettings(port int, password string, more map[string]string) string {
	settings := map[string]string{
		"bind":             "127.0.0.1",
		"port":             strconv.Itoa(port),
		"requirepass":      password,
		"daemonize":        "no",
		"databases":        strconv.Itoa(redisDatabases),
		"maxmemory-policy": "noeviction", // evicting a task's data would leave the task stuck for ever
		"save":             `""`,
		"appendonly":       "no",
	}
	maps.Copy(settings, more)
	var file strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&file, "%s %s\n", name, settings[name])
	}
	return file.String()
}

// pingRedis asks over a bare connection: a client's pool would log each try that comes too early.
func pingRedis(ctx context.Context, port int, password string) error {
	dialer := net.Dialer{Timeout: time.Second}
	conn, err := dialer.DialContext(ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\nPING\r\nQUIT\r\n", password); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(string(answer), "+OK\r\n+PONG\r\n") {
		return fmt.Errorf("it answered %q", answer)
	}
	return nil
}

// URL is the connection string for database 0, with the password: treat it as a secret.
func (r *Redis) URL() string { return r.url }

// Pid is the process id of the server.
func (r *Redis) Pid() int { return r.process.pid() }

// Dir is the folder in use.
func (r *Redis) Dir() string { return r.dir }

// Done is closed when the server has ended, whatever ended it.
func (r *Redis) Done() <-chan struct{} { return r.process.done }

// Stop shuts the server down; when ctx ends first, it is killed.
func (r *Redis) Stop(ctx context.Context) error {
	return errors.Join(r.process.stop(ctx, syscall.SIGTERM), r.release())
}

// Kill ends the server as a crash would. For tests of what a crash does.
func (r *Redis) Kill() error {
	r.process.kill()
	return r.release()
}

func (r *Redis) release() error { return r.unlock.do(r.lock.Close) }
