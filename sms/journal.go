package sms

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// Journal takes texts while PostgreSQL is away.
type Journal interface {
	// Append returns when the text is on the disk. After an error nothing is promised, and the provider must try again.
	Append(ctx context.Context, in desk.Inbound) error
	// Holds reports whether a text of this phone waits there.
	Holds(from booking.Phone) bool
}

const (
	// keepWithJournal bounds storing a text when a journal can take it instead; writeTime bounds writing to the journal.
	keepWithJournal = 3 * time.Second
	writeTime       = 5 * time.Second
	// restTime is how long nobody tries PostgreSQL after it failed; then one text tries while the others go on to the journal.
	restTime = time.Second
)

var errResting = errors.New("PostgreSQL failed a moment ago and is left alone")

// UseJournal gives the door a journal, before it serves. Without one, a text that PostgreSQL cannot take is answered
// with 503.
func (d *Door) UseJournal(j Journal) { d.journal = j }

// keep stores a text in PostgreSQL, or else in the journal; then id is 0. Any error means that it stands nowhere.
func (d *Door) keep(ctx context.Context, c *desk.Campaign, in desk.Inbound) (id int64, fresh bool, err error) {
	if d.journal == nil {
		ctx, cancel := context.WithTimeout(ctx, keepTime)
		defer cancel()
		return d.desk.KeepText(ctx, c, in)
	}
	// Behind an earlier text of the same phone: a conversation is read in order, and a text that the provider delivers
	// again does not get the arrival of the second delivery.
	waiting := d.journal.Holds(in.From)
	if !waiting {
		if id, fresh, err = d.keepUnlessResting(ctx, c, in); err == nil {
			return id, fresh, nil
		}
	}
	write, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	broken := d.journal.Append(write, in)
	if broken == nil {
		return 0, true, nil
	}
	if waiting { // the order matters less than the text
		if id, fresh, err = d.keepUnlessResting(ctx, c, in); err == nil {
			return id, fresh, nil
		}
	}
	return 0, false, errors.Join(broken, err)
}

func (d *Door) keepUnlessResting(ctx context.Context, c *desk.Campaign, in desk.Inbound) (id int64, fresh bool, err error) {
	if !d.database.may(time.Now()) {
		return 0, false, errResting
	}
	id, fresh, err = d.keepSoon(ctx, c, in)
	full := booking.CodeOf(err) == booking.CodeOverloaded // too many wait already, which says nothing against PostgreSQL
	if d.database.tried(err == nil || full, time.Now()) {
		d.log.Warn("PostgreSQL does not take texts: they go to the journal", "provider", in.Provider, "error", err)
	}
	return id, fresh, err
}

// keepSoon is KeepText that hangs no longer than keepWithJournal. What hangs longer may be stored all the same; then the
// journal's copy meets it when it is replayed.
func (d *Door) keepSoon(ctx context.Context, c *desk.Campaign, in desk.Inbound) (int64, bool, error) {
	type kept struct {
		id    int64
		fresh bool
		err   error
	}
	out := make(chan kept, 1)
	ctx, cancel := context.WithTimeout(ctx, keepWithJournal)
	defer cancel()
	go func() {
		id, fresh, err := d.desk.KeepText(ctx, c, in)
		out <- kept{id, fresh, err}
	}()
	select {
	case k := <-out:
		return k.id, k.fresh, k.err
	case <-ctx.Done():
		return 0, false, fmt.Errorf("store a text: %w", ctx.Err())
	}
}

// Replay stores a text from the journal with its own arrival and handles it. An error means that it is not stored; one
// that is stored but could not be handled is left to the sweep. It is safe to repeat.
func (d *Door) Replay(ctx context.Context, in desk.Inbound) (fresh bool, err error) {
	id, fresh, err := d.desk.KeepJournalled(ctx, in)
	if err != nil {
		return false, fmt.Errorf("store a text from the journal: %w", err)
	}
	handle, cancel := context.WithTimeout(ctx, handleTime)
	defer cancel()
	if err := d.Handle(handle, id); err != nil {
		d.log.Warn("a text from the journal was stored but not handled yet; the sweep will handle it", "inbound", id, "error", err)
	}
	return fresh, nil
}

// breaker keeps texts from waiting, one after the other, for a database that is away. Its zero value tries.
type breaker struct {
	mu     sync.Mutex
	open   bool      // the last try failed
	rest   time.Time // until when nobody tries
	trying bool      // somebody does
}

// may reports whether the caller should try; then it must call tried.
func (b *breaker) may(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.open {
		return true
	}
	if b.trying || now.Before(b.rest) {
		return false
	}
	b.trying = true
	return true
}

// tried notes how a try went. It reports whether this is the first failure.
func (b *breaker) tried(well bool, now time.Time) (first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first = !well && !b.open
	b.open, b.trying = !well, false
	if !well {
		b.rest = now.Add(restTime)
	}
	return first
}
