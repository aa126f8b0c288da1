package private_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"jari/db/private"
)

// helperFolder makes this test program start both servers there, say so, and wait to be killed.
const helperFolder = "JARI_PRIVATE_TEST_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperFolder); dir != "" {
		os.Exit(startAndWait(dir))
	}
	os.Exit(m.Run())
}

func startAndWait(dir string) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	postgres, err := private.StartPostgres(ctx, private.PostgresOptions{Dir: filepath.Join(dir, "postgres")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	redis, err := private.StartRedis(ctx, private.RedisOptions{Dir: filepath.Join(dir, "redis")})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println(postgres.URL(), redis.URL())
	<-ctx.Done()
	return 0
}

// The servers end with the process that started them even when that is killed, and a successor can take over at once.
func TestServersEndWithTheirStarter(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	helper := exec.Command(program)
	helper.Env = append(os.Environ(), helperFolder+"="+dir)
	out, err := helper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var held []net.Conn // whoever holds the other end lives
	for _, address := range strings.Fields(line) {
		c := hold(t, address)
		defer c.Close()
		held = append(held, c)
	}
	if err := helper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait()

	// At once: the old server is still shutting down.
	startPostgres(t, private.PostgresOptions{Dir: filepath.Join(dir, "postgres")})
	startRedis(t, private.RedisOptions{Dir: filepath.Join(dir, "redis")})
	for _, c := range held {
		if err := c.SetReadDeadline(time.Now().Add(15 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the server at %s runs on without its starter", c.RemoteAddr())
		}
	}
	if len(held) != 2 {
		t.Errorf("the helper said %q", line)
	}
}

// hold opens a connection to a server. PostgreSQL's is a session: a connection that has not said yet what it wants keeps a server
// that is shutting down for a minute.
func hold(t *testing.T, address string) net.Conn {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("the helper said %q", address)
	}
	if u.Scheme == "postgres" {
		session, err := pgconn.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := session.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		return c.Conn
	}
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
