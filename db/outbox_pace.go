package db

import (
	"context"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// The pace of one of our numbers, over all campaigns and workers. A claim reserves instants on sender_pace, evenly spaced, and each
// message is handed over at its instant. Any second then gets at most PerSecond texts, as the provider sees them, as long as what lies
// between an instant and the provider varies by no more than paceSlack leaves: of instants that stand apart by gap, at most
// (1 s + variation) / gap fall into a second and what strays into it. At paceSlack 0.96 that is 41 ms; lateMost of them may be ours.
const (
	paceSlack = 0.96
	// lateMost is how late a message may be handed over. A later one takes a new instant, because it would meet those behind it.
	lateMost = 10 * time.Millisecond
	// farMost is how far ahead an instant may lie. What would have to wait longer goes back, so that something more urgent can overtake it.
	farMost = 2 * time.Second
)

// gapOf is how far apart a route's instants stand; 0 where there is no limit.
func gapOf(r desk.Route) time.Duration {
	if r.PerSecond <= 0 {
		return 0
	}
	return time.Duration(float64(time.Second) / (float64(r.PerSecond) * paceSlack)).Truncate(time.Microsecond)
}

// pace are instants that were reserved: the i-th is first + i * gap.
type pace struct {
	first time.Time
	gap   time.Duration
	room  int // how many of those asked for
}

func (p pace) at(i int) time.Time { return p.first.Add(time.Duration(i) * p.gap) }

// reserve reserves up to n instants on a route, as many as lie near, as far as the provider's queue goes. The route stays locked until the
// transaction ends, where it has a limit.
func reserve(ctx context.Context, tx pgx.Tx, r desk.Route, n int, at time.Time) (pace, error) {
	p := pace{first: at, gap: gapOf(r), room: n}
	if p.gap == 0 && r.QueueMost <= 0 {
		slow, err := slowRoutes(ctx, tx, at)
		if until := slow[r.Name]; until.After(at) {
			p.first = until
		}
		if p.first.Sub(at) > farMost {
			p.room = 0
		}
		return p, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO sender_pace (route, next_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, r.Name, at); err != nil {
		return p, err
	}
	// An instant further ahead than anybody reserves is from before PostgreSQL's clock was set back.
	if err := tx.QueryRow(ctx, `SELECT greatest(CASE WHEN next_at < $3 THEN next_at END, CASE WHEN slow_until < $3 THEN slow_until END, $2)
		FROM sender_pace WHERE route = $1 FOR UPDATE`, r.Name, at, at.Add(aheadMost)).Scan(&p.first); err != nil {
		return p, err
	}
	waiting, err := waitingAt(ctx, tx, r, at)
	if err != nil {
		return p, err
	}
	p.room = min(n, p.near(at))
	if r.QueueMost > 0 {
		p.room = min(p.room, max(0, r.QueueMost-waiting))
	}
	if p.room == 0 {
		return p, nil
	}
	_, err = tx.Exec(ctx, `UPDATE sender_pace SET next_at = $2 WHERE route = $1`, r.Name, p.at(p.room))
	return p, err
}

// reserveAll gives each message its instant. Those whose route has no time soon are put back to wait for that route.
func reserveAll(ctx context.Context, tx pgx.Tx, able []ready, at time.Time, put *[]moved) ([]ready, error) {
	by := map[string][]int{}
	for i, m := range able {
		by[m.by.Name] = append(by[m.by.Name], i)
	}
	out := make([]bool, len(able))
	for _, name := range slices.Sorted(maps.Keys(by)) {
		p, err := reserve(ctx, tx, able[by[name][0]].by, len(by[name]), at)
		if err != nil {
			return nil, err
		}
		for k, i := range by[name] {
			if able[i].instant = p.at(k); k >= p.room {
				out[i] = true
				*put = append(*put, moved{able[i].id, msgPending, name})
			}
		}
	}
	var soon []ready
	for i, m := range able {
		if !out[i] {
			soon = append(soon, m)
		}
	}
	return soon, nil
}

// inTime ends messages that would leave when they are of no use any more.
func inTime(ctx context.Context, tx pgx.Tx, c *desk.Campaign, able []ready, at time.Time, states *[]moved, out *claimed) ([]ready, error) {
	var soon []ready
	for _, m := range able {
		if m.until.IsZero() || m.instant.Before(m.until) {
			soon = append(soon, m)
			continue
		}
		if err := tellByCall(ctx, tx, c, m.outgoing, at); err != nil {
			return nil, err
		}
		out.fates[msgExpired]++
		*states = append(*states, moved{id: m.id, state: msgExpired})
	}
	return soon, nil
}

// near says how many of the instants lie near enough.
func (p pace) near(at time.Time) int {
	left := at.Add(farMost).Sub(p.first)
	switch {
	case left < 0:
		return 0
	case p.gap == 0:
		return math.MaxInt
	}
	return int(left/p.gap) + 1
}

// reserveAnew gives a message that missed its instant another one.
func (o *Outbox) reserveAnew(ctx context.Context, r desk.Route, at time.Time) (time.Time, error) {
	var next time.Time
	err := o.pool.QueryRow(ctx, `UPDATE sender_pace SET next_at = greatest(next_at, slow_until, $2) + make_interval(secs => $3) WHERE route = $1 RETURNING next_at`,
		r.Name, at, gapOf(r).Seconds()).Scan(&next)
	return next.Add(-gapOf(r)), err
}

// slowRoutes reads until when providers asked us to wait.
func slowRoutes(ctx context.Context, q querier, at time.Time) (map[string]time.Time, error) {
	rows, err := q.Query(ctx, `SELECT route, slow_until FROM sender_pace WHERE slow_until > $1 AND slow_until < $2`, at, at.Add(aheadMost))
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	var name string
	var until time.Time
	_, err = pgx.ForEachRow(rows, []any{&name, &until}, func() error { out[name] = until; return nil })
	return out, err
}

// slowDownRoute lets nothing leave by a route for as long as its provider asks.
func slowDownRoute(ctx context.Context, tx pgx.Tx, route string, at, until time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO sender_pace AS p (route, next_at, slow_until) VALUES ($1, $2, $3)
		ON CONFLICT (route) DO UPDATE SET slow_until = greatest(CASE WHEN p.slow_until < $4 THEN p.slow_until END, $3)`, route, at, until, at.Add(aheadMost))
	return err
}
