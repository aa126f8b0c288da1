package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// scanWindow is how many serials one statement reads.
	scanWindow = 200_000
	// summarizeAfter is how many serials may pass until the BRIN index is brought up to date: until then their pages
	// are read by every scan.
	summarizeAfter = 20_000
	// firstWrite is how long a statement may stand between taking its first serial and getting its transaction id. It is
	// an instant; the sweep stands behind it.
	firstWrite = 500 * time.Millisecond
	// inFlight is how long a stored row stays invisible at most, as far as reading goes: longer than any write may
	// take. A commit that shows up later still (a stalled standby) is found by the sweep.
	inFlight = 2 * time.Minute
	// scanFromStep is how many serials scan_from may lag behind what is known, so that an idle queue is not written.
	scanFromStep = 10_000
)

// sealView is what a sealer has read.
type sealView struct {
	queues     []*sealQueue
	byID       map[int32]*sealQueue
	frontier   int64 // every row with a serial up to here was visible when it was read
	seen       serialSet
	samples    []horizon
	moved      map[int64]int64 // arrivals that became earlier, by serial, as they were read last
	fresh      bool            // nothing was read yet
	summarized int64
	sweep      sweep
}

// horizon is a moment: every serial up to head had been taken, by transactions older than xid or without an id yet.
type horizon struct {
	head, xid int64
	at        time.Time
}

// look reads everything that became visible since the last time and returns PostgreSQL's time.
func (s *Sealer) look(ctx context.Context) (time.Time, error) {
	if err := s.openView(ctx); err != nil {
		return time.Time{}, err
	}
	v := s.view
	var h horizon
	var xmin int64
	// A snapshot's xmax is not enough: it says what has ended, not what has begun. An id of our own is later than all others.
	err := s.pool.QueryRow(ctx, `SELECT `+takenSQL+`, pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint, clock_timestamp()
		FROM registration_serial_seq`).Scan(&h.head, &xmin, &h.xid, &h.at)
	if err != nil {
		return h.at, err
	}
	if h.head < v.frontier { // another database than before: a restored one
		s.view = nil
		return h.at, fmt.Errorf("the serials went back from %d to %d", v.frontier, h.head)
	}
	if h.head-v.summarized > summarizeAfter {
		if _, err := s.pool.Exec(ctx, `SELECT registration_summarize()`); err != nil {
			return h.at, err
		}
		v.summarized = h.head
	}
	sql := newSQL
	if v.fresh {
		sql = unplacedSQL // whatever lies above scan_from can have been numbered since
	}
	for from := v.frontier; from < h.head; from += scanWindow {
		if err := s.read(ctx, sql, from, min(from+scanWindow, h.head), v.takeNew(s.most)); err != nil {
			return h.at, err
		}
	}
	v.fresh = false
	if err := s.read(ctx, movedSQL, v.numbered(), h.head, v.takeMoved(s.most)); err != nil {
		return h.at, err
	}
	v.advance(h, xmin)
	return h.at, s.sweepSome(ctx)
}

// openView begins anew when there is no view, or a queue that it does not know, and reads where each queue stands.
func (s *Sealer) openView(ctx context.Context) error {
	var queues []*sealQueue
	for _, c := range s.campaigns.All() {
		for _, k := range c.Queues {
			q := &sealQueue{id: k.ID, campaign: c}
			if s.view != nil {
				known, ok := s.view.byID[k.ID]
				if !ok {
					s.view = nil
				} else {
					known.campaign, q = c, known
				}
			}
			queues = append(queues, q)
		}
	}
	fresh := s.view == nil
	if fresh {
		s.view = &sealView{moved: map[int64]int64{}}
		for i, q := range queues {
			queues[i] = &sealQueue{id: q.id, campaign: q.campaign}
		}
	}
	v := s.view
	slices.SortFunc(queues, func(a, b *sealQueue) int { return cmp.Compare(a.id, b.id) })
	v.queues, v.byID = queues, make(map[int32]*sealQueue, len(queues))
	for _, q := range queues {
		v.byID[q.id] = q
	}
	drawn, err := s.standing(ctx, v)
	if err == nil && fresh {
		err = s.readLists(ctx, v)
	}
	if err != nil {
		s.view = nil
		return err
	}
	if drawn && !fresh {
		s.view = nil
		return s.openView(ctx)
	}
	if fresh {
		v.fresh, v.frontier = true, v.lowest()
		v.seen.drop(v.frontier)
	}
	return nil
}

