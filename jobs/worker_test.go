package jobs_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"jari/db/dbtest"
	"jari/db/private"
	"jari/jobs"
)

// TestOneRunPerSlot lets three workers follow the same slots: each slot runs once.
func TestOneRunPerSlot(t *testing.T) {
	t.Parallel()
	address := dbtest.Redis(t)
	c := &counted{pools: []int32{1, 2}}
	config := jobs.Config{Seal: 200 * time.Millisecond, Assign: 200 * time.Millisecond}
	var workers []*jobs.Worker
	for range 3 {
		w, _, _ := startWorker(t, openRedis(t, address), config, ports(c))
		workers = append(workers, w)
	}
	until(t, "ten slots", func() bool { return c.sealed.Load() >= 10 && c.rounds.Load() >= 20 })
	for _, w := range workers {
		stopWorker(t, w)
	}
	inspect := asynq.NewInspectorFromRedisClient(openRedis(t, address))
	done, err := inspect.ListCompletedTasks("house", asynq.PageSize(10_000))
	if err != nil {
		t.Fatal(err)
	}
	slots := map[string]int64{}
	for _, task := range done {
		slots[task.Type]++
	}
	if got := c.sealed.Load(); got != slots["seal"] {
		t.Errorf("sealed %d times in %d slots", got, slots["seal"])
	}
	if got := c.rounds.Load(); got != slots["assign"] {
		t.Errorf("%d rounds in %d slots of two pools", got, slots["assign"])
	}
}

func TestEveryTaskRunsAndFailuresAreCounted(t *testing.T) {
	t.Parallel()
	c := &counted{pools: []int32{1}, fail: errors.New("the database is away")}
	quick := 100 * time.Millisecond
	_, reg, log := startWorker(t, openRedis(t, dbtest.Redis(t)),
		jobs.Config{Seal: quick, Enrol: quick, Assign: quick, Lapse: quick, Relay: quick, Reconcile: quick, Sweep: quick}, ports(c))
	for _, task := range []string{"seal", "enrol", "assign", "lapse", "relay", "reconcile", "sweep"} {
		until(t, task, func() bool { return metric(t, reg, "jari_tasks_total", "failed", task) >= 2 })
	}
	if !strings.Contains(log.String(), "the database is away") {
		t.Error("a failure is not in the log")
	}
	if n := metric(t, reg, "jari_stuck", "pending"); n != 3 {
		t.Errorf("%v stuck, want 3", n)
	}
}

func TestMissingPortIsAnError(t *testing.T) {
	t.Parallel()
	p := ports(&counted{})
	p.OpenTexts = nil
	if _, err := jobs.New(jobs.Config{}, openRedis(t, "redis://127.0.0.1:1/0"), p, nil, nil); err == nil {
		t.Fatal("a worker without a port was made")
	}
	if _, err := jobs.OpenRedis("http://user:hunter2@nowhere"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Fatalf("a wrong address gave %v", err)
	}
}

// counter counts the commands of a client.
type counter struct{ n atomic.Int64 }

func (c *counter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error { c.n.Add(1); return next(ctx, cmd) }
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error { c.n.Add(1); return next(ctx, cmds) }
}

// TestRedisGoesAndComes kills Redis, starts an empty one in its place, and lets that one hang for a while.
func TestRedisGoesAndComes(t *testing.T) {
	t.Parallel()
	server, err := private.StartRedis(t.Context(), private.RedisOptions{Dir: filepath.Join(t.TempDir(), "redis")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Kill() })
	c, commands := &counted{}, &counter{}
	rdb := openRedis(t, server.URL())
	_, reg, _ := startWorker(t, rdb, jobs.Config{}, ports(c))
	rdb.AddHook(commands)
	up := func() bool { return metric(t, reg, "jari_redis_up") == 1 }
	runs := func() bool {
		before := c.sealed.Load()
		until(t, "a run", func() bool { return c.sealed.Load() > before })
		return true
	}
	runs()
	if !up() {
		t.Fatal("Redis counts as away while it answers")
	}

	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "notice that Redis is away", func() bool { return !up() })
	began, at := time.Now(), commands.n.Load()
	until(t, "further tries", func() bool { return commands.n.Load() >= at+30 })
	if took := time.Since(began); took < 150*time.Millisecond {
		t.Errorf("30 tries took %v: the worker spins", took)
	}

	address, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	server, err = private.StartRedis(t.Context(), private.RedisOptions{Dir: server.Dir(), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "notice that Redis is back", up)
	runs()

	pid := server.Pid()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	until(t, "notice that Redis hangs", func() bool { return !up() })
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	runs()
}
