package db

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// AlarmKind is what an alarm is about.
type AlarmKind string

// WrongRefusal is a refusal of somebody who was announced to be eligible.
const WrongRefusal AlarmKind = "wrong_refusal"

// mostBuckets bounds what waits while PostgreSQL is away: more than a week of minutes of one campaign. What does not fit
// is added to the newest bucket, so that the sum is right.
const mostBuckets = 10_000

// Alarms counts alarms in memory, by campaign, kind and minute, and writes the counts now and then. Raise costs next to
// nothing and cannot fail, so that it may stand in the way of an answer. A crash loses what was not written yet.
//
// A count is at least as high as the truth: a write whose outcome is unknown is done again.
type Alarms struct {
	pool   *pgxpool.Pool
	mu     sync.Mutex
	counts map[alarmBucket]alarmCount
	newest map[alarmSubject]alarmBucket
}

type alarmSubject struct {
	campaign int32
	kind     AlarmKind
}

type alarmBucket struct {
	alarmSubject
	minute time.Time
}

type alarmCount struct {
	first, last time.Time
	n           int64
}

func (c alarmCount) with(o alarmCount) alarmCount {
	if c.n == 0 {
		return o
	}
	if o.first.Before(c.first) {
		c.first = o.first
	}
	if o.last.After(c.last) {
		c.last = o.last
	}
	c.n += o.n
	return c
}

// NewAlarms makes an empty count. Run writes it.
func NewAlarms(pool *pgxpool.Pool) *Alarms {
	return &Alarms{pool: pool, counts: map[alarmBucket]alarmCount{}, newest: map[alarmSubject]alarmBucket{}}
}

// Raise counts one alarm at an instant of our clock.
func (a *Alarms) Raise(campaign int32, kind AlarmKind, at time.Time) {
	at = at.UTC().Truncate(time.Microsecond)
	b := alarmBucket{alarmSubject{campaign, kind}, at.Truncate(time.Minute)}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(b, alarmCount{at, at, 1})
}

func (a *Alarms) add(b alarmBucket, c alarmCount) {
	if _, there := a.counts[b]; !there && len(a.counts) >= mostBuckets {
		if newest, any := a.newest[b.alarmSubject]; any {
			b = newest
			c.first = latestOf(c.first, b.minute)
			c.last = latestOf(c.last, c.first)
		}
	}
	a.counts[b] = a.counts[b].with(c)
	if !b.minute.Before(a.newest[b.alarmSubject].minute) {
		a.newest[b.alarmSubject] = b
	}
}

// Run writes the counts every interval, and once more when the context ends, until when it waits at most two seconds.
func (a *Alarms) Run(ctx context.Context, every time.Duration, report func(error)) {
	repeat(ctx, every, writeTimeout, report, a.Flush)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := a.Flush(last); err != nil {
		report(err)
	}
}

// Flush writes what was counted since the last time. On an error it stays counted.
func (a *Alarms) Flush(ctx context.Context) error {
	a.mu.Lock()
	counts := a.counts
	a.counts, a.newest = map[alarmBucket]alarmCount{}, map[alarmSubject]alarmBucket{}
	a.mu.Unlock()
	if len(counts) == 0 {
		return nil
	}
	err := a.write(ctx, counts)
	if err != nil {
		a.mu.Lock()
		for b, c := range counts {
			a.add(b, c)
		}
		a.mu.Unlock()
		return fmt.Errorf("write %d alarms: %w", len(counts), err)
	}
	return nil
}

func (a *Alarms) write(ctx context.Context, counts map[alarmBucket]alarmCount) error {
	var campaigns []int32
	var kinds []string
	var minutes, firsts, lasts []time.Time
	var n []int64
	for b, c := range counts {
		campaigns, kinds, minutes = append(campaigns, b.campaign), append(kinds, string(b.kind)), append(minutes, b.minute)
		firsts, lasts, n = append(firsts, c.first), append(lasts, c.last), append(n, c.n)
	}
	// In the order of the key, so that two nodes never wait for each other.
	return retried(ctx, func() error {
		_, err := a.pool.Exec(ctx, `
INSERT INTO alarm AS a (campaign_id, kind, minute, first_at, last_at, count)
SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::bigint[]) AS t(campaign, kind, minute, first, last, n)
ORDER BY campaign, kind, minute
ON CONFLICT (campaign_id, kind, minute) DO UPDATE SET
    first_at = least(a.first_at, EXCLUDED.first_at), last_at = greatest(a.last_at, EXCLUDED.last_at), count = a.count + EXCLUDED.count`,
			campaigns, kinds, minutes, firsts, lasts, n)
		return err
	})
}

// Alarmed is a campaign with recent alarms of one kind.
type Alarmed struct {
	Slug  string
	Kind  AlarmKind
	Count int64
}

// RecentAlarms sums what all nodes counted in minutes that began after an instant, by campaign.
func RecentAlarms(ctx context.Context, pool *pgxpool.Pool, since time.Time) ([]Alarmed, error) {
	out, err := collect(ctx, pool, pgx.RowToStructByPos[Alarmed], `SELECT c.slug, a.kind, sum(a.count)::bigint FROM alarm a JOIN campaign c ON c.id = a.campaign_id
		WHERE a.minute > $1 GROUP BY c.slug, a.kind ORDER BY c.slug, a.kind`, since)
	if err != nil {
		return nil, fmt.Errorf("read the alarms: %w", err)
	}
	return out, nil
}