// standing reads where each queue stands, and reports whether one was drawn since the last time.
func (s *Sealer) standing(ctx context.Context, v *sealView) (drawn bool, err error) {
	id := make([]int32, len(v.queues))
	for i, q := range v.queues {
		id[i] = q.id
	}
	rows, err := s.pool.Query(ctx, `SELECT q.id, q.scan_from, q.sealed_to, coalesce(l.arrival, to_timestamp(0)), d.opens_at, d.window_closes, d.secret_ct, d.public_value, d.entries,
			coalesce(b.base, 0), b.arrivals, b.counts
		FROM queue q LEFT JOIN draw d ON d.queue_id = q.id LEFT JOIN queue_backlog b ON b.queue_id = q.id
		LEFT JOIN LATERAL (SELECT arrival FROM place WHERE queue_id = q.id ORDER BY arrival DESC, tie DESC, registration_id DESC LIMIT 1) l ON true
		WHERE q.id = ANY($1)`, id)
	if err != nil {
		return false, err
	}
	var queue int32
	var from, to int64
	var last time.Time
	var draw standingDraw
	var b backlog // another sealer may have written it, and have died
	_, err = pgx.ForEachRow(rows, []any{&queue, &from, &to, &last, &draw.opens, &draw.window, &draw.secret, &draw.value, &draw.entries, &b.base, &b.arrivals, &b.counts}, func() error {
		q := v.byID[queue]
		q.scanFrom, q.sealedTo, q.last = from, to, last.UnixMicro()
		q.published = backlog{b.base, slices.Clone(b.arrivals), slices.Clone(b.counts)}
		drawn = q.takeDraw(draw) || drawn
		return nil
	})
	return drawn, err
}

// newSQL reads a window of serials.
const newSQL = `SELECT serial, queue_id, arrival, tie, id FROM registration
	WHERE serial > $1 AND serial <= $2 AND alias_of IS NULL AND withdrawn_at IS NULL`

// unplacedSQL leaves out who has a place. Each is looked up: a window is small, the table of places is not.
const unplacedSQL = `SELECT r.serial, r.queue_id, r.arrival, r.tie, r.id FROM registration r
	WHERE r.serial > $1 AND r.serial <= $2 AND r.alias_of IS NULL AND r.withdrawn_at IS NULL
	  AND (SELECT p.number FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id) IS NULL`

// movedSQL reads those whose arrival became earlier; its index holds nobody else.
const movedSQL = `SELECT serial, queue_id, arrival, tie, id FROM registration
	WHERE arrival <> received_at AND serial > $1 AND serial <= $2 AND alias_of IS NULL AND withdrawn_at IS NULL`

// read passes the rows of a window to take.
func (s *Sealer) read(ctx context.Context, sql string, from, to int64, take func(queue int32, a unsealed)) error {
	return writeWithin(ctx, s.pool, sealLimit, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, nearby); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql, from, to)
		if err != nil {
			return err
		}
		var a unsealed
		var queue int32
		var arrival time.Time
		_, err = pgx.ForEachRow(rows, []any{&a.serial, &queue, &arrival, &a.tie, (*[16]byte)(&a.id)}, func() error {
			a.arrival = arrival.UnixMicro()
			take(queue, a)
			return nil
		})
		return err
	})
}

func (v *sealView) takeNew(most int) func(int32, unsealed) {
	return func(queue int32, a unsealed) {
		if q := v.byID[queue]; v.seen.add(a.serial) && q != nil && a.serial > q.scanFrom {
			if q.draw.pending() {
				q.draw.undrawn++
			}
			q.keep(a, most)
		}
	}
}

func (v *sealView) takeMoved(most int) func(int32, unsealed) {
	return func(queue int32, a unsealed) {
		if q := v.byID[queue]; q != nil && a.serial > q.scanFrom && v.moved[a.serial] != a.arrival {
			v.moved[a.serial] = a.arrival
			q.keep(a, most)
		}
	}
}

// numbered is lowest without the queues that wait for their draw: those are read anew when it comes.
func (v *sealView) numbered() int64 {
	out := v.frontier
	for _, q := range v.queues {
		if !q.draw.pending() {
			out = min(out, q.scanFrom)
		}
	}
	return out
}

// lowest is up to where every queue has its places.
func (v *sealView) lowest() int64 {
	if len(v.queues) == 0 {
		return v.frontier
	}
	return slices.MinFunc(v.queues, func(a, b *sealQueue) int { return cmp.Compare(a.scanFrom, b.scanFrom) }).scanFrom
}
