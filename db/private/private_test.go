package private_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"jari/db/private"
)

// folder is a temporary folder. t.TempDir's would lie in one that the servers' user may not enter when the tests run as
// root.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "jari-private-test-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func startPostgres(t *testing.T, options private.PostgresOptions) *private.Postgres {
	t.Helper()
	server, err := private.StartPostgres(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server.Stop) })
	return server
}

func startRedis(t *testing.T, options private.RedisOptions) *private.Redis {
	t.Helper()
	server, err := private.StartRedis(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server.Stop) })
	return server
}

func stop(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := f(ctx); err != nil {
		t.Error(err)
	}
}

func query(t *testing.T, databaseURL, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var answer string
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func execute(t *testing.T, databaseURL, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestPostgresIsPrivate(t *testing.T) {
	t.Parallel()
	server := startPostgres(t, private.PostgresOptions{
		Dir: folder(t), Durable: true, Settings: map[string]string{"work_mem": "5MB"},
	})
	for setting, want := range map[string]string{
		"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "on", "synchronous_commit": "on",
		"full_page_writes": "on", "server_encoding": "UTF8", "lc_collate": "C", "TimeZone": "UTC",
		"work_mem": "5MB", "password_encryption": "scram-sha-256",
	} {
		sql := fmt.Sprintf("SELECT current_setting('%s')", setting)
		if setting == "lc_collate" { // not a setting any more since PostgreSQL 16
			sql = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
		}
		if got := query(t, server.URL(), sql); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}

	config, err := pgx.ParseConfig(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	config.Password = "guess"
	if conn, err := pgx.ConnectConfig(t.Context(), config); err == nil {
		conn.Close(t.Context())
		t.Error("a wrong password was let in")
	}
	info, err := os.Stat(filepath.Join(server.Dir(), "password"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v, %v, want mode 0600", info.Mode(), err)
	}
}

func TestPostgresKeepsItsDataAndEndsWhenStopped(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := startPostgres(t, private.PostgresOptions{Dir: dir})
	if got := query(t, first.URL(), "SELECT current_setting('fsync')"); got != "off" {
		t.Errorf("fsync is %s for tests, want off", got)
	}
	execute(t, first.URL(), "CREATE TABLE kept (word text)")
	execute(t, first.URL(), "INSERT INTO kept VALUES ('자리')")
	stop(t, first.Stop)
	select {
	case <-first.Done():
	default:
		t.Error("stopped, but not done")
	}
	stop(t, first.Stop) // a second time is no error

	second := startPostgres(t, private.PostgresOptions{Dir: dir})
	if got := query(t, second.URL(), "SELECT word FROM kept"); got != "자리" {
		t.Errorf("read back %q", got)
	}
}

func TestPostgresAfterACrashOnTheSamePort(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := startPostgres(t, private.PostgresOptions{Dir: dir, Durable: true})
	execute(t, first.URL(), "CREATE TABLE kept (word text)")
	execute(t, first.URL(), "INSERT INTO kept VALUES ('committed')")
	port := portOf(t, first.URL())
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}
	second := startPostgres(t, private.PostgresOptions{Dir: dir, Durable: true, Port: port})
	if second.URL() != first.URL() {
		t.Error("the address is another one than before the crash")
	}
	if got := query(t, second.URL(), "SELECT word FROM kept"); got != "committed" {
		t.Errorf("read back %q", got)
	}
}

func portOf(t *testing.T, databaseURL string) int {
	t.Helper()
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return int(config.Port)
}

func TestPostgresFolderInUse(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	startPostgres(t, private.PostgresOptions{Dir: dir})
	_, err := private.StartPostgres(t.Context(), private.PostgresOptions{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "in use by another running process") {
		t.Errorf("a second server on the same folder: %v", err)
	}
}

// A database that another program works in is not emptied under it; afterwards it is.
func TestFreshDatabaseInUse(t *testing.T) {
	t.Parallel()
	server := startPostgres(t, private.PostgresOptions{Dir: folder(t)})
	address, err := private.FreshDatabase(t.Context(), server.URL(), "jari_fresh")
	if err != nil {
		t.Fatal(err)
	}
	working, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := private.FreshDatabase(t.Context(), server.URL(), "jari_fresh"); err == nil || !strings.Contains(err.Error(), "in use by another running process") {
		t.Errorf("made anew under who works in it: %v", err)
	}
	if err := working.Ping(t.Context()); err != nil {
		t.Errorf("who works in it has lost it: %v", err)
	}
	if err := working.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := private.FreshDatabase(t.Context(), server.URL(), "jari_fresh"); err != nil {
		t.Errorf("nobody works in it any more: %v", err)
	}
}

// A number in postmaster.pid may by now be that of some other program of the same user, which PostgreSQL cannot tell
// from a server.
func TestPostgresStalePidOfAnotherProgram(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := startPostgres(t, private.PostgresOptions{Dir: dir})
	pidFile := filepath.Join(first.Dir(), "data", "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := os.Stat(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Kill(); err != nil {
		t.Fatal(err)
	}

	other := exec.Command("sleep", "60")
	stat, ok := owner.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no owner")
	}
	if os.Geteuid() == 0 {
		other.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stat.Uid, Gid: stat.Gid}}
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	startPostgres(t, private.PostgresOptions{Dir: dir})
}

func TestPostgresPortTaken(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("no address")
	}
	_, err = private.StartPostgres(t.Context(), private.PostgresOptions{Dir: folder(t), Port: address.Port})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is taken", address.Port)) {
		t.Errorf("on a taken port: %v", err)
	}
}

