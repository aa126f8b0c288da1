package rush

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"jari/cmd/jari/load"
)

// later holds what has to be sent again, by its time.
type later struct {
	mu     sync.Mutex
	events eventHeap
}

func (l *later) push(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	heap.Push(&l.events, e)
}

// pop takes what is due.
func (l *later) pop(now int64) (event, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.events) == 0 || l.events[0].at > now {
		return event{}, false
	}
	e, _ := heap.Pop(&l.events).(event)
	return e, true
}

type eventHeap []event

func (h eventHeap) Len() int           { return len(h) }
func (h eventHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h eventHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push and Pop implement heap.Interface.
func (h *eventHeap) Push(x any) {
	if e, ok := x.(event); ok {
		*h = append(*h, e)
	}
}
func (h *eventHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	*h = (*h)[:last]
	return e
}

// crew is the connections in use. It grows while requests are due and every connection waits for an answer, so that a
// system that answers slowly is not spared.
type crew struct {
	rush    *Rush
	due     chan event
	wg      sync.WaitGroup
	workers int
}

// mostHired bounds how many connections are added within a tick.
const mostHired = 64

// hire adds connections for what is due and was taken by nobody.
func (c *crew) hire(ctx context.Context) {
	for range min(len(c.due), mostHired, c.rush.config.Conns-c.workers) {
		w := newWorker(c.rush, c.workers)
		c.workers++
		c.wg.Go(func() {
			defer w.close()
			for e := range c.due {
				w.do(ctx, e)
			}
		})
	}
}

// drive waits for the opening, lets everybody do what is planned, and returns when everybody was answered, or nothing
// moves any more.
func (r *Rush) drive(ctx context.Context) error {
	for i, n := range r.nodes { // whether all can be reached: better now than at the opening
		w := newWorker(r, i)
		if err := w.dial(ctx); err != nil {
			return fmt.Errorf("connect to %s: %w", n.host, err)
		}
		w.close()
	}
	c := &crew{rush: r, due: make(chan event, 1<<16)}
	r.dispatch(ctx, c)
	close(c.due)
	c.wg.Wait()
	r.connections = c.workers
	return ctx.Err()
}

// tick is how often the dispatcher looks what is due. It is well below what the judge or a person could notice.
const tick = time.Millisecond

// dispatch hands out events when they are due. It sleeps between them and never waits for an answer, so that a slow
// system is offered as much as a quick one; what the connections cannot take at once is counted as behind.
func (r *Rush) dispatch(ctx context.Context, c *crew) {
	if wait := time.Until(r.opening.Add(-beforeOpening - tick)); wait > 0 {
		_ = load.Pause(ctx, wait)
	}
	next, last := 0, time.Duration(0)
	for ctx.Err() == nil {
		now := r.now()
		for ; next < len(r.events) && r.events[next].at <= now; next++ {
			c.due <- r.events[next]
		}
		for e, ok := r.later.pop(now); ok; e, ok = r.later.pop(now) {
			c.due <- e
		}
		c.hire(ctx)
		switch since := time.Duration(now); {
		case since >= 0 && last < 0 || last == 0:
			r.say("rush")
			last = max(since, 1)
		case since > r.config.Over:
			r.say("finishing")
		}
		if next == len(r.events) && (r.chains.Load() == 0 || r.stuck(now)) {
			return
		}
		_ = load.Pause(ctx, tick)
	}
}

// still is after how long without any progress people give up.
const still = 45 * time.Second

// stuck reports whether nothing more is to be expected.
func (r *Rush) stuck(now int64) bool {
	over := int64(r.config.Over)
	return now > over+int64(r.config.Patience) || now > max(r.moved.Load(), over)+int64(still)
}

// again plans a repetition after a pause.
func (r *Rush) again(e event, after time.Duration) {
	e.at = r.now() + int64(after)
	if e.try < 255 {
		e.try++
	}
	r.later.push(e)
}

// backoff is how long an app waits after a connection that broke: longer every time, and never the same.
func backoff(rng *rand.Rand, try uint8) time.Duration {
	longest := 250 * time.Millisecond << min(try, 4)
	return 50*time.Millisecond + time.Duration(rng.Int64N(int64(longest)))
}
