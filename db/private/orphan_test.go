package private_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

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
	fmt.Println("running", postgres.Pid(), redis.Pid())
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
	var postgresPid, redisPid int
	if _, err := fmt.Sscanf(strings.TrimSpace(line), "running %d %d", &postgresPid, &redisPid); err != nil {
		t.Fatalf("the helper said %q", line)
	}
	if err := helper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait()

	// At once: the old server is still shutting down.
	startPostgres(t, private.PostgresOptions{Dir: filepath.Join(dir, "postgres")})
	startRedis(t, private.RedisOptions{Dir: filepath.Join(dir, "redis")})
	for _, pid := range []int{postgresPid, redisPid} {
		waitGone(t, pid)
	}
}

func waitGone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for running(pid) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d runs on without its starter", pid)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// running is false also for a process that has ended and that nobody has waited for yet.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil && !fileExists("/proc/self/stat")
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
