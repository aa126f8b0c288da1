package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// Queues. The house has a server of its own, so that a provider that hangs cannot keep places and slots waiting.
const (
	queueHouse    = "house"
	queueCritical = "critical" // somebody is waiting for this message now
	queueDefault  = "default"
	queueBulk     = "bulk"
)

// houseConcurrency is how many periodic tasks run at once; each one at most once.
const houseConcurrency = 8

// Worker runs all tasks. Start as many as there is work for: they agree through PostgreSQL.
type Worker struct {
	client *asynq.Client
	house  *asynq.Server
	sends  *asynq.Server
	tasks  []*periodic
	clock  *clockwork
	sender *sender
	stop   context.CancelFunc
	wg     sync.WaitGroup

	ending  sync.Once
	stopped chan struct{} // closed when everything has ended
}

// New makes a worker on a client of OpenRedis, which the caller closes after Stop. Nothing runs before Start. Redis may be
// away: the worker waits for it.
func New(c Config, rdb *redis.Client, p Ports, reg prometheus.Registerer, log *slog.Logger) (*Worker, error) {
	if !p.complete() {
		return nil, errors.New("make a worker: a port is missing")
	}
	c = c.withDefaults()
	w := &Worker{stopped: make(chan struct{})}
	pulse := newPulse()
	rdb.AddHook(pulse)
	m, err := newMetrics(reg, pulse)
	if err != nil {
		return nil, fmt.Errorf("make a worker: %w", err)
	}
	w.client = asynq.NewClientFromRedisClient(rdb)
	w.clock = &clockwork{client: w.client, clock: p.Clock, log: log, metrics: m}
	w.sender = newSender(c, p, log, m)
	w.tasks = []*periodic{
		sealTask(c, p, m), countTask(c, p, m), enrolTask(c, p, m), assignTask(c, p, m), lapseTask(c, p, m),
		remindTask(c, p, m), newsTask(c, p, m),
		relayTask(c, p, w.client, m), reconcileTask(c, p, m), sweepTask(c, p, m), textsTask(c, p, m), recoverTask(c, p, m),
	}
	w.house = asynq.NewServerFromRedisClient(rdb, serverConfig(c, log, houseConcurrency, map[string]int{queueHouse: 1}))
	w.sends = asynq.NewServerFromRedisClient(rdb, serverConfig(c, log, SendTasks, map[string]int{queueCritical: 6, queueDefault: 3, queueBulk: 1}))
	return w, nil
}

func serverConfig(c Config, log *slog.Logger, concurrency int, queues map[string]int) asynq.Config {
	return asynq.Config{
		Concurrency: concurrency, Queues: queues, Logger: logger{log}, LogLevel: asynq.WarnLevel, RetryDelayFunc: retryDelay,
		ShutdownTimeout:          c.ShutdownTimeout,
		TaskCheckInterval:        200 * time.Millisecond, // asynq polls; this is what an idle message waits
		DelayedTaskCheckInterval: time.Second,
		JanitorInterval:          2 * time.Second, // finished slots; the default would fall behind with many pools
	}
}

// retryDelay brings a dead worker's task back at once: its lease ended long ago.
func retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	if errors.Is(err, asynq.ErrLeaseExpired) {
		return 10 * time.Millisecond
	}
	wait := min(time.Second<<min(n, 5), 30*time.Second)
	return wait + rand.N(wait/2) //nolint:gosec // spreads retries
}

// Start begins to enqueue and to run tasks.
func (w *Worker) Start() error {
	house, sends := asynq.NewServeMux(), asynq.NewServeMux()
	for _, p := range w.tasks {
		house.HandleFunc(p.name, w.clock.handler(p))
	}
	sends.HandleFunc(typeSend, w.sender.handle)
	if err := w.house.Start(house); err != nil {
		return fmt.Errorf("start the periodic tasks: %w", err)
	}
	if err := w.sends.Start(sends); err != nil {
		w.house.Shutdown()
		return fmt.Errorf("start sending: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	for _, p := range w.tasks {
		w.wg.Go(func() { w.clock.follow(ctx, p) })
	}
	return nil
}

// Stop takes no new tasks and lets running ones finish, for ShutdownTimeout at most or until the context ends. What is
// cut off is found by the sweep of another worker. Called again it waits for the same end: Redis' client must not be closed before, because
// asynq panics then.
func (w *Worker) Stop(ctx context.Context) error {
	if w.stop == nil {
		return nil
	}
	w.ending.Do(func() {
		w.stop()
		w.wg.Wait()
		go func() {
			defer close(w.stopped)
			var both sync.WaitGroup
			both.Go(w.house.Shutdown)
			both.Go(w.sends.Shutdown)
			both.Wait()
		}()
	})
	select {
	case <-w.stopped:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop the worker: %w", ctx.Err())
	}
}
