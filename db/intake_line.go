package db

import (
	"sync"
	"sync/atomic"
	"time"
)

// line is the bounded queue in front of the flushers. A flusher takes everything that waits, up to a batch, under one
// lock: cheaper than a channel, which locks for every application.
type line struct {
	mu     sync.Mutex
	some   sync.Cond
	rows   []*caller
	limit  int
	closed bool
	// length is readable without the lock, for the refusals: they must not queue up for it.
	length atomic.Int64
}

func (l *line) init(limit int) {
	l.some.L, l.limit = &l.mu, limit
}

// add reports false when the line is full or closed.
func (l *line) add(w *caller) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.rows) >= l.limit {
		return false
	}
	l.rows = append(l.rows, w)
	l.length.Store(int64(len(l.rows)))
	l.some.Signal()
	return true
}

// take waits for applications and removes up to limit of them, the longest waiting first. It returns nil when the line is
// closed and empty.
func (l *line) take(limit int) []*caller {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.rows) == 0 {
		if l.closed {
			return nil
		}
		l.some.Wait()
	}
	n := min(limit, len(l.rows))
	return l.cut(n)
}

// cut removes the first n. What stays moves to a slice of its own, so that what was answered can be freed.
func (l *line) cut(n int) []*caller {
	out := l.rows[:n:n]
	if rest := l.rows[n:]; len(rest) > 0 {
		l.rows = append(make([]*caller, 0, max(2*len(rest), 64)), rest...)
		l.some.Signal() // another flusher may be free
	} else {
		l.rows = nil
	}
	l.length.Store(int64(len(l.rows)))
	return out
}

// drop removes those who came before an instant. They stand in the order in which they came.
func (l *line) drop(before time.Time) []*caller {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.rows) && l.rows[n].at.Before(before) {
		n++
	}
	if n == 0 {
		return nil
	}
	return l.cut(n)
}

// close reports whether it was open.
func (l *line) close() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := !l.closed
	l.closed = true
	l.some.Broadcast()
	return was
}

func (l *line) len() int { return int(l.length.Load()) }

func (l *line) full() bool { return int(l.length.Load()) >= l.limit }
