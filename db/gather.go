package db

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"jari/booking"
)

// gather carries out together what many callers ask for at the same time: what comes while its hands are busy forms the next batch, so
// that a lone caller waits for nobody and a thousand share a statement and a commit. It has goroutines only while there is work.
type gather[Q, R any] struct {
	// do carries a batch out and has an outcome for each, in order. An error is everybody's; one that comes from a single row makes the
	// batch be halved until that row stands alone.
	do func(ctx context.Context, asked []Q) ([]done[R], error)
	// key tells apart what must not be in one batch; nil: everything may.
	key   func(Q) any
	queue int // callers that may wait
	batch int // callers in one batch at most
	hands int // batches under way at once

	mu      sync.Mutex
	waiting []*asking[Q, R]
	working int
	length  atomic.Int64
}

// done is what became of one request.
type done[R any] struct {
	result R
	err    error
}

type asking[Q, R any] struct {
	what Q
	out  chan done[R] // holds one
}

var errManyWait = errors.New("too many wait for the database")

// ask waits for the outcome, or for the end of the context; then it may be carried out all the same. It returns CodeOverloaded when too
// many wait already.
func (g *gather[Q, R]) ask(ctx context.Context, what Q) (R, error) {
	a := &asking[Q, R]{what: what, out: make(chan done[R], 1)}
	if !g.add(a) {
		var none R
		return none, booking.Fail(booking.CodeOverloaded, errManyWait)
	}
	select {
	case d := <-a.out:
		return d.result, d.err
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

// len is how many wait.
func (g *gather[Q, R]) len() int { return int(g.length.Load()) }

func (g *gather[Q, R]) add(a *asking[Q, R]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) >= g.queue {
		return false
	}
	g.waiting = append(g.waiting, a)
	g.length.Store(int64(len(g.waiting)))
	if g.working < g.hands {
		g.working++
		go g.work()
	}
	return true
}

func (g *gather[Q, R]) work() {
	for {
		batch := g.take()
		if batch == nil {
			return
		}
		// The callers' contexts do not count: one that hangs up must not cancel what the others wait for.
		ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
		g.carry(ctx, batch)
		cancel()
	}
}

// take removes the next batch, the longest waiting first; nil ends the hand, under the lock, so that nobody is left behind.
func (g *gather[Q, R]) take() []*asking[Q, R] {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		g.working--
		return nil
	}
	var batch, rest []*asking[Q, R]
	if n := min(g.batch, len(g.waiting)); g.key == nil {
		batch, rest = g.waiting[:n:n], g.waiting[n:]
	} else {
		batch, rest = g.apart(n)
	}
	g.waiting = append(make([]*asking[Q, R], 0, len(rest)), rest...) // what was answered can be freed
	g.length.Store(int64(len(rest)))
	return batch
}

// apart takes up to n that may be in one batch.
func (g *gather[Q, R]) apart(n int) (batch, rest []*asking[Q, R]) {
	seen := make(map[any]bool, n)
	for _, a := range g.waiting {
		k := g.key(a.what)
		if len(batch) == n || seen[k] {
			rest = append(rest, a)
			continue
		}
		seen[k] = true
		batch = append(batch, a)
	}
	return batch, rest
}

func (g *gather[Q, R]) carry(ctx context.Context, batch []*asking[Q, R]) {
	asked := make([]Q, len(batch))
	for i, a := range batch {
		asked[i] = a.what
	}
	var outcomes []done[R]
	err := retried(ctx, func() (err error) {
		outcomes, err = g.do(ctx, asked)
		return err
	})
	switch {
	case err == nil:
		for i, a := range batch {
			a.out <- outcomes[i]
		}
	case len(batch) > 1 && (rowFault(err) || booking.CodeOf(err) != ""):
		g.carry(ctx, batch[:len(batch)/2])
		g.carry(ctx, batch[len(batch)/2:])
	default:
		for _, a := range batch {
			a.out <- done[R]{err: err}
		}
	}
}

// A hanging database is noticed by the callers, each of whom has a context; this only bounds how many of them can pile up.
const (
	gatherQueue = 4096
	gatherHands = 2
)

// gathering makes a gather with the usual bounds.
func gathering[Q, R any](batch int, key func(Q) any, do func(ctx context.Context, asked []Q) ([]done[R], error)) *gather[Q, R] {
	return &gather[Q, R]{do: do, key: key, queue: gatherQueue, batch: batch, hands: gatherHands}
}

// soon is how long a read or a write of the text door may take.
const soon = writeTimeout + time.Second
