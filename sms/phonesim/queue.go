package phonesim

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// job is work that is due at an instant.
type job struct {
	due time.Time
	seq uint64 // keeps the order of jobs that are due together
	run func(context.Context)
}

// queue runs jobs when they are due, with a fixed number of workers. It holds at most limit waiting jobs.
type queue struct {
	workers int
	limit   int

	mu      sync.Mutex
	jobs    jobHeap
	seq     uint64
	stopped bool

	wake   chan struct{} // holds at most one note that the heap changed
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

func newQueue(workers, limit int) *queue {
	ctx, cancel := context.WithCancel(context.Background())
	return &queue{workers: workers, limit: limit, wake: make(chan struct{}, 1), ctx: ctx, cancel: cancel}
}

// start starts one dispatcher and the workers.
func (q *queue) start() {
	work := make(chan func(context.Context))
	q.wg.Go(func() {
		defer close(work)
		q.dispatch(work)
	})
	for range q.workers {
		q.wg.Go(func() {
			for run := range work {
				run(q.ctx)
			}
		})
	}
}

// stop drops the waiting jobs, cancels the running ones and waits for them.
func (q *queue) stop() {
	q.mu.Lock()
	q.stopped = true
	q.jobs = nil
	q.mu.Unlock()
	q.cancel()
	q.wg.Wait()
}

// add orders a job after a delay. It returns false when the queue is full or stopped: the job will never run.
func (q *queue) add(delay time.Duration, run func(context.Context)) bool {
	q.mu.Lock()
	if q.stopped || len(q.jobs) >= q.limit {
		q.mu.Unlock()
		return false
	}
	q.seq++
	heap.Push(&q.jobs, job{due: time.Now().Add(delay), seq: q.seq, run: run})
	first := q.jobs[0].seq == q.seq
	q.mu.Unlock()
	if first { // only a new first job changes what the dispatcher waits for
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return true
}

// full reports whether add would refuse.
func (q *queue) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stopped || len(q.jobs) >= q.limit
}

// dispatch hands due jobs to the workers until the queue stops. While all workers are busy it waits here and the heap
// grows, up to its limit.
func (q *queue) dispatch(work chan<- func(context.Context)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		run, wait := q.next()
		if run != nil {
			select {
			case work <- run:
				continue
			case <-q.ctx.Done():
				return
			}
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-q.wake:
		case <-q.ctx.Done():
			return
		}
	}
}

// next takes the first job that is due, or tells how long there is none.
func (q *queue) next() (func(context.Context), time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		return nil, time.Hour
	}
	if wait := time.Until(q.jobs[0].due); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&q.jobs).(job).run, 0
}

// jobHeap is a heap.Interface, the earliest job first.
type jobHeap []job

func (h jobHeap) Len() int { return len(h) }
func (h jobHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
func (h jobHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *jobHeap) Push(x any)   { *h = append(*h, x.(job)) }
func (h *jobHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = job{} // lets go of the closure
	*h = old[:len(old)-1]
	return last
}
