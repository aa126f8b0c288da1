package jobs

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	redisTimeout = 2 * time.Second
	// brakeTime is the pause after a failed command without a deadline of its own: asynq asks again at once.
	brakeTime = 100 * time.Millisecond
	// silence is how long no command may succeed before Redis counts as away; the relay alone runs more often.
	silence = 5 * time.Second
)

// OpenRedis makes the client that a worker runs on. Redis itself is not asked yet. The error never holds the address,
// which may hold a password.
func OpenRedis(url string) (*redis.Client, error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("read REDIS_URL: expected redis://user:password@host:port/number")
	}
	o.ContextTimeoutEnabled = true // otherwise a hung Redis holds a caller for seconds beyond its deadline
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = redisTimeout, redisTimeout, redisTimeout
	o.MaxRetries = 1
	o.MinRetryBackoff, o.MaxRetryBackoff = 50*time.Millisecond, 500*time.Millisecond
	return redis.NewClient(o), nil
}

// pulse watches every command of a client: it knows whether Redis answers, and keeps loops that try again at once from
// spinning while it does not.
type pulse struct {
	began   time.Time
	success atomic.Int64 // nanoseconds since began
	failed  atomic.Bool  // the last command that said anything about the server failed
}

func newPulse() *pulse { return &pulse{began: time.Now()} }

// up reports whether Redis answers. While it does not, nothing is lost, and work goes on where it was when it is back.
func (p *pulse) up() bool {
	return !p.failed.Load() && time.Since(p.began)-time.Duration(p.success.Load()) <= silence
}

func (p *pulse) note(ctx context.Context, err error) {
	switch {
	case err == nil, errors.Is(err, redis.Nil), answered(err):
		p.success.Store(int64(time.Since(p.began)))
		p.failed.Store(false)
	case errors.Is(err, context.Canceled):
	default:
		p.failed.Store(true)
		if _, bounded := ctx.Deadline(); !bounded {
			time.Sleep(brakeTime)
		}
	}
}

// answered reports whether Redis is there and can work: an error about a script or a key's type is an answer too.
func answered(err error) bool {
	var re redis.Error
	if !errors.As(err, &re) {
		return false
	}
	for _, away := range []string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOAUTH", "WRONGPASS", "NOPERM", "OOM", "MISCONF", "ERR max number"} {
		if redis.HasErrorPrefix(err, away) {
			return false
		}
	}
	return true
}

// DialHook implements redis.Hook.
func (p *pulse) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessHook implements redis.Hook.
func (p *pulse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		p.note(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (p *pulse) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		p.note(ctx, err)
		return err
	}
}
