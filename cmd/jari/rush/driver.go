package rush

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
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

// drive connects, waits for the opening, lets everybody do what is planned, and returns when everybody was answered, or
// nothing moves any more.
func (r *Rush) drive(ctx context.Context) error {
	workers := make([]*worker, r.config.Conns)
	for i := range workers {
		workers[i] = newWorker(r, i)
	}
	for i := range r.nodes { // better now than at the opening; the others connect when they have something to send
		if err := workers[i%len(workers)].dial(ctx); err != nil {
			return fmt.Errorf("connect to %s: %w", r.nodes[i].host, err)
		}
	}
	due := make(chan event, 1<<16)
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			defer w.close()
			for e := range due {
				w.do(ctx, e)
			}
		})
	}
	r.dispatch(ctx, due)
	close(due)
	wg.Wait()
	return ctx.Err()
}

// tick is how often the dispatcher looks what is due. It is well below what the judge or a person could notice.
const tick = time.Millisecond

// dispatch hands out events when they are due. It sleeps between them and never waits for an answer, so that a slow
// system is offered as much as a quick one; what the connections cannot take at once is counted as behind.
func (r *Rush) dispatch(ctx context.Context, due chan<- event) {
	if wait := time.Until(r.opening.Add(-beforeOpening - tick)); wait > 0 {
		pause(ctx, wait)
	}
	next, last := 0, time.Duration(0)
	for ctx.Err() == nil {
		now := r.now()
		for ; next < len(r.events) && r.events[next].at <= now; next++ {
			due <- r.events[next]
		}
		for e, ok := r.later.pop(now); ok; e, ok = r.later.pop(now) {
			due <- e
		}
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
		pause(ctx, tick)
	}
}

// still is after how long without any progress people give up.
const still = 45 * time.Second

// stuck reports whether nothing more is to be expected.
func (r *Rush) stuck(now int64) bool {
	over := int64(r.config.Over)
	return now > over+int64(r.config.Patience) || now > max(r.moved.Load(), over)+int64(still)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
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
