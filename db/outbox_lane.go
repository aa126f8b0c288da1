package db

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// A lane is what waits for one of our numbers. Each is fed by itself, so that a number that sends one text a second never holds up
// one that sends a hundred. Messages whose number is not decided, because nobody has opened their phone yet, are a lane too: they are claimed,
// and those whose number has no time soon go back to its lane.

// leadTime is how much of a route's work is released ahead: as long as it takes until a released message is claimed, and some more.
const leadTime = 1500 * time.Millisecond

// lane is what waits for one route, and how many of it may be released now.
type lane struct {
	name  string // as the messages have it
	shelf string // the route whose room it takes; "" when that is not known
}

// waitingText is a message that may be released.
type waitingText struct {
	id       int64
	urgent   bool
	priority time.Time
	lane     string
}

// nextOfLanes picks the next messages of all lanes, urgent ones and earliest appointments first, and locks them.
func nextOfLanes(ctx context.Context, tx pgx.Tx, campaign int32, routes desk.Routes, at time.Time, still bool, quota int) ([]waitingText, error) {
	lanes, err := lanesOf(ctx, tx, campaign, routes)
	if err != nil || len(lanes) == 0 {
		return nil, err
	}
	room, err := roomOf(ctx, tx, routes, at, quota)
	if err != nil {
		return nil, err
	}
	names, limits, shelf := make([]string, len(lanes)), make([]int, len(lanes)), map[string]string{}
	for i, l := range lanes {
		names[i], limits[i], shelf[l.name] = l.name, max(0, room[l.shelf]), l.shelf
	}
	all, err := collect(ctx, tx, func(row pgx.CollectableRow) (waitingText, error) {
		var m waitingText
		err := row.Scan(&m.id, &m.urgent, &m.priority, &m.lane)
		return m, err
	}, `SELECT m.id, m.urgent, m.priority_at, l.name FROM unnest($2::text[], $3::int[]) AS l(name, room) CROSS JOIN LATERAL (
    SELECT id, urgent, priority_at FROM message
    WHERE campaign_id = $1 AND coalesce(route, '') = l.name AND state = 'pending' AND due_at <= $4`+map[bool]string{true: " AND urgent"}[still]+`
    ORDER BY urgent DESC, priority_at, id LIMIT l.room FOR UPDATE SKIP LOCKED) m`, campaign, names, limits, at)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b waitingText) int {
		if a.urgent != b.urgent {
			if a.urgent {
				return -1
			}
			return 1
		}
		return cmp.Or(a.priority.Compare(b.priority), cmp.Compare(a.id, b.id))
	})
	var out []waitingText
	for _, m := range all {
		if s := shelf[m.lane]; len(out) < quota && room[s] > 0 {
			room[s]--
			out = append(out, m)
		}
	}
	return out, nil
}

// lanesSQL are the lanes that have messages. It walks the index from one lane to the next.
const lanesSQL = `
WITH RECURSIVE l(name) AS (
    (SELECT coalesce(route, '') FROM message WHERE campaign_id = $1 AND state = 'pending' ORDER BY coalesce(route, '') LIMIT 1)
    UNION ALL
    SELECT (SELECT coalesce(m.route, '') FROM message m WHERE m.campaign_id = $1 AND m.state = 'pending' AND coalesce(m.route, '') > l.name
        ORDER BY coalesce(m.route, '') LIMIT 1) FROM l WHERE l.name IS NOT NULL
)
`

// lanesOf finds which lanes have messages, also those of routes that are there no more: theirs are decided anew.
func lanesOf(ctx context.Context, tx pgx.Tx, campaign int32, routes desk.Routes) ([]lane, error) {
	names, err := collect(ctx, tx, pgx.RowTo[string], lanesSQL+`SELECT name FROM l WHERE name IS NOT NULL`, campaign)
	if err != nil {
		return nil, err
	}
	out := make([]lane, len(names))
	for i, name := range names {
		out[i] = lane{name: name}
		if _, ok := routes.Named(name); ok {
			out[i].shelf = name
		}
		if len(routes) == 1 {
			out[i].shelf = routes[0].Name
		}
	}
	return out, nil
}

// roomOf says how many messages each route takes now, over all campaigns; as many as are asked for where it has no bound. Under "" stand those whose
// route is not known.
func roomOf(ctx context.Context, tx pgx.Tx, routes desk.Routes, at time.Time, quota int) (map[string]int, error) {
	underway, queued := map[string]int{}, map[string]int{}
	rows, err := tx.Query(ctx, `SELECT coalesce(route, ''), count(*), count(*) FILTER (WHERE state = 'queued') FROM message WHERE state IN ('queued', 'sending') GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	var name string
	var all, waits int
	if _, err := pgx.ForEachRow(rows, []any{&name, &all, &waits}, func() error { underway[name], queued[name] = all, waits; return nil }); err != nil {
		return nil, err
	}
	slow, err := slowRoutes(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	room := map[string]int{"": quota}
	for _, r := range routes {
		room[r.Name] = quota
		if r.PerSecond > 0 {
			room[r.Name] = max(2, int(math.Ceil(float64(r.PerSecond)*leadTime.Seconds()))) - underway[r.Name]
		}
		if slow[r.Name].Sub(at) > farMost/2 {
			room[r.Name] = 0
		}
		waiting, err := waitingAt(ctx, tx, r, at)
		if err != nil {
			return nil, err
		}
		if r.QueueMost > 0 {
			room[r.Name] = min(room[r.Name], r.QueueMost-waiting-queued[r.Name])
		}
	}
	return room, nil
}

// waitingAt counts, up to its bound, the texts that a route's provider has or is being given, and has not passed on. Those about which nobody asks any more do
// not count: a carrier that never reports must not stop a route for ever.
func waitingAt(ctx context.Context, tx pgx.Tx, r desk.Route, at time.Time) (int, error) {
	if r.QueueMost <= 0 {
		return 0, nil
	}
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM (SELECT FROM message WHERE state IN ('accepted', 'sending') AND route = $1 AND `+askedFor("$2")+` LIMIT $3) few`,
		r.Name, at.Add(-askFor), r.QueueMost).Scan(&n)
	return n, err
}
