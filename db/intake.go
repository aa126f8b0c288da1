package db

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/time/rate"

	"jari/booking"
	"jari/booking/desk"
)

// Intake stores applications by group commit: what arrives while a flusher is busy forms the next batch, and a batch is
// one statement and one commit. The queue is bounded; when it is full, or the database is away or stalls, callers are
// told at once (CodeOverloaded), so that overload costs next to nothing.
type Intake struct {
	pool    *pgxpool.Pool
	options IntakeOptions
	pace    *rate.Limiter // nil: as fast as the database is
	line    line
	busy    []flushing // one per flusher
	refuse  atomic.Int64
	began   time.Time // what refuse counts from; monotonic
	stop    chan struct{}

	flushers, watching sync.WaitGroup
}

// IntakeOptions bound the intake. Zero values mean the defaults in brackets.
type IntakeOptions struct {
	Queue    int           // applications that may wait (4,096); with a rate, at most a second's worth
	Batch    int           // applications in one statement at most (2,000): usually what came during the last one
	Flushers int           // batches under way at once (2)
	Rate     int           // applications stored in a second at most (no bound)
	Patience time.Duration // how long a caller waits before it is told to try again (3 s)
}

func (o IntakeOptions) withDefaults() IntakeOptions {
	o.Queue, o.Batch, o.Flushers, o.Patience = cmp.Or(o.Queue, 4096), cmp.Or(o.Batch, 2000), cmp.Or(o.Flushers, 2), cmp.Or(o.Patience, 3*time.Second)
	if o.Rate > 0 {
		// A longer line would only make people wait for what a stamp gives them at once.
		o.Queue = min(o.Queue, o.Rate)
		o.Batch = min(o.Batch, burst(o.Rate))
	}
	return o
}

// burst is how many applications a rate allows at once: a quarter of a second's worth. On a node that is overrun a flusher
// gets its turn a few times a second only, so a smaller one would store less than the rate.
func burst(perSecond int) int { return max(1, perSecond/4) }

// caller has an application on its way. Whoever sends to out first decides what the caller is told.
type caller struct {
	app desk.Application
	out chan outcome // holds one
	at  time.Time
}

type outcome struct {
	stored desk.Stored
	err    error
}

func (w *caller) answer(o outcome) {
	select {
	case w.out <- o:
	default: // its caller was told to try again
	}
}

// flushing is the batch that a flusher has under way.
type flushing struct {
	mu    sync.Mutex
	rows  []*caller
	since time.Time
}

// Times of the watch over the flushers.
const (
	watchEvery = 100 * time.Millisecond
	// stalled is how long a flush may take before newcomers are refused at once. A healthy one takes milliseconds.
	stalled = time.Second
	// away is how long newcomers are refused after a flush that failed. Then one batch tries again.
	away = 200 * time.Millisecond
)

// NewIntake starts the flushers. Close stops them.
func NewIntake(pool *pgxpool.Pool, o IntakeOptions) *Intake {
	o = o.withDefaults()
	in := &Intake{pool: pool, options: o, busy: make([]flushing, o.Flushers), began: time.Now(), stop: make(chan struct{})}
	in.line.init(o.Queue)
	if o.Rate > 0 {
		in.pace = rate.NewLimiter(rate.Limit(o.Rate), burst(o.Rate))
	}
	for i := range in.busy {
		in.flushers.Go(func() { in.flusher(&in.busy[i]) })
	}
	in.watching.Go(in.watch)
	return in
}

// Close takes no more applications, stores those that wait, and returns when all callers have their answer.
func (in *Intake) Close() {
	if !in.line.close() {
		return
	}
	in.flushers.Wait()
	close(in.stop) // only now: callers are told in time to the end
	in.watching.Wait()
}

// Waiting is how many applications wait for a flusher.
func (in *Intake) Waiting() int { return in.line.len() }

var (
	errFull = errors.New("the intake is full or closing")
	errAway = errors.New("the database is away or stalls")
	errGone = errors.New("the entry was erased meanwhile")
	errLeft = errors.New("this device has proven the phone, and the entry was withdrawn since")
	errSlow = errors.New("the database did not answer in time")
)

