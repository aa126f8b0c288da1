package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"jari/cmd/jari/load"
)

// Load says what is sent to one server.
type Load struct {
	Addr        string
	Connections int
	Warm        time.Duration // sent, not counted
	For         time.Duration
	// Rate is how many requests are sent in a second, whatever becomes of them (open loop). 0: each connection sends as
	// soon as it has its answer (closed loop).
	Rate int
	// Request makes the function that makes one connection's requests; their bytes are valid until the next call.
	Request func() func() []byte
	// Begin and End are called when counting begins and ends. Optional.
	Begin, End func()
	// Enough says whether what was counted is enough. Until it is, counting goes on beyond For, but not for ever. Optional.
	Enough func(Result) bool
}

// Result is what came back while counting.
type Result struct {
	Answered int64         // 200
	Refused  int64         // 503
	Other    int64         // any other status
	Broken   int64         // connections that broke
	Bytes    int64         // of the last 200's body
	Length   time.Duration // how long was counted
	P50, P99 time.Duration
	Longest  time.Duration
}

// PerSecond is the rate of good answers.
func (r Result) PerSecond() float64 { return float64(r.Answered) / r.Length.Seconds() }

// All is how many answers there were of any kind.
func (r Result) All() int64 { return r.Answered + r.Refused + r.Other }

// runner is one run.
type runner struct {
	Load
	ctx     context.Context
	conns   []*load.Conn
	from    time.Time
	over    atomic.Bool   // counting has ended
	length  time.Duration // how long it took
	latency load.Histogram

	answered, refused, other, broken, bytes atomic.Int64
}

// ErrServer is returned when a server takes no connections.
var ErrServer = errors.New("the server takes no connection")

// Run connects, warms up, counts, and disconnects.
func Run(ctx context.Context, l Load) (Result, error) {
	conns, err := Connect(ctx, l.Addr, l.Connections, nil)
	if err != nil {
		return Result{}, err
	}
	defer Disconnect(conns)
	return RunOn(ctx, l, conns)
}

// RunOn is Run over connections that stand already and stay.
func RunOn(ctx context.Context, l Load, conns []*load.Conn) (Result, error) {
	r := &runner{Load: l, ctx: ctx, conns: conns}
	start := time.Now()
	r.from = start.Add(l.Warm)
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() { r.connection(i, c, start) })
	}
	r.mark()
	// A server that answers nothing must not hold us: the connections are cut a while after the end.
	cut := time.AfterFunc(15*time.Second, func() { Disconnect(conns) })
	defer cut.Stop()
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	return r.result(), nil
}

// mostLonger is how much longer than planned may be counted until it is enough.
const mostLonger = time.Minute

// mark begins and ends the counting.
func (r *runner) mark() {
	_ = load.Pause(r.ctx, time.Until(r.from))
	if r.Begin != nil {
		r.Begin()
	}
	err := load.Pause(r.ctx, time.Until(r.from.Add(r.For)))
	for err == nil && r.Enough != nil && !r.Enough(r.result()) && time.Since(r.from) < r.For+mostLonger {
		err = load.Pause(r.ctx, 20*time.Millisecond)
	}
	r.length = time.Since(r.from)
	r.over.Store(true)
	if r.End != nil {
		r.End()
	}
}

func (r *runner) connection(i int, c *load.Conn, start time.Time) {
	next := r.Request()
	var every time.Duration
	due := start
	if r.Rate > 0 {
		// The connections take turns, so that together they keep the beat.
		every = time.Duration(float64(len(r.conns)) / float64(r.Rate) * float64(time.Second))
		due = start.Add(every * time.Duration(i) / time.Duration(len(r.conns)))
	}
	for r.ctx.Err() == nil {
		if now := time.Now(); every == 0 {
			due = now
		} else {
			time.Sleep(due.Sub(now)) // a context would cost a timer and a channel for each request
		}
		if r.over.Load() {
			return
		}
		got, err := c.Do(next(), time.Time{})
		if err != nil {
			r.broken.Add(1)
			return
		}
		r.count(got, due, time.Now())
		if got.Close {
			return
		}
		due = due.Add(every)
	}
}

// count takes an answer in. In an open loop the time runs from the instant at which the request was due, so that a server
// that makes us wait is not measured less for it.
func (r *runner) count(got load.Response, due, now time.Time) {
	if now.Before(r.from) || r.over.Load() {
		return
	}
	switch got.Status {
	case 200:
		r.answered.Add(1)
		r.latency.Add(now.Sub(due))
		r.bytes.Store(int64(len(got.Body)))
	case 503:
		r.refused.Add(1)
	default:
		r.other.Add(1)
	}
}

func (r *runner) result() Result {
	return Result{
		Answered: r.answered.Load(), Refused: r.refused.Load(), Other: r.other.Load(), Broken: r.broken.Load(),
		Bytes: r.bytes.Load(), Length: r.length, P50: r.latency.Quantile(0.5), P99: r.latency.Quantile(0.99),
		Longest: r.latency.Quantile(1),
	}
}

// connectAt is how many connections are made at once.
const connectAt = 64

// Connect makes connections, from the local addresses in turn.
func Connect(ctx context.Context, addr string, n int, locals []string) ([]*load.Conn, error) {
	conns := make([]*load.Conn, n)
	var wg sync.WaitGroup
	var next atomic.Int64
	var failed atomic.Pointer[error]
	for range min(n, connectAt) {
		wg.Go(func() {
			for failed.Load() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				local := ""
				if len(locals) > 0 {
					local = locals[i%len(locals)]
				}
				c, err := load.Dial(ctx, addr, local)
				if err != nil {
					failed.Store(&err)
					return
				}
				conns[i] = c
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		Disconnect(conns)
		return nil, fmt.Errorf("%w: %w", ErrServer, *err)
	}
	return conns, nil
}

// Disconnect ends connections.
func Disconnect(conns []*load.Conn) {
	for _, c := range conns {
		if c != nil {
			_ = c.Close()
		}
	}
}
