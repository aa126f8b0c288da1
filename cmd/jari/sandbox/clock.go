package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/db"
)

// Clock is the sandbox's clock: the one of its database, and those of the nodes that read it.
type Clock struct {
	address string // from Prepare

	moves sync.Mutex // one at a time
	// mu is not held while the clock moves: who asks for the time must not wait for who waits for the clock.
	mu    sync.RWMutex
	nodes []node
}

type node struct {
	clock *db.Clock
	pool  *pgxpool.Pool
}

// NewClock makes the clock of a database, by the address that Prepare returned.
func NewClock(address string) *Clock { return &Clock{address: address} }

// Add makes a node's clock be asked whether it has noticed a move. It is called before the node answers anybody.
func (c *Clock) Add(clock *db.Clock, pool *pgxpool.Pool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nodes = append(c.nodes, node{clock, pool})
}

// Now is the sandbox's time, as the first node knows it.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(c.nodes) == 0 {
		return time.Now().UTC()
	}
	return c.nodes[0].clock.Now()
}

func (c *Clock) all() []node {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.nodes)
}

// moveTime bounds a move.
const moveTime = 20 * time.Second

// Move moves the clock forward and returns when every node has noticed. What has begun is finished although ctx ends: a node
// that has not noticed must not answer.
func (c *Clock) Move(ctx context.Context, by time.Duration) error {
	if by <= 0 {
		return errors.New("the clock only moves forward")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), moveTime)
	defer cancel()
	c.moves.Lock()
	defer c.moves.Unlock()
	to, err := c.move(ctx, by)
	for _, n := range c.all() {
		if err == nil {
			err = n.reach(ctx, to)
		}
	}
	if err != nil {
		return fmt.Errorf("move the sandbox's clock: %w", err)
	}
	return nil
}

// tries are how often a move is begun again that met a transaction in the other order.
const tries = 5

// move moves the database's clock, and returns what it shows.
func (c *Clock) move(ctx context.Context, by time.Duration) (to time.Time, err error) {
	conn, err := pgx.Connect(ctx, c.address)
	if err != nil {
		return to, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for range tries {
		err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			// Whoever has read the clock in a transaction holds it until the end: no transaction sees two times, and what is
			// written at the old one is there before the new one begins.
			if _, err := tx.Exec(ctx, `SET LOCAL lock_timeout = 3000; LOCK TABLE sandbox.clock IN ACCESS EXCLUSIVE MODE`); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, `WITH moved AS (UPDATE sandbox.clock SET forward = forward + make_interval(secs => $1) RETURNING forward)
				SELECT pg_catalog.clock_timestamp() + forward FROM moved`, by.Seconds()).Scan(&to); err != nil {
				return err
			}
			// The text door was there all the time: a move is no outage, after which people would be waited for who may have texted meanwhile.
			_, err := tx.Exec(ctx, `UPDATE public.text_door SET seen_at = $1 WHERE stopped_at IS NULL AND seen_at > $1::timestamptz - make_interval(secs => $2) - interval '3 seconds'`, to, by.Seconds())
			return err
		})
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != pgerrcode.DeadlockDetected && refused.Code != pgerrcode.LockNotAvailable {
			return to, err
		}
	}
	return to, err
}

// reach asks for the time until the node knows it. A sample that contradicts what a clock knows replaces it, so the first is
// nearly always enough.
func (n node) reach(ctx context.Context, to time.Time) error {
	for range tries {
		if err := n.clock.Sample(ctx, n.pool); err != nil {
			return err
		}
		if !n.clock.Now().Add(n.clock.Bound()).Before(to) {
			return nil
		}
	}
	return errors.New("a node does not notice")
}
