package db

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// Sealer numbers arrivals: order becomes places. It keeps in memory which arrivals it has read and not yet numbered, so
// that a run reads only what is new. Memory is a help and never the proof: every page reads its rows again under their
// locks, and what memory has missed for whatever reason is found by a slow sweep of the whole table (seal_sweep.go).
type Sealer struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	page      int
	most      int // arrivals of a queue kept in memory at most; beyond it the latest are left for another reading
	mu        sync.Mutex
	view      *sealView // nil: to be read anew
}

const (
	// mostUnsealed bounds the memory of a sealer: 40 bytes each, for each queue.
	mostUnsealed = 2_000_000
	// leastRoom is not worth giving back.
	leastRoom = 50_000
	// sealBurst is how many pages of a queue are numbered between two looks at what is new.
	sealBurst = 20
	// sealLimit bounds one page's transaction.
	sealLimit = 20 * time.Second
)

// NewSealer makes a sealer. page is how many arrivals one transaction numbers.
func NewSealer(pool *pgxpool.Pool, campaigns desk.Campaigns, page int) *Sealer {
	return &Sealer{pool: pool, campaigns: campaigns, page: page, most: mostUnsealed}
}

// unsealed is an arrival that has no place as far as is known. Its order key can have become earlier since it was read.
type unsealed struct {
	arrival int64 // microseconds
	tie     int64
	serial  int64
	id      booking.ID
}

func (a unsealed) compare(b unsealed) int {
	if c := cmp.Compare(a.arrival, b.arrival); c != 0 {
		return c
	}
	if c := cmp.Compare(a.tie, b.tie); c != 0 {
		return c
	}
	return bytes.Compare(a.id[:], b.id[:])
}

// sealQueue is what is known of one queue.
type sealQueue struct {
	id        int32
	campaign  *desk.Campaign
	scanFrom  int64 // as it stands in the database
	sealedTo  int64 // as this run found it, or left it
	last      int64 // the arrival of the last key that has a place, in microseconds
	waiting   []unsealed
	beyond    *unsealed // later keys were left out for lack of room
	published backlog   // as it stands in the database
	draw      *sealDraw // nil: in the order of arrival
}

// SealAll seals every queue of every campaign and returns how many places were announced. It returns when nothing more is
// due, or when another sealer is at work.
func (s *Sealer) SealAll(ctx context.Context) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sealed := 0
	for {
		n, more, err := s.run(ctx)
		sealed += n
		if err != nil || !more || ctx.Err() != nil {
			return sealed, err
		}
	}
}

// run reads what is new and numbers a burst of pages of each queue.
func (s *Sealer) run(ctx context.Context) (sealed int, more bool, err error) {
	now, err := s.look(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("read what is to be sealed: %w", err)
	}
	var errs []error
	for _, q := range s.view.queues { // before any of them goes ahead of the others: rounds go by it
		if err := s.publish(ctx, q); err != nil {
			errs = append(errs, fmt.Errorf("publish the backlog of queue %d: %w", q.id, err))
		}
	}
	for _, q := range s.view.queues {
		n, again, err := s.sealQueue(ctx, q, now)
		sealed += n
		more = more || again
		if err == nil {
			err = s.settled(ctx, q, n)
		}
		if err == nil {
			err = s.redraw(ctx, q)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("seal queue %d: %w", q.id, err))
		}
	}
	return sealed, more, errors.Join(errs...)
}

// sealQueue numbers up to a burst of pages of what has settled. Arrivals within the settle window wait, because an earlier
// one may still come in.
func (s *Sealer) sealQueue(ctx context.Context, q *sealQueue, now time.Time) (sealed int, more bool, err error) {
	if q.draw.pending() {
		return 0, false, q.draw.unreadable
	}
	cut := now.Add(-q.campaign.Settle).UnixMicro()
	due := q.sortDue(cut)
	done := 0
	for range sealBurst {
		if done == due || ctx.Err() != nil {
			break
		}
		page := q.draw.together(q.waiting[done:min(done+s.page, due)])
		n, mine, err := s.number(ctx, q, page)
		sealed += n
		if err != nil || !mine {
			q.drop(done)
			return sealed, false, err
		}
		done += len(page)
		q.last = max(q.last, page[len(page)-1].arrival)
	}
	q.drop(done)
	if done == due && q.beyond == nil && q.draw != nil {
		q.draw.list = nil
	}
	if done == due && q.beyond != nil && q.beyond.arrival <= cut {
		s.view, more = nil, true // there is room again for what was left out
	}
	return sealed, more || done < due, nil
}

// sortDue brings what arrived by the cut to the front, in order, and returns how many that are.
func (q *sealQueue) sortDue(cut int64) int {
	due := 0
	for i := range q.waiting {
		if q.waiting[i].arrival <= cut {
			q.waiting[due], q.waiting[i] = q.waiting[i], q.waiting[due]
			due++
		}
	}
	slices.SortFunc(q.waiting[:due], unsealed.compare)
	return due
}

// drop forgets the first n, and gives their room back when most of it is unused.
func (q *sealQueue) drop(n int) {
	q.waiting = q.waiting[n:]
	if cap(q.waiting) > 2*len(q.waiting)+leastRoom {
		q.waiting = append(make([]unsealed, 0, len(q.waiting)+leastRoom), q.waiting...)
	}
}

// bound leaves the later half out when there are too many to keep.
func (q *sealQueue) bound(most int) {
	if len(q.waiting) <= most {
		return
	}
	slices.SortFunc(q.waiting, unsealed.compare)
	q.waiting = slices.Clone(q.waiting[:max(most/2, 1)])
	last := q.waiting[len(q.waiting)-1]
	q.beyond = &last
}

// keep takes an arrival that was read.
func (q *sealQueue) keep(a unsealed, most int) {
	if q.draw.pending() {
		return // read anew when the lots are known
	}
	a = q.draw.turn(a)
	if q.beyond != nil && a.compare(*q.beyond) > 0 {
		return
	}
	q.waiting = append(q.waiting, a)
	q.bound(most)
}
