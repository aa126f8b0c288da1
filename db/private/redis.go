package private

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
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
	// Port to listen on. Defaults to one that is free, another one at each start.
	Port int
}

// Redis is a running Redis of our own. It keeps nothing on disk, as the system must bear losing all that is in it.
type Redis struct{ server }

// StartRedis starts a Redis and returns when it answers. It ends with this process at the latest. An error that is
// [ErrMissing] says that Redis is not installed.
func StartRedis(ctx context.Context, options RedisOptions) (*Redis, error) {
	r := &Redis{}
	if err := r.open(ctx, options); err != nil {
		return nil, fmt.Errorf("start a private Redis: %w", err)
	}
	return r, nil
}

func (r *Redis) open(ctx context.Context, options RedisOptions) (err error) {
	path, err := findRedis()
	if err != nil {
		return err
	}
	as, err := serverAccount()
	if err != nil {
		return err
	}
	dir, err := ownFolder(options.Dir) // the server itself opens nothing in it
	if err != nil {
		return err
	}
	if r.server, err = newServer(dir, as); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = r.release()
		}
	}()
	password, err := keptPassword(dir)
	if err != nil {
		return err
	}
	return r.start(ctx, options.Port, "redis.log", func(port int) program {
		cmd := exec.Command(path, "-")
		// The settings go through standard input: the password is then in no file that the server's user can read, and not
		// in the list of processes.
		cmd.Stdin = strings.NewReader(redisSettings(port, password))
		address := url.URL{Scheme: "redis", User: url.UserPassword("", password), Host: "127.0.0.1:" + strconv.Itoa(port), Path: "/0"}
		return program{cmd, syscall.SIGTERM, address.String(), func(ctx context.Context) error { return pingRedis(ctx, port, password) }}
	})
}

// redisSettings is the server's configuration file.
func redisSettings(port int, password string) string {
	return fmt.Sprintf(`bind 127.0.0.1
port %d
requirepass %s
daemonize no
databases %d
# Evicting a task's data would leave the task stuck for ever.
maxmemory-policy noeviction
save ""
appendonly no
`, port, password, redisDatabases)
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

// Stop shuts the server down; when ctx ends first, it is killed.
func (r *Redis) Stop(ctx context.Context) error {
	return errors.Join(r.Process.Stop(ctx, syscall.SIGTERM), r.release())
}

// Kill ends the server as a crash would. For tests of what a crash does.
func (r *Redis) Kill() error {
	r.Process.Kill()
	return r.release()
}
