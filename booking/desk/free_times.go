package desk

import (
	"context"
	"slices"
	"time"
)

// FreeTimesMost is how many free times of a site are told at most: the earliest ones.
const FreeTimesMost = 500

// FreeTime is a slot with seats that anybody of some queues could be given.
type FreeTime struct {
	Starts, Ends time.Time
	Free         int64
	Pool         int32
	// Queues are those whose people could be given it, sorted; nil: every queue of the campaign.
	Queues []string
}

// FreeTimes is what was free at a site at one instant. It reserves nothing.
type FreeTimes struct {
	AsOf  time.Time
	Times []FreeTime // earliest first
}

// FreeTimes counts what is free at a site of the campaign now, with one look at the database. A site that there is not has nothing free.
func (d *Desk) FreeTimes(ctx context.Context, c *Campaign, site string) (FreeTimes, error) {
	out, err := d.ports.Book.FreeTimes(ctx, c.ID, site, c.leastNotice(), FreeTimesMost)
	if err != nil {
		return out, err
	}
	of := map[int32][]string{}
	for i := range out.Times {
		t := &out.Times[i]
		queues, known := of[t.Pool]
		if !known {
			queues = c.queuesOf(t.Pool)
			of[t.Pool] = queues
		}
		t.Queues = queues
	}
	return out, nil
}

// leastNotice is for each pool how soon its slots can be given to somebody at the soonest. Pools that nobody is served from are left out.
func (c *Campaign) leastNotice() map[int32]time.Duration {
	out := map[int32]time.Duration{}
	for _, k := range slices.Concat(c.Cohorts, c.Former) { // whoever is of a former cohort keeps its rules
		q, there := c.Queues[k.Queue]
		if !there {
			continue
		}
		if least, known := out[q.Pool]; !known || k.Notice < least {
			out[q.Pool] = k.Notice
		}
	}
	return out
}

// queuesOf are the queues that are served from a pool; nil when all are.
func (c *Campaign) queuesOf(pool int32) []string {
	var out []string
	for code, q := range c.Queues {
		if q.Pool == pool {
			out = append(out, code)
		}
	}
	if len(out) == len(c.Queues) {
		return nil
	}
	slices.Sort(out)
	return out
}
