// Package textbench has the parts of `jari bench-texts` that know none of our rooms: what asynq can do at best, what the phones showed, and
// the report.
package textbench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Noop runs tasks that do nothing through asynq, one task a message as it would be without batches: enqueued by one client while one server
// with so many hands works them off. It returns how many were done in a second, from the first enqueue to the last task.
func Noop(ctx context.Context, rdb redis.UniversalClient, tasks, hands int) (float64, error) {
	var left atomic.Int64
	left.Store(int64(tasks))
	done := make(chan struct{})
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: hands, Queues: map[string]int{"noop": 1}, LogLevel: asynq.ErrorLevel, TaskCheckInterval: 200 * time.Millisecond,
	})
	err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if left.Add(-1) == 0 {
			close(done)
		}
		return nil
	}))
	if err != nil {
		return 0, fmt.Errorf("start asynq: %w", err)
	}
	defer server.Shutdown()
	client := asynq.NewClientFromRedisClient(rdb)
	began := time.Now()
	for i := range tasks {
		task := asynq.NewTask("noop", []byte(strconv.Itoa(i)))
		if _, err := client.EnqueueContext(ctx, task, asynq.Queue("noop"), asynq.TaskID("noop:"+strconv.Itoa(i)), asynq.MaxRetry(5), asynq.Timeout(30*time.Second)); err != nil {
			return 0, fmt.Errorf("enqueue: %w", err)
		}
	}
	select {
	case <-done:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(5 * time.Minute):
		return 0, errors.New("asynq did not end in five minutes")
	}
	return float64(tasks) / time.Since(began).Seconds(), nil
}
