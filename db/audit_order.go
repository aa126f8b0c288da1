package db

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// orderChecks: the part of law 3 that a query shows.
var orderChecks = []check{
	{3, "has not announced exactly its numbers", `
SELECT 'queue ' || q.id, (1, q.sealed_to, q.sealed_to, q.sealed_to)
    IS DISTINCT FROM (coalesce(min(p.number), 1), coalesce(max(p.number), 0), count(p.number), count(DISTINCT p.number))
FROM queue q LEFT JOIN place p ON p.queue_id = q.id GROUP BY q.id`},

	// Both change in one transaction. In a draw the lot is the key, which draws looks at.
	{3, "does not stand in its registration's queue, or not where that arrived", `
SELECT 'place ' || p.queue_id || '/' || p.number, p.queue_id <> r.queue_id OR d.queue_id IS NULL AND (p.arrival, p.tie) <> (r.arrival, r.tie)
FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id LEFT JOIN draw d ON d.queue_id = p.queue_id`},

	{3, "was given before the first round, or to somebody who had not proven the phone", `
SELECT 'appointment ' || a.id, a.made_at < k.first OR r.verify <> 'by_offer' AND NOT r.attested AND NOT EXISTS (SELECT FROM verification v
    WHERE v.campaign_id = a.campaign_id AND v.registration_id = a.registration_id AND v.stored_at < a.made_at + @bulk::interval)
FROM appointment a JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id JOIN queue q ON q.id = r.queue_id
LEFT JOIN (SELECT campaign, queue, min(first) AS first FROM unnest(@rule_campaign::int[], @rule_queue::text[], @rule_first::timestamptz[]) AS v(campaign, queue, first) GROUP BY 1, 2) k
    ON k.campaign = r.campaign_id AND k.queue = q.code`},

	// What takes an appointment's place that we took away is no new one.
	{3, "was given although the phone on file knew nothing of the application", `
SELECT 'appointment ' || a.id, a.made_at > f.stored_at + @bulk::interval AND a.made_at < coalesce(f.undone_at, 'infinity') - @bulk::interval
    AND a.cause NOT IN ('moved', 'redated') AND NOT EXISTS (SELECT FROM appointment b WHERE b.campaign_id = a.campaign_id AND b.registration_id = a.registration_id
        AND b.state = 'cancelled' AND b.cause IN ('site_closed', 'capacity', 'redated') AND b.changed_at = a.made_at)
FROM refusal f JOIN appointment a ON a.campaign_id = f.campaign_id AND a.registration_id = f.registration_id`},

	{3, "was given by another order key than its place has", `
SELECT 'appointment ' || a.id, (p.arrival, p.tie) IS DISTINCT FROM (a.arrival, a.tie) AND coalesce(p.moved_at < a.made_at - @bulk::interval, true)
FROM appointment a LEFT JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id`},
}

// order checks the rest of law 3: numbers are in the order of the key, and no slot went to somebody while somebody with
// an earlier key waited whose wishes it suits.
func (a *auditor) order(ctx context.Context) (finding, error) {
	sum, err := a.numbers(ctx)
	if err != nil {
		return sum, err
	}
	rows, err := a.tx.Query(ctx, `SELECT id, campaign_id FROM pool ORDER BY id`)
	if err != nil {
		return sum, err
	}
	pools, err := pgx.CollectRows(rows, pgx.RowToStructByPos[poolRow])
	if err != nil {
		return sum, err
	}
	for _, p := range pools {
		f, err := a.poolOrder(ctx, p)
		if err != nil {
			return sum, fmt.Errorf("pool %d: %w", p.ID, err)
		}
		sum.join(f)
	}
	return sum, nil
}

type poolRow struct{ ID, Campaign int32 }

// numbers walks every queue in the order of its numbers. A number is late exactly when an earlier number has a later
// key. A key that became earlier since is late too; whether others are late because of it depends on when it moved, so
// between its two keys either is right.
func (a *auditor) numbers(ctx context.Context) (finding, error) {
	var f finding
	rows, err := a.tx.Query(ctx, `SELECT queue_id, number, coalesce(announced_arrival, arrival), arrival, tie, registration_id, late <> '', moved_at IS NOT NULL
		FROM place ORDER BY queue_id, number`)
	if err != nil {
		return f, err
	}
	var queue, at int32
	var number int64
	var announced, now, highest, least booking.OrderKey
	var late, moved bool
	columns := []any{&queue, &number, &announced.Arrival, &now.Arrival, &now.Tie, (*[16]byte)(&now.ID), &late, &moved}
	_, err = pgx.ForEachRow(rows, columns, func() error {
		announced.Tie, announced.ID = now.Tie, now.ID
		if queue != at {
			at, highest, least = queue, booking.OrderKey{}, booking.OrderKey{}
		}
		f.checked++
		surely, perhaps := announced.Compare(least) < 0 || moved, announced.Compare(highest) < 0 || moved
		if surely && !late || late && !perhaps {
			f.bad(fmt.Sprintf("queue %d: number %d is out of order or wrongly marked late", queue, number))
		}
		highest, least = laterOf(highest, announced), laterOf(least, now)
		return nil
	})
	return f, err
}

