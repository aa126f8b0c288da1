package db

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Clock is PostgreSQL's clock as one node sees it: an offset to the node's own monotonic reading, taken at the least
// round trip. Wall clocks are never used, so a node whose clock is wrong or jumps changes no order.
type Clock struct {
	mu      sync.RWMutex
	base    time.Time     // the monotonic instant of the best sample
	at      time.Time     // PostgreSQL's time at that instant
	half    time.Duration // half its round trip: how wrong it can be
	sampled bool
	now     func() time.Time
}

const (
	// drift is how far two quartz clocks part, generously: 100 parts per million.
	drift = 100e-6
	// MaxBound is the largest error at which a node may take arrivals (design, "Arriving", 1).
	MaxBound = 250 * time.Millisecond
)

// NewClock makes a clock that knows nothing yet: until the first Sample its bound is an hour and the node unready.
func NewClock() *Clock { return &Clock{now: time.Now} }

// NewShiftedClock makes a clock over an own clock that is wrong by shift: for tests and rehearsals of a node whose clock
// was set. Its readings are whole instants, without Go's hidden monotonic part, so nothing else can put them right.
func NewShiftedClock(shift time.Duration) *Clock {
	return &Clock{now: func() time.Time { return time.Now().Add(shift).Round(0) }}
}

// Sample asks PostgreSQL for the time and keeps the answer if it is more exact than what is known.
func (c *Clock) Sample(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("sample the database clock: %w", err)
	}
	defer conn.Release()
	var at time.Time
	sent := c.now()
	if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&at); err != nil {
		return fmt.Errorf("sample the database clock: %w", err)
	}
	c.keep(sent, c.now(), at)
	return nil
}

func (c *Clock) keep(sent, got, at time.Time) {
	half := got.Sub(sent) / 2
	c.mu.Lock()
	defer c.mu.Unlock()
	// A sample outside of what both bounds allow means that our monotonic clock stood still (a paused machine) or that
	// PostgreSQL's was set: the old offset is worth nothing, however exact it was.
	contradicts := c.sampled && c.at.Add(sent.Add(half).Sub(c.base)).Sub(at).Abs() > half+c.boundAt(got)
	if c.sampled && !contradicts && half >= c.boundAt(got) {
		return
	}
	c.base, c.at, c.half, c.sampled = sent.Add(half), at, half, true
}

// Now is our time, in microseconds.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !c.sampled {
		return c.now().UTC().Truncate(time.Microsecond)
	}
	return c.at.Add(c.now().Sub(c.base)).UTC().Truncate(time.Microsecond)
}

// Bound is how wrong Now can be.
func (c *Clock) Bound() time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if !c.sampled {
		return time.Hour
	}
	return c.boundAt(c.now())
}

func (c *Clock) boundAt(t time.Time) time.Duration {
	return c.half + time.Duration(float64(t.Sub(c.base))*drift)
}

// Run samples every interval until the context ends. Errors are passed to report and the next sample is awaited.
func (c *Clock) Run(ctx context.Context, pool *pgxpool.Pool, every time.Duration, report func(error)) {
	repeat(ctx, every, 2*time.Second, report, func(ctx context.Context) error { return c.Sample(ctx, pool) })
}
