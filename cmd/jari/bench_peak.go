package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"jari/cmd/jari/bench"
)

// peakKinds are the servers in the order in which each round loads them.
func peakKinds() []string { return []string{"plain", "bare", "one", "group"} }

// peak measures the three doors, and plain gin, at one number of connections. All four run from the beginning to the end,
// so that each is warm; the three that are not loaded cost a few queries a second, the same in everybody's turn.
func (b *benchmark) peak(ctx context.Context, connections int) (_ *bench.Peak, err error) {
	p := &bench.Peak{Connections: connections, Pools: map[string]float64{}}
	if err := b.choosePool(ctx, p); err != nil {
		return nil, err
	}
	servers := map[string]*benchChild{}
	defer func() {
		for _, s := range servers {
			_ = s.Stop(context.WithoutCancel(ctx))
		}
	}()
	for _, kind := range peakKinds() {
		s, err := b.server(ctx, kind, p.Pool)
		if err != nil {
			return nil, err
		}
		servers[kind] = s
	}
	for n := range b.o.rounds {
		for _, kind := range peakKinds() {
			r, err := b.round(ctx, servers[kind], kind, connections)
			if err != nil {
				return nil, err
			}
			r.Round = n + 1
			p.Rounds = append(p.Rounds, r)
			b.say("  round %d, %d connections, %-5s %7.0f/s  p50 %6.1f ms  p99 %6.1f ms  (%d refused, %d other, %d broken; %d rows)",
				n+1, connections, kind, r.PerSecond, r.P50, r.P99, r.Refused, r.Other, r.Broken, r.Stored)
		}
	}
	p.Bare, p.OneInsert, p.Jari, p.Plain = bench.PerSecond(p.Rounds, "bare"), bench.PerSecond(p.Rounds, "one"), bench.PerSecond(p.Rounds, "group"), bench.PerSecond(p.Rounds, "plain")
	p.RatioBare, p.RatioOneInsert = ratio(p.Jari, p.Bare), ratio(p.Jari, p.OneInsert)
	group := bench.ByKind(p.Rounds, "group")
	p.P50 = bench.MedianOf(group, func(r bench.Round) float64 { return r.P50 })
	p.P99 = bench.MedianOf(group, func(r bench.Round) float64 { return r.P99 })
	p.Tail = bench.MedianOf(group, func(r bench.Round) float64 { return ratio(r.P99, r.P50) })
	return p, nil
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// choosePool gives (b) the number of connections to PostgreSQL at which it is quickest.
func (b *benchmark) choosePool(ctx context.Context, p *bench.Peak) error {
	var best float64
	for _, pool := range b.o.pools {
		s, err := b.server(ctx, "one", pool)
		if err != nil {
			return err
		}
		got, err := bench.Run(ctx, bench.Load{
			Addr: s.addr, Connections: p.Connections, Warm: b.o.warm, For: max(time.Second, b.o.length/4), Request: b.town.applications(s.addr), Enough: b.enough(answered),
		})
		_ = s.Stop(ctx)
		if err != nil {
			return err
		}
		p.Pools[strconv.Itoa(pool)] = got.PerSecond()
		if got.PerSecond() > best {
			best, p.Pool = got.PerSecond(), pool
		}
	}
	b.say("  one transaction each: best with a pool of %d (%v)", p.Pool, p.Pools)
	return nil
}

// server starts one of the four.
func (b *benchmark) server(ctx context.Context, kind string, pool int) (*benchChild, error) {
	switch kind {
	case "plain":
		file, err := b.answers(ctx)
		if err != nil {
			return nil, err
		}
		return b.start(ctx, kind, b.town.config, "--answers", file)
	case "one":
		c := b.town.config
		c.DatabaseConns = pool
		return b.start(ctx, kind, c)
	}
	return b.start(ctx, kind, b.town.config)
}

// start starts a server with settings.
func (b *benchmark) start(ctx context.Context, kind string, c Config, args ...string) (*benchChild, error) {
	b.started++
	c.MaxConnections, c.JournalDir = b.o.room(), filepath.Join(b.o.dir, "journal", strconv.Itoa(b.started))
	return startBenchChild(ctx, b.o.program, b.errs, environmentOf(c, b.town.getenv), append([]string{"--intake", kind}, args...)...)
}

// full starts a server that stores so many applications a second and refuses the others.
func (b *benchmark) full(ctx context.Context, perSecond int) (*benchChild, error) {
	c := b.town.config
	c.IntakeRate = perSecond
	return b.start(ctx, "group", c)
}

// enough is when a load may end, by what it is meant to show.
func (b *benchmark) enough(shows func(bench.Result) int64) func(bench.Result) bool {
	return func(r bench.Result) bool { return shows(r) >= b.o.least }
}

func answered(r bench.Result) int64 { return r.Answered }
func refused(r bench.Result) int64  { return r.Refused }

// round loads one server once.
func (b *benchmark) round(ctx context.Context, s *benchChild, kind string, connections int) (bench.Round, error) {
	before, err := b.town.stored(ctx)
	if err != nil {
		return bench.Round{}, err
	}
	l := bench.Load{Addr: s.addr, Connections: connections, Warm: b.o.warm, For: b.o.length, Request: b.town.applications(s.addr), Enough: b.enough(answered)}
	r, err := b.measure(ctx, s, kind, l)
	if err != nil {
		return r, err
	}
	after, err := b.town.stored(ctx)
	r.Stored = after - before
	return r, err
}

// measure runs a load and adds what it cost whom.
func (b *benchmark) measure(ctx context.Context, s *benchChild, kind string, l bench.Load) (bench.Round, error) {
	var from, to costs
	profile := ""
	if kind != "plain" {
		profile = b.profileOf(fmt.Sprintf("%s-%d", kind, l.Connections))
	}
	l.Begin = func() {
		from = b.costs(s)
		if profile != "" {
			s.order("profile " + profile)
		}
	}
	l.End = func() {
		to = b.costs(s)
		if profile != "" {
			s.order("stop")
		}
	}
	got, err := bench.Run(ctx, l)
	if err != nil {
		return bench.Round{}, err
	}
	return roundOf(kind, got, from, to), nil
}

func roundOf(kind string, got bench.Result, from, to costs) bench.Round {
	each := func(f func(costs) time.Duration) float64 {
		if got.All() == 0 {
			return 0
		}
		return float64((f(to) - f(from)).Microseconds()) / float64(got.All())
	}
	return bench.Round{
		Kind: kind, Answered: got.Answered, Refused: got.Refused, Other: got.Other, Broken: got.Broken,
		Seconds: got.Length.Seconds(), PerSecond: got.PerSecond(), P50: ms(got.P50), P99: ms(got.P99), Longest: ms(got.Longest),
		Server: each(func(c costs) time.Duration { return c.server }), Database: each(func(c costs) time.Duration { return c.database }),
		Generator: each(func(c costs) time.Duration { return c.generator }),
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// costs is processor time used so far.
type costs struct{ server, database, generator time.Duration }

// costs reads what everybody has used. What cannot be read (on another system than Linux) is 0.
func (b *benchmark) costs(s *benchChild) costs {
	var c costs
	c.server, _ = bench.CPU(s.Pid())
	c.generator, _ = bench.CPU(os.Getpid())
	c.database, _ = bench.FamilyCPU(b.town.postgres.Pid())
	return c
}
