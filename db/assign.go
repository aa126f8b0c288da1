package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// Assigner gives slots to people in the order of their key, one round at a time per pool. Read with
// docs/decisions/0018-rounds.md.
//
// A round looks at those who are new (places beyond walk.walked_to), at those for whom something has changed
// (waiting.look), and, if something has become free, at all who wait until that is given away. Whoever gets nothing
// stands in the table waiting from then on. Both marks move in the page's own transaction, so that the next round goes
// on wherever a round ended, also in the middle.
type Assigner struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
}

// roundRests is how long a round may rest between two pages before another one may begin. Two at once would be harmless and
// a waste: only one of them writes.
const roundRests = 10 * time.Second

// pageLimit bounds one page's transaction. Changes of wishes and withdrawals wait for a page (lockPool).
const pageLimit = 20 * time.Second

// NewAssigner makes an assigner. page is how many people one transaction looks at.
func NewAssigner(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Assigner {
	return &Assigner{pool: pool, campaigns: campaigns, page: page}
}

// Pools lists the pools of all campaigns.
func (a *Assigner) Pools(context.Context) ([]int32, error) {
	var out []int32
	for _, c := range a.campaigns.All() {
		for _, q := range c.Queues {
			if !slices.Contains(out, q.Pool) {
				out = append(out, q.Pool)
			}
		}
	}
	return out, nil
}

// RoundResult says what a round did.
type RoundResult struct{ Looked, Assigned, Unmatched int }

// RunRound holds one round, page by page. Every page's transaction locks the pool's row and checks that the round is still this
// one, so that a second assigner, whatever the reason for it, writes nothing.
func (a *Assigner) RunRound(ctx context.Context, pool int32, actor string) (RoundResult, error) {
	var sum RoundResult
	r, err := a.begin(ctx, pool, actor, nil)
	if err != nil || r == nil {
		return sum, err
	}
	return a.runPages(ctx, r)
}

// runPages holds a round that has begun, to its end.
func (a *Assigner) runPages(ctx context.Context, r *round) (sum RoundResult, err error) {
	for ctx.Err() == nil {
		p, err := a.runPage(ctx, r)
		if err != nil {
			return sum, fmt.Errorf("assign pool %d, page %d: %w", r.pool, r.page, err)
		}
		sum = RoundResult{sum.Looked + p.Looked, sum.Assigned + p.Assigned, sum.Unmatched + p.Unmatched}
		if p.last {
			break
		}
	}
	return sum, nil
}

// round is one walk through a pool.
type round struct {
	campaign *desk.Campaign
	pool     int32
	number   int64
	page     int
	actor    string
	stock    *stock
	queues   []*walk
	after    waitKey   // the last who waits that was looked at
	waited   bool      // all who wait, as far as they are looked at in this round, were
	approved *approval // nil: an ordinary round
	careful  bool      // whoever is new is looked up among the appointments too
}

// walk is how far a round has come in a queue.
type walk struct {
	id       int32
	to       int64  // the last place that was looked at
	end      int64  // the last one that this round looks at
	sealedTo int64  // when the round began
	bound    [3]any // the order key (arrival, tie, entry) that no queue of the pool is behind; nil: none is behind
}

type pageResult struct {
	RoundResult
	last bool
}

// errOver means that another round has begun: it looks at everybody that is left.
var errOver = errors.New("another round has begun")

func (a *Assigner) runPage(ctx context.Context, r *round) (pageResult, error) {
	var res pageResult
	var next round
	var done *pageWork
	err := writeWithin(ctx, a.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		done.undo(r.stock) // an attempt before this one
		next, res, done = *r, pageResult{}, nil
		if err := turn(ctx, tx, r.pool); err != nil {
			return err
		}
		var current int64
		var now time.Time
		if err := tx.QueryRow(ctx, `SELECT round, clock_timestamp() FROM pool WHERE id = $1 FOR UPDATE`, r.pool).Scan(&current, &now); err != nil {
			return err
		}
		if current != r.number {
			return errOver
		}
		if on, err := braked(ctx, tx, r.campaign.ID, booking.BrakeRounds); err != nil || on && r.approved == nil {
			res.last = true
			return errors.Join(err, r.release(ctx, tx))
		}
		people, err := readPage(ctx, tx, &next, a.page)
		if err != nil {
			return err
		}
		if len(people) == 0 && next.over() {
			res.last = true
			return errors.Join(r.approved.ended(r.page), r.end(ctx, tx))
		}
		done = &pageWork{campaigns: a.campaigns, round: &next, now: now, people: people}
		if err := done.decide(ctx, tx); err != nil {
			return err
		}
		if err := r.approved.check(done); err != nil {
			return err
		}
		if err := done.write(ctx, tx); err != nil {
			return err
		}
		res.RoundResult = RoundResult{len(people), len(done.given), len(people) - len(done.given)}
		return next.hold(ctx, tx)
	})
	switch {
	case errors.Is(err, errOver):
		return pageResult{last: true}, nil
	case servedBefore(err) && !r.careful:
		// Somebody of the page has an appointment that no mark tells of. That must not stop everybody behind: this round looks everybody up.
		done.undo(r.stock)
		r.careful = true
		return a.runPage(ctx, r)
	case err != nil:
		done.undo(r.stock)
		return res, err
	}
	next.page++
	*r = next
	return res, nil
}

// servedBefore reports that a page gave a second appointment to somebody, which the database refused.
func servedBefore(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && pe.Code == pgerrcode.UniqueViolation && pe.ConstraintName == "appointment_one"
}

// hold marks the round as under way and writes down how far it has come.
func (r *round) hold(ctx context.Context, tx pgx.Tx) error {
	for _, q := range r.queues {
		if _, err := tx.Exec(ctx, `UPDATE walk SET walked_to = $2 WHERE queue_id = $1 AND walked_to < $2`, q.id, q.to); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM entry_changed c USING place p, walk w WHERE c.campaign_id = $1 AND p.campaign_id = c.campaign_id
		AND p.registration_id = c.registration_id AND w.queue_id = p.queue_id AND p.number <= w.walked_to`, r.campaign.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE pool SET round = $2, busy_until = clock_timestamp() + make_interval(secs => $3) WHERE id = $1`,
		r.pool, r.number, roundRests.Seconds())
	return err
}

// end closes the round: what it leaves free is wanted by nobody who waits.
func (r *round) end(ctx context.Context, tx pgx.Tx) error {
	if err := r.stock.settle(ctx, tx); err != nil {
		return err
	}
	return r.release(ctx, tx)
}

// release lets another round begin at once.
func (r *round) release(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE pool SET busy_until = NULL WHERE id = $1`, r.pool)
	return err
}

// waitKey is where somebody stands among those who wait.
type waitKey struct {
	grade int16
	key   booking.OrderKey
}

func (a waitKey) compare(b waitKey) int {
	if a.grade != b.grade {
		return int(a.grade) - int(b.grade)
	}
	return a.key.Compare(b.key)
}