// Open implements desk.Intake.
func (in *Intake) Open() error {
	if int64(time.Since(in.began)) < in.refuse.Load() {
		return booking.Fail(booking.CodeOverloaded, errAway)
	}
	if in.line.full() {
		return booking.Fail(booking.CodeOverloaded, errFull)
	}
	return nil
}

// Store implements desk.Intake. A caller that hangs up does not cancel the batch: the application is stored all the same,
// and trying again finds it.
func (in *Intake) Store(ctx context.Context, a desk.Application) (desk.Stored, error) {
	w := &caller{app: a, out: make(chan outcome, 1), at: time.Now()}
	if !in.line.add(w) {
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, errFull)
	}
	select {
	case o := <-w.out:
		return o.stored, o.err
	case <-ctx.Done():
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, ctx.Err())
	}
}

func (in *Intake) flusher(mine *flushing) {
	for {
		rows := in.line.take(in.options.Batch)
		if rows == nil {
			return
		}
		mine.begin(rows)
		if in.pace != nil {
			// Never fails: the batch is no larger than the burst.
			_ = in.pace.WaitN(context.Background(), len(rows))
			mine.begin(rows)
		}
		in.flush(rows)
		mine.begin(nil)
	}
}

func (f *flushing) begin(rows []*caller) {
	f.mu.Lock()
	f.rows, f.since = rows, time.Now()
	f.mu.Unlock()
}

// watch keeps the promise of a quick answer when the database hangs: newcomers are refused while a flush stalls, and
// those who have waited too long are told to try again. What hangs may be stored all the same.
func (in *Intake) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-in.stop:
			return
		case now := <-tick.C:
			in.look(now)
		}
	}
}

func (in *Intake) look(now time.Time) {
	late := now.Add(-in.options.Patience)
	hangs := now.Add(-2 * in.options.Patience) // what is under way will most likely be stored: telling its callers otherwise only makes them come again
	hanging := 0
	for i := range in.busy {
		f := &in.busy[i]
		f.mu.Lock()
		if f.rows != nil && now.Sub(f.since) > stalled {
			hanging++
		}
		for _, w := range f.rows {
			if w.at.Before(hangs) {
				w.answer(outcome{err: booking.Fail(booking.CodeOverloaded, errSlow)})
			}
		}
		f.mu.Unlock()
	}
	if hanging == len(in.busy) { // a free flusher can still serve newcomers
		in.refuseFor(2 * watchEvery)
	}
	for _, w := range in.line.drop(late) {
		w.answer(outcome{err: booking.Fail(booking.CodeOverloaded, errSlow)})
	}
}

func (in *Intake) refuseFor(d time.Duration) { in.refuse.Store(int64(time.Since(in.began) + d)) }

// flush stores a batch and answers every caller. A batch that fails because of one row is halved until that row stands
// alone, so that a poisoned row fails alone.
func (in *Intake) flush(rows []*caller) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	results, err := in.storeBatch(ctx, rows)
	switch {
	case err == nil:
		for i, w := range rows {
			w.answer(results[i])
		}
	case len(rows) > 1 && rowFault(err):
		in.flush(rows[:len(rows)/2])
		in.flush(rows[len(rows)/2:])
	default:
		if !rowFault(err) {
			in.refuseFor(away)
		}
		for _, w := range rows {
			w.answer(outcome{err: storeError(err)})
		}
	}
}

// rowFault reports whether the error comes from a row's content (classes 22 and 23) and not from the server's state.
func rowFault(err error) bool {
	s := sqlState(err)
	return pgerrcode.IsDataException(s) || pgerrcode.IsIntegrityConstraintViolation(s)
}

// storeError tells what is worth trying again (CodeOverloaded) from what is a fault of ours. An error at the commit
// itself leaves it open whether the row is there; trying again is safe then too, because it finds the row.
func storeError(err error) error {
	if rowFault(err) {
		return fmt.Errorf("store an application: %w", err)
	}
	return booking.Fail(booking.CodeOverloaded, fmt.Errorf("store applications: %w", err))
}

var _ desk.Intake = (*Intake)(nil)
