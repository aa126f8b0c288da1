package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"jari/booking/desk"
	"jari/booking/vault"
)

const (
	// textHands is how many texts one worker handles at once. What they ask the database for is gathered, so that many at once cost less
	// than one after the other.
	textHands = 512
	// mostErrors bounds how many failures of one run are told.
	mostErrors = 5
)

// textsTask handles kept texts that the doors' own hands have not handled: what they did not keep up with, what came while they were stopped, and what was
// read from a journal or a provider's log. Each worker takes pages of them, oldest first, until none is left.
func textsTask(c Config, p Ports, m *metrics) *periodic {
	return &periodic{name: "texts", every: c.Texts, timeout: time.Minute, run: func(ctx context.Context, _ int32) error {
		n, err := DrainTexts(ctx, p.Clock, c.InboundAfter, p.OpenTexts, p.HandleText)
		m.count("texts", n)
		return err
	}}
}

// DrainTexts handles kept texts that are older than after, oldest first, those of one phone one after the other, until there are none or the
// context ends. A text that fails does not keep the others waiting. It returns how many were handled.
func DrainTexts(ctx context.Context, clock desk.Clock, after time.Duration, open func(ctx context.Context, before, now time.Time) ([]desk.OpenText, error),
	handle func(ctx context.Context, id int64) error,
) (int, error) {
	d := &drain{handle: handle}
	for ctx.Err() == nil {
		now := clock.Now()
		page, err := open(ctx, now.Add(-after), now)
		if err != nil {
			return d.handled, errors.Join(err, d.err())
		}
		before := d.handled
		d.page(ctx, page)
		if len(page) == 0 || d.handled == before { // nothing but failures: they are due again later
			break
		}
	}
	return d.handled, d.err()
}

// drain is one run.
type drain struct {
	handle  func(ctx context.Context, id int64) error
	mu      sync.Mutex
	handled int
	failed  int
	errs    []error
}

// page handles a page of texts with many hands. A phone that has several is one hand's.
func (d *drain) page(ctx context.Context, open []desk.OpenText) {
	at := make(map[vault.Hash]int, len(open))
	var phones [][]int64
	for _, t := range open {
		i, ok := at[t.Phone]
		if !ok {
			i = len(phones)
			at[t.Phone] = i
			phones = append(phones, nil)
		}
		phones[i] = append(phones[i], t.ID)
	}
	next := make(chan []int64)
	var wg sync.WaitGroup
	for range min(textHands, len(phones)) {
		wg.Go(func() {
			for ids := range next {
				d.phone(ctx, ids)
			}
		})
	}
	for _, ids := range phones {
		next <- ids
	}
	close(next)
	wg.Wait()
}

func (d *drain) phone(ctx context.Context, ids []int64) {
	for _, id := range ids {
		if ctx.Err() != nil {
			return
		}
		err := d.handle(ctx, id)
		d.mu.Lock()
		if err == nil {
			d.handled++
		} else if d.failed++; len(d.errs) < mostErrors {
			d.errs = append(d.errs, fmt.Errorf("handle text %d: %w", id, err))
		}
		d.mu.Unlock()
	}
}

func (d *drain) err() error {
	if d.failed > len(d.errs) {
		d.errs = append(d.errs, fmt.Errorf("and %d more", d.failed-len(d.errs)))
	}
	return errors.Join(d.errs...)
}
