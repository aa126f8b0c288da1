package db

import (
	"context"
	"errors"
	"time"

	"jari/booking/desk"
)

// gatherTime is how long outcomes are gathered before they are stored: a provider that does not answer one message must not keep what it
// answered to the others out of the database.
const gatherTime = 200 * time.Millisecond

// outcome of a hand-over.
type handedOver struct {
	claim  Claim
	result desk.SendResult
}

// Deliver claims messages, lets send hand each to its provider at its instant, all at the same time, and stores the outcomes: the provider is never called
// without a committed claim, and not for a claim that is older than fresh, because Sweep may be about to take it for a dead worker's (send sees
// to that last). The letters come without a body, which send makes of the rest. Deliver counts the messages' fates; those that were not there to be sent have
// none. After an error the messages concerned are where Sweep finds them, or wait for the task to be tried again.
func (o *Outbox) Deliver(ctx context.Context, turns []desk.Turn, routes desk.Routes, clock desk.Clock, fresh time.Duration,
	send func(ctx context.Context, l desk.Letter) desk.SendResult,
) (map[string]int, error) {
	at := clock.Now()
	got, err := o.claimApart(ctx, turns, routes, at)
	if len(got.claims) == 0 {
		return got.fates, err
	}
	results := make(chan handedOver, len(got.claims))
	for _, c := range got.claims {
		go func() { results <- handedOver{c, o.handOver(ctx, c, clock, at.Add(fresh), send)} }()
	}
	errs := []error{err}
	for left := len(got.claims); left > 0; {
		some := gatherSome(results, left)
		left -= len(some)
		fates, err := o.finish(ctx, some, clock.Now())
		for fate, n := range fates {
			got.fates[fate] += n
		}
		errs = append(errs, err)
	}
	return got.fates, errors.Join(errs...)
}

// gatherSome waits for an outcome, and a little longer for more.
func gatherSome(results <-chan handedOver, left int) []handedOver {
	some := []handedOver{<-results}
	enough := time.NewTimer(gatherTime)
	defer enough.Stop()
	for len(some) < left {
		select {
		case r := <-results:
			some = append(some, r)
		case <-enough.C:
			return some
		}
	}
	return some
}

// claimApart claims messages together, or each by itself when one of them spoils that.
func (o *Outbox) claimApart(ctx context.Context, turns []desk.Turn, routes desk.Routes, at time.Time) (claimed, error) {
	all, err := o.claim(ctx, turns, routes, at)
	if err == nil || len(turns) == 1 || Away(err) || errors.Is(err, errCap) || ctx.Err() != nil {
		return all, err
	}
	all = claimed{fates: map[string]int{}}
	var errs []error
	for _, t := range turns {
		one, err := o.claim(ctx, []desk.Turn{t}, routes, at)
		errs = append(errs, err)
		all.claims = append(all.claims, one.claims...)
		for fate, n := range one.fates {
			all.fates[fate] += n
		}
	}
	return all, errors.Join(errs...)
}

// handOver waits for a message's instant and calls the provider. A message that misses its instant, because the claim or this process was slow,
// takes a new one. One that cannot be handed over in time was surely not sent.
func (o *Outbox) handOver(ctx context.Context, c Claim, clock desk.Clock, until time.Time, send func(ctx context.Context, l desk.Letter) desk.SendResult) desk.SendResult {
	for {
		if c.Instant.After(until) || !waitUntil(ctx, clock, c.Instant) {
			return desk.SendResult{Outcome: desk.SendNotSent}
		}
		now := clock.Now()
		if gapOf(c.Route) == 0 || now.Sub(c.Instant) <= lateMost {
			break
		}
		anew, err := o.reserveAnew(ctx, c.Route, now)
		if err != nil {
			return desk.SendResult{Outcome: desk.SendNotSent}
		}
		c.Instant = anew
	}
	c.Before = until
	return send(ctx, c.Letter)
}

// waitUntil reports whether the instant came before the context ended.
func waitUntil(ctx context.Context, clock desk.Clock, instant time.Time) bool {
	wait := instant.Sub(clock.Now())
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