func TestPostgresBadSettingShowsItsLog(t *testing.T) {
	t.Parallel()
	_, err := private.StartPostgres(t.Context(), private.PostgresOptions{
		Dir: folder(t), Settings: map[string]string{"no_such_setting": "1"},
	})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("got %v", err)
	}
}

// A folder that another user cannot get into, as root's home is, is not used for servers of another user.
func TestFolderThatTheServersUserMayNotEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root starts the servers as another user")
	}
	closed := filepath.Join(folder(t), "deeper") // MkdirTemp's folders are closed to others
	server := startPostgres(t, private.PostgresOptions{Dir: closed, Temporary: true})
	if server.Dir() == closed {
		t.Fatal("it says that it runs in a folder that it cannot enter")
	}
	noted, err := os.ReadFile(filepath.Join(closed, "moved-to"))
	if err != nil || strings.TrimSpace(string(noted)) != server.Dir() {
		t.Errorf("moved-to says %q (%v), want %s", noted, err, server.Dir())
	}
	stop(t, server.Stop)
	if _, err := os.Stat(server.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a temporary folder is left: %v", err)
	}
}

func TestRedisIsPrivateAndDisposable(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	server := startRedis(t, private.RedisOptions{Dir: dir})
	options, err := redis.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	for setting, want := range map[string]string{
		"maxmemory-policy": "noeviction", "save": "", "appendonly": "no", "bind": "127.0.0.1",
	} {
		if got := client.ConfigGet(t.Context(), setting).Val()[setting]; got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if err := client.Set(t.Context(), "word", "lost", 0).Err(); err != nil {
		t.Fatal(err)
	}

	stranger := *options
	stranger.Password = ""
	anonymous := redis.NewClient(&stranger)
	defer anonymous.Close()
	if err := anonymous.Ping(t.Context()).Err(); err == nil {
		t.Error("without a password it was let in")
	}

	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(options.Addr)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	again := startRedis(t, private.RedisOptions{Dir: dir, Port: number})
	if again.URL() != server.URL() {
		t.Error("the address is another one than before the crash")
	}
	if err := client.Get(t.Context(), "word").Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("after a restart: %v, want nothing there", err)
	}
}

func TestSharedServers(t *testing.T) {
	t.Parallel()
	databaseURL, redisURL, stopServers, err := private.Shared(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer stopServers()
	if got := query(t, databaseURL, "SELECT current_database()"); got == "" {
		t.Error("no database")
	}
	seen := map[string]bool{}
	for range 3 {
		one, err := private.RedisDatabase(t.Context(), redisURL)
		if err != nil {
			t.Fatal(err)
		}
		if seen[one] {
			t.Error("a Redis database was given out twice")
		}
		seen[one] = true
		options, err := redis.ParseURL(one)
		if err != nil {
			t.Fatal(err)
		}
		client := redis.NewClient(options)
		size, err := client.DBSize(t.Context()).Result()
		if err != nil || size != 0 {
			t.Errorf("a database of its own has %d keys (%v), want none", size, err)
		}
		client.Close()
	}
}
