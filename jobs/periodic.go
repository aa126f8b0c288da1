package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"jari/booking/desk"
)

const (
	// leastRetention keeps a finished slot's task id taken for at least this long: whole seconds, and longer than two
	// workers' clocks and timers can lie apart.
	leastRetention = 5 * time.Second
	// enqueueTimeout bounds one enqueue: a hung Redis must not hold the ticker.
	enqueueTimeout = time.Second
	// periodicRetries is for a worker that died: a run that failed is not repeated, because the next slot comes.
	periodicRetries = 3
	// longestRest bounds the rest after a run: after a long one there is much to do.
	longestRest = 10 * time.Second
)

// periodic is something that runs once per interval, whatever the number of workers, without a leader: every worker
// enqueues the slot's task under the same task id, and the first one wins. PostgreSQL's clock numbers the slots, so that
// the workers agree on them.
type periodic struct {
	name    string
	every   time.Duration
	timeout time.Duration
	// rest is how long a part rests in this process after a run, as a multiple of what the run took.
	rest int
	// parts lists what runs side by side, one task each (pools); nil for one run.
	parts func(ctx context.Context) ([]int32, error)
	run   func(ctx context.Context, part int32) error
}

// tick is the payload of a periodic task.
type tick struct {
	Slot int64 `json:"slot"`
	Part int32 `json:"part,omitempty"`
}

func (p *periodic) slot(at time.Time) int64 { return at.UnixNano() / int64(p.every) }

func (p *periodic) begins(slot int64) time.Time { return time.Unix(0, slot*int64(p.every)) }

func (p *periodic) taskID(t tick) string {
	if p.parts == nil {
		return fmt.Sprintf("%s:%d", p.name, t.Slot)
	}
	return fmt.Sprintf("%s:%d:%d", p.name, t.Part, t.Slot)
}

// clockwork enqueues the slots of periodic tasks and runs them, each part at most once at a time in this process.
type clockwork struct {
	client  *asynq.Client
	clock   desk.Clock
	log     *slog.Logger
	metrics *metrics
	parts   sync.Map // "name:part" → *turn
}

// turn is held by whoever runs a part.
type turn struct {
	sync.Mutex
	rested time.Time // when the part may run again
}

// follow enqueues every slot of p until the context ends. While Redis is away slots are left out, and nothing is made
// up for: each run looks at everything that is due.
func (w *clockwork) follow(ctx context.Context, p *periodic) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		err := w.enqueue(ctx, p)
		if err != nil && ctx.Err() == nil {
			w.metrics.tasks.WithLabelValues(p.name, "not_enqueued").Inc()
			if !failing {
				w.log.Warn("a periodic task cannot be enqueued; further failures are counted only", "task", p.name, "error", err)
			}
		}
		failing = err != nil
		now := w.clock.Now()
		timer.Reset(max(p.begins(p.slot(now)+1).Sub(now), time.Millisecond))
	}
}

func (w *clockwork) enqueue(ctx context.Context, p *periodic) error {
	ctx, cancel := context.WithTimeout(ctx, enqueueTimeout)
	defer cancel()
	slot := p.slot(w.clock.Now())
	parts := []int32{0}
	if p.parts != nil {
		var err error
		if parts, err = p.parts(ctx); err != nil {
			return err
		}
	}
	for _, part := range parts {
		at := tick{Slot: slot, Part: part}
		payload, err := json.Marshal(at)
		if err != nil {
			return err
		}
		_, err = w.client.EnqueueContext(ctx, asynq.NewTask(p.name, payload), asynq.Queue(queueHouse), asynq.TaskID(p.taskID(at)),
			asynq.Retention(max(2*p.every, leastRetention)), asynq.MaxRetry(periodicRetries), asynq.Timeout(p.timeout))
		if err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return err
		}
	}
	return nil
}

// handler runs p for its slot. A slot that waited for long is left out, so that a backlog does not become a storm. An
// error is logged and counted, and not retried: the next slot does the same work.
func (w *clockwork) handler(p *periodic) asynq.HandlerFunc {
	return func(ctx context.Context, task *asynq.Task) error {
		var at tick
		if err := json.Unmarshal(task.Payload(), &at); err != nil {
			return fmt.Errorf("read a tick: %w", asynq.SkipRetry)
		}
		if w.clock.Now().Sub(p.begins(at.Slot)) > max(3*p.every, leastRetention) {
			w.metrics.tasks.WithLabelValues(p.name, "stale").Inc()
			return nil
		}
		kept, _ := w.parts.LoadOrStore(fmt.Sprintf("%s:%d", p.name, at.Part), &turn{})
		mine := kept.(*turn) //nolint:forcetypeassert // stored in the line above
		if !mine.TryLock() {
			w.metrics.tasks.WithLabelValues(p.name, "overlap").Inc()
			return nil
		}
		defer mine.Unlock()
		began := time.Now()
		if began.Before(mine.rested) {
			return nil
		}
		err := p.run(ctx, at.Part)
		mine.rested = time.Now().Add(min(time.Duration(p.rest)*time.Since(began), longestRest))
		w.metrics.ran(p.name, began, err)
		if err != nil {
			w.log.Warn("a task failed; its next run goes on", "task", p.name, "part", at.Part, "error", err)
		}
		return nil
	}
}
