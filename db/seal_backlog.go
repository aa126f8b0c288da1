package db

import (
	"context"
	"slices"
	"sort"
	"time"
)

// backlogPoints is how finely a backlog is described; the table has the same bound.
const backlogPoints = 64

// backlog says how many stand in a queue up to some arrivals, beyond the places that were announced when it was made.
// Between two points it is a straight line. It is an estimate.
type backlog struct {
	base     int64
	arrivals []int64 // microseconds, ascending
	counts   []int64
}

// backlogOf describes what waits after the last arrival that has a place.
func backlogOf(base, last int64, waiting []unsealed) backlog {
	b := backlog{base: base, arrivals: []int64{}, counts: []int64{}}
	low, high := int64(0), int64(0)
	n := 0
	for _, a := range waiting {
		if a.arrival <= last {
			continue
		}
		if n == 0 {
			low, high = a.arrival, a.arrival
		}
		low, high = min(low, a.arrival), max(high, a.arrival)
		n++
	}
	if n == 0 {
		return b
	}
	width := (high-low)/(backlogPoints-1) + 1
	var in [backlogPoints - 1]int64
	for _, a := range waiting {
		if a.arrival > last {
			in[(a.arrival-low)/width]++
		}
	}
	b.arrivals, b.counts = append(b.arrivals, low), append(b.counts, 0)
	sum := int64(0)
	for i, k := range in {
		if k > 0 {
			sum += k
			end := min(low+int64(i+1)*width, high+1)
			b.arrivals, b.counts = append(b.arrivals, max(low+int64(i)*width, low), end), append(b.counts, sum-k, sum)
		}
	}
	return b.thinned()
}

// thinned leaves out points that say nothing: the end of a part is mostly the beginning of the next.
func (b backlog) thinned() backlog {
	out := backlog{base: b.base}
	for i := range b.arrivals {
		if i > 0 && b.arrivals[i] == b.arrivals[i-1] {
			continue
		}
		out.arrivals, out.counts = append(out.arrivals, b.arrivals[i]), append(out.counts, b.counts[i])
	}
	for len(out.arrivals) > backlogPoints { // gaps in the arrivals: every other point is enough
		next := backlog{base: b.base}
		for i := range out.arrivals {
			if i%2 == 0 || i == len(out.arrivals)-1 {
				next.arrivals, next.counts = append(next.arrivals, out.arrivals[i]), append(next.counts, out.counts[i])
			}
		}
		out = next
	}
	return out
}

// total is how many people stand in the queue, those with a place included.
func (b backlog) total() int64 {
	if len(b.counts) == 0 {
		return b.base
	}
	return b.base + b.counts[len(b.counts)-1]
}

// before estimates how many stand in the queue before an arrival that has no place.
func (b backlog) before(arrival time.Time) int64 {
	at := arrival.UnixMicro()
	i := sort.Search(len(b.arrivals), func(i int) bool { return b.arrivals[i] > at })
	switch {
	case i == 0:
		return b.base
	case i == len(b.arrivals):
		return b.total()
	}
	span, part := b.arrivals[i]-b.arrivals[i-1], at-b.arrivals[i-1]
	return b.base + b.counts[i-1] + int64(float64(b.counts[i]-b.counts[i-1])*float64(part)/float64(span))
}

func (b backlog) equal(o backlog) bool {
	return b.base == o.base && slices.Equal(b.arrivals, o.arrivals) && slices.Equal(b.counts, o.counts)
}

// publish writes down what waits, for estimates and for the public count.
func (s *Sealer) publish(ctx context.Context, q *sealQueue) error {
	b := q.backlog()
	if b.equal(q.published) {
		return nil
	}
	_, err := s.pool.Exec(ctx, `INSERT INTO queue_backlog (queue_id, base, arrivals, counts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (queue_id) DO UPDATE SET base = EXCLUDED.base, arrivals = EXCLUDED.arrivals, counts = EXCLUDED.counts`,
		q.id, b.base, b.arrivals, b.counts)
	if err == nil {
		q.published = b
	}
	return err
}
