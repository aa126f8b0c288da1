package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"jari/cmd/jari/bench"
	"jari/cmd/jari/load"
)

// The intake's setting, and what is offered to it in an open loop.
const (
	cappedAt      = 3000
	cappedOffered = 9000
	// Up to a second's worth may wait in line, each on a connection that sends nothing meanwhile: fewer connections could
	// not offer so much.
	cappedConnections = 15_000
)

// limited measures an intake whose setting is far below what it is offered: how much of what it may store it stores.
func (b *benchmark) limited(ctx context.Context) (*bench.Cap, error) {
	s, err := b.full(ctx, cappedAt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Stop(context.WithoutCancel(ctx)) }()
	before, after := int64(0), int64(0)
	// Counted at the same two instants as the time, in PostgreSQL and not by the answers.
	var from, to time.Time
	var errBefore, errAfter error
	got, err := bench.Run(ctx, bench.Load{
		Addr: s.addr, Connections: min(cappedConnections, b.o.held), Warm: b.o.warm + time.Second, For: b.o.length, Rate: cappedOffered, Request: b.town.applications(s.addr),
		Enough: b.enough(answered),
		Begin:  func() { from = time.Now(); before, errBefore = b.town.stored(ctx) },
		End:    func() { to = time.Now(); after, errAfter = b.town.stored(ctx) },
	})
	if err := errors.Join(err, errBefore, errAfter); err != nil {
		return nil, err
	}
	seconds := to.Sub(from).Seconds()
	return &bench.Cap{
		Limit: cappedAt, Offered: float64(got.All()) / got.Length.Seconds(), Stored: after - before, Seconds: seconds, Share: float64(after-before) / seconds / cappedAt,
		Answered: got.Answered, Refused: got.Refused, Other: got.Other, Broken: got.Broken,
	}, nil
}

// refusalRate is offered, in an open loop, while the database's work is watched.
const refusalRate = 6000

// refusal measures what it costs to turn somebody away with a stamp, against the bare handler, and whether the database
// notices. Both are loaded to the full (closed loop), which is when people are turned away: on a machine that is half idle the
// processor's waking for each single request costs more than either.
func (b *benchmark) refusal(ctx context.Context) (*bench.Refusal, error) {
	full, err := b.full(ctx, b.o.fullAt)
	if err != nil {
		return nil, err
	}
	defer func() { _ = full.Stop(context.WithoutCancel(ctx)) }()
	bare, err := b.server(ctx, "bare", 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = bare.Stop(context.WithoutCancel(ctx)) }()
	out := &bench.Refusal{Rate: refusalRate, Limit: b.o.fullAt}
	for n := range b.o.rounds {
		for _, k := range []struct {
			kind  string
			s     *benchChild
			shows func(bench.Result) int64
		}{{"refusal", full, refused}, {"bare", bare, answered}} {
			r, err := b.measure(ctx, k.s, k.kind, bench.Load{
				Addr: k.s.addr, Connections: b.o.connections[0], Warm: b.o.warm, For: b.o.length, Request: b.town.applications(k.s.addr), Enough: b.enough(k.shows),
			})
			if err != nil {
				return nil, err
			}
			r.Round = n + 1
			out.Rounds = append(out.Rounds, r)
			b.say("  round %d, %-7s %.1f µs each (%d accepted, %d refused, %d other, %d broken)", n+1, k.kind, r.Server, r.Answered, r.Refused, r.Other, r.Broken)
		}
	}
	server := func(r bench.Round) float64 { return r.Server }
	out.Refusal, out.Bare = bench.MedianOf(bench.ByKind(out.Rounds, "refusal"), server), bench.MedianOf(bench.ByKind(out.Rounds, "bare"), server)
	out.Share = ratio(out.Refusal, out.Bare)
	out.Transactions, out.Idle, err = b.databaseWork(ctx, func() error {
		r, err := b.measure(ctx, full, "refusal", bench.Load{
			Addr: full.addr, Connections: b.o.connections[len(b.o.connections)-1], For: b.o.length, Rate: refusalRate, Request: b.town.applications(full.addr), Enough: b.enough(refused),
		})
		out.Refused, out.Stored, out.Seconds = r.Refused, r.Answered, r.Seconds
		return err
	})
	return out, err
}

// memory measures what an API process holds for many connections: first each makes one request and stays, then all ask at
// the same time, again and again.
func (b *benchmark) memory(ctx context.Context) (*bench.Held, error) {
	s, err := b.server(ctx, "group", 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Stop(context.WithoutCancel(ctx)) }()
	addresses := manyAddresses(8)
	out := &bench.Held{Connections: b.o.held, Addresses: len(addresses)}
	if out.Before, err = resident(s); err != nil {
		return nil, err
	}
	var conns []*load.Conn
	defer func() { bench.Disconnect(conns) }()
	for len(conns) < b.o.held {
		// In parts, because the server waits only so long for a new connection's first request.
		some, err := bench.Connect(ctx, s.addr, min(500, b.o.held-len(conns)), addresses)
		if err != nil {
			return nil, err
		}
		conns = append(conns, some...)
		if err := eachAsks(b.town.applications(s.addr), some); err != nil {
			return nil, err
		}
	}
	time.Sleep(min(5*time.Second, b.o.length))
	if out.Idle, err = resident(s); err != nil {
		return nil, err
	}
	got, err := bench.RunOn(ctx, bench.Load{Addr: s.addr, For: b.o.length, Request: b.town.applications(s.addr), Enough: b.enough(answered)}, conns)
	if err != nil {
		return nil, err
	}
	if out.Active, err = resident(s); err != nil {
		return nil, err
	}
	_, most, err := bench.Memory(s.Pid())
	out.Most = float64(most) / (1 << 20)
	out.Answered, out.Refused, out.Other, out.Broken = got.Answered, got.Refused, got.Other, got.Broken
	return out, err
}

func resident(s *benchChild) (float64, error) {
	now, _, err := bench.Memory(s.Pid())
	return float64(now) / (1 << 20), err
}

// eachAsks makes one request on every connection, some at a time.
func eachAsks(applications func() func() []byte, conns []*load.Conn) error {
	const hands = 64
	errs := make([]error, hands)
	var wg sync.WaitGroup
	for h := range hands {
		wg.Go(func() {
			next := applications()
			for i := h; i < len(conns) && errs[h] == nil; i += hands {
				_, errs[h] = conns[i].Do(next(), time.Now().Add(10*time.Second))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