func laterOf(a, b booking.OrderKey) booking.OrderKey {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

func (a *auditor) poolOrder(ctx context.Context, p poolRow) (finding, error) {
	all, err := a.readGiven(ctx, p)
	if err != nil || len(all) == 0 {
		return finding{}, err
	}
	waits, err := a.readWaits(ctx, p, all)
	if err != nil {
		return finding{}, err
	}
	begun, err := a.roundBegins(ctx, p, all)
	if err != nil {
		return finding{}, err
	}
	return sweepOrder(all, waits, begun, a.suits(p.Campaign)), nil
}

// suits reports whether a slot, when it was given, would have suited everybody of a class; who had declined it is sweepOrder's to say.
func (a *auditor) suits(campaign int32) func(*given, *waitClass) bool {
	c := latest(a.versions)[slices.IndexFunc(latest(a.versions), func(v campaignVersion) bool { return v.campaign == campaign })].content
	return func(g *given, w *waitClass) bool {
		if g.reserve > 0 && (int(g.reserve) > len(c.Reserves) || !slices.Contains(c.Reserves[g.reserve-1].Cohorts, w.Cohort)) {
			return false
		}
		site, known := c.Site(g.site)
		return known && booking.Suits(c, w.Waiting, site, g.starts, g.at)
	}
}

// sweepOrder goes through the appointments in the order in which they were made and keeps those who wait at that moment
// in heaps, earliest key first, one heap for each class. It costs O(n log n) and, for each appointment, a look at each class.
func sweepOrder(all []given, waits []wait, begun map[int64]time.Time, suits func(*given, *waitClass) bool) finding {
	slices.SortFunc(waits, func(a, b wait) int { return a.from.Compare(b.from) })
	heaps, index := []*waitHeap{}, map[*waitClass]int{}
	f := finding{checked: int64(len(all))}
	next := 0
	for i := range all {
		g := &all[i]
		for ; next < len(waits) && waits[next].from.Before(begun[g.round]); next++ {
			w := &waits[next]
			n, known := index[w.class]
			if !known {
				n = len(heaps)
				heaps, index[w.class] = append(heaps, &waitHeap{}), n
			}
			heap.Push(heaps[n], w)
		}
		if g.aside {
			continue
		}
		for _, h := range heaps {
			for h.Len() > 0 && !(*h)[0].till.After(g.at) {
				heap.Pop(h)
			}
			if h.Len() == 0 || (*h)[0].key.Compare(g.key) >= 0 || !suits(g, (*h)[0].class) {
				continue
			}
			if w := h.before(0, g); w != nil {
				f.bad(fmt.Sprintf("appointment %d: %s stood before it and was left without", g.id, entryName(w.key.ID)))
				break
			}
		}
	}
	return f
}

// waitHeap has the earliest key on top.
type waitHeap []*wait

func (h waitHeap) Len() int           { return len(h) }
func (h waitHeap) Less(i, j int) bool { return h[i].key.Compare(h[j].key) < 0 }
func (h waitHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// before finds, from the i-th on downwards, somebody who waits when a slot is given, stands before whoever gets it, and has not
// declined it.
func (h waitHeap) before(i int, g *given) *wait {
	if i >= len(h) || h[i].key.Compare(g.key) >= 0 {
		return nil
	}
	if h[i].till.After(g.at) && !slices.Contains(h[i].declined, g.slot) {
		return h[i]
	}
	if w := h.before(2*i+1, g); w != nil {
		return w
	}
	return h.before(2*i+2, g)
}

// Push implements heap.Interface.
func (h *waitHeap) Push(x any) { *h = append(*h, x.(*wait)) } //nolint:forcetypeassert // only sweepOrder pushes

// Pop implements heap.Interface.
func (h *waitHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
