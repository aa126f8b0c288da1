package api

import (
	"container/list"
	"context"
	"sync"
	"time"

	"jari/booking"
)

// Everybody may ask what is free at any site, as often as they like. These bounds are what the database has of it, for each node.
const (
	countEvery   = 10 * time.Second // a site is counted at most once in so long
	countOldest  = 5 * time.Minute  // no older count is handed out, also while the database is away
	countTime    = 2 * time.Second  // a count takes at most, with the wait for its turn
	countPause   = time.Second      // a site whose count has failed is left alone for, where there is an older count
	countAtOnce  = 2                // counts at one moment
	countRest    = 3                // so many times as long as a count took, nothing is counted in its place: half a connection's work in all
	countPending = 64               // counts under way or waiting for their turn; who wants one more is sent away
	countBytes   = 32 << 20         // of memory for documents that are kept; the oldest goes first
	countBeside  = 512              // bytes that one takes beside its text
)

// countKey names what is counted. Only sites that there are get this far.
type countKey struct {
	campaign int32
	site     string
}

// counted is a document with a count, made once and handed out many times.
type counted struct {
	body []byte
	etag string
	asOf time.Time // by the database's clock
}

func (d *counted) age(now time.Time) time.Duration { return now.Sub(d.asOf) }

// counts keeps the last count of each site and sees to it that those who ask at the same time wait for one and the same.
type counts struct {
	now      func() time.Time // our clock
	turns    chan struct{}
	mu       sync.Mutex
	kept     map[countKey]*list.Element // of *keptCount
	byAge    *list.List                 // the oldest first
	bytes    int
	underway map[countKey]*counting
}

type keptCount struct {
	key   countKey
	doc   *counted
	again time.Time // not counted before, because the last try failed
}

// counting is a count that is under way.
type counting struct {
	done chan struct{}
	doc  *counted
	err  error
}

func newCounts(now func() time.Time) *counts {
	return &counts{
		now: now, turns: make(chan struct{}, countAtOnce), kept: map[countKey]*list.Element{}, byAge: list.New(), underway: map[countKey]*counting{},
	}
}

// get returns a site's last count, or counts. When that fails it returns the last count all the same, with the error, unless it is too old.
// It returns CodeOverloaded when too many sites are being counted.
func (k *counts) get(ctx context.Context, key countKey, count func(context.Context) (*counted, error)) (*counted, error) {
	k.mu.Lock()
	had, wait := k.last(key)
	if had != nil && wait {
		k.mu.Unlock()
		return had, nil
	}
	c := k.underway[key]
	switch {
	case c != nil:
		k.mu.Unlock()
		select {
		case <-c.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	case len(k.underway) >= countPending:
		k.mu.Unlock()
		return had, booking.Fail(booking.CodeOverloaded, nil)
	default:
		c = &counting{done: make(chan struct{}), err: booking.Fail(booking.CodeOverloaded, nil)} // what the others get if count panics
		k.underway[key] = c
		k.mu.Unlock()
		k.run(ctx, key, c, count)
	}
	if c.err != nil {
		return had, c.err
	}
	return c.doc, nil
}

// last is a site's last count, nil when there is none that may be handed out, and whether that does for now.
func (k *counts) last(key countKey) (doc *counted, does bool) {
	e, there := k.kept[key]
	if !there {
		return nil, false
	}
	kept := e.Value.(*keptCount) //nolint:forcetypeassert // the list holds nothing else
	now := k.now()
	if kept.doc.age(now) > countOldest {
		return nil, false
	}
	return kept.doc, kept.doc.age(now).Abs() < countEvery || now.Before(kept.again)
}

// run counts for all who wait. Whoever began it may go away: the others still want the answer.
func (k *counts) run(ctx context.Context, key countKey, c *counting, count func(context.Context) (*counted, error)) {
	defer func() {
		k.mu.Lock()
		delete(k.underway, key)
		k.keep(key, c.doc)
		k.mu.Unlock()
		close(c.done)
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), countTime)
	defer cancel()
	select {
	case k.turns <- struct{}{}:
	case <-ctx.Done():
		return // with CodeOverloaded
	}
	began := time.Now()
	defer func() { time.AfterFunc(countRest*time.Since(began), func() { <-k.turns }) }()
	c.doc, c.err = count(ctx)
}

// keep takes a new count, or nil where there was none to be had. k.mu is held.
func (k *counts) keep(key countKey, doc *counted) {
	e, there := k.kept[key]
	if doc == nil {
		if there {
			e.Value.(*keptCount).again = k.now().Add(countPause) //nolint:forcetypeassert // the list holds nothing else
		}
		return
	}
	if there {
		k.drop(e)
	}
	k.kept[key] = k.byAge.PushBack(&keptCount{key: key, doc: doc})
	k.bytes += len(doc.body) + countBeside
	for k.bytes > countBytes && k.byAge.Len() > 1 {
		k.drop(k.byAge.Front())
	}
}

func (k *counts) drop(e *list.Element) {
	old := k.byAge.Remove(e).(*keptCount) //nolint:forcetypeassert // the list holds nothing else
	delete(k.kept, old.key)
	k.bytes -= len(old.doc.body) + countBeside
}
