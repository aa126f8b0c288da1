package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"jari/db/private"
)

// There is no container engine where the tests run. So every service's command and environment are started as plain
// processes, in the order that depends_on asks for, with two changes only: names of the compose network become loopback
// addresses, and ports become free ones.
func TestComposeServicesRunAsProcesses(t *testing.T) {
	t.Parallel()
	postgres := composePostgres(t)
	redisAddress := composeRedis(t)
	api, apiInside, workerInside := freeAddress(t), freeAddress(t), freeAddress(t)

	environmentOf := func(service, inside string) (string, []string) {
		command, env := composeService(t, service)
		for i, e := range env {
			k, v, _ := strings.Cut(e, "=")
			switch k {
			case "DATABASE_URL":
				v = rebase(t, v, postgres)
			case "REDIS_URL":
				v = strings.Replace(v, "redis:6379", redisAddress, 1)
			case "JARI_LISTEN":
				v = api
			case "JARI_INTERNAL_LISTEN":
				v = inside
			case "JARI_JOURNAL_DIR": // the volume
				v = t.TempDir()
			}
			env[i] = k + "=" + v
		}
		if len(command) != 1 {
			t.Fatalf("%s: command %q", service, command)
		}
		return command[0], env
	}

	command, env := environmentOf("migrate", "")
	for range 2 { // one-shot, and safe to repeat
		if out, err := jariWith(t.Context(), env, command).CombinedOutput(); err != nil {
			t.Fatalf("migrate: %v\n%s", err, out)
		}
	}
	for service, inside := range map[string]string{"api": apiInside, "worker": workerInside} {
		command, env := environmentOf(service, inside)
		startService(t, service, env, command)
		// The health check of the file, as the container engine would run it.
		untilTrue(t, service+" to be healthy", func() bool {
			return jariWith(t.Context(), env, "healthcheck").Run() == nil
		})
	}
	res, err := http.Get("http://" + api + "/readyz") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the API's public readiness: %s", res.Status)
	}
}

// composePostgres starts PostgreSQL with the settings of the service's command.
func composePostgres(t *testing.T) string {
	t.Helper()
	command, _ := composeService(t, "postgres")
	settings := map[string]string{}
	for i := 1; i+1 < len(command); i += 2 {
		k, v, ok := strings.Cut(command[i+1], "=")
		if command[i] != "-c" || !ok {
			t.Fatalf("postgres: %q", command)
		}
		settings[k] = v
	}
	p, err := private.StartPostgres(t.Context(), private.PostgresOptions{Dir: t.TempDir(), Temporary: true, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	return p.URL()
}

// composeRedis runs the service's command as it is, on a free port, and waits until it asks for its password.
func composeRedis(t *testing.T) string {
	t.Helper()
	command, env := composeService(t, "redis")
	addr := freeAddress(t)
	port := addr[strings.LastIndex(addr, ":")+1:]
	cmd := exec.Command(command[0], append(slices.Clone(command[1:]), "--bind", "127.0.0.1", "--port", port, "--dir", t.TempDir())...)
	cmd.Env = append(os.Environ(), env...)
	runService(t, "redis", cmd)
	var password string
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "REDISCLI_AUTH="); ok {
			password = v
		}
	}
	c := redis.NewClient(&redis.Options{Addr: addr, Password: password})
	t.Cleanup(func() { _ = c.Close() })
	untilTrue(t, "redis to answer", func() bool { return c.Ping(t.Context()).Err() == nil })
	if got := c.ConfigGet(t.Context(), "maxmemory-policy").Val()["maxmemory-policy"]; got != "noeviction" {
		t.Errorf("redis may evict: %s", got)
	}
	return addr
}

// rebase puts another server's user, host and database into an address, and keeps its options.
func rebase(t *testing.T, address, server string) string {
	t.Helper()
	a, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	s, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	if a.Scheme != s.Scheme || a.Host != "postgres:5432" {
		t.Fatalf("DATABASE_URL points to %s", a.Host)
	}
	s.RawQuery = a.RawQuery
	return s.String()
}

func jariWith(ctx context.Context, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append([]string{asProgram + "=1", "PATH=" + os.Getenv("PATH")}, env...)
	return cmd
}

func startService(t *testing.T, name string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append([]string{asProgram + "=1", "PATH=" + os.Getenv("PATH")}, env...)
	runService(t, name, cmd)
}

// runService starts a process and, at the end of the test, asks it to stop as a container engine would.
func runService(t *testing.T, name string, cmd *exec.Cmd) {
	t.Helper()
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s did not stop cleanly: %v\n%.2000s", name, err, out.String())
			}
		case <-time.After(2 * stopTime):
			_ = cmd.Process.Kill()
			t.Errorf("%s did not stop\n%.2000s", name, out.String())
		}
	})
}

func untilTrue(t *testing.T, what string, condition func() bool) {
	t.Helper()
	(&town{t: t}).until(what, time.Minute, condition)
}
