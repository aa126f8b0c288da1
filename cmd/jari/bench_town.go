package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/cmd/jari/bench"
)

// benchTown is what the servers under measurement share: a durable PostgreSQL, a Redis, a campaign that is open, and a
// table that is not empty.
type benchTown struct {
	testbed
	getenv   func(string) string
	admin    *pgx.Conn
	version  string
	campaign *desk.Campaign
	next     atomic.Int64 // people invented so far; nobody comes twice
}

// connect starts PostgreSQL with settings, and Redis.
func (t *benchTown) connect(ctx context.Context, dir string, settings map[string]string) (err error) {
	t.settings = settings
	if err := t.open(ctx, noSettings, dir, "jari_bench"); err != nil {
		return err
	}
	if t.admin, err = pgx.Connect(ctx, t.config.DatabaseURL); err == nil {
		t.later(t.admin.Close)
	}
	return err
}

// start starts the servers. Whatever comes of it, Stop stops them.
func (t *benchTown) start(ctx context.Context, dir, campaign string) (err error) {
	if err := t.connect(ctx, dir, peakSettings()); err != nil {
		return err
	}
	c := &t.config
	c.Listen, c.PublicURL, c.LogLevel = "127.0.0.1:0", "http://127.0.0.1", slog.LevelWarn
	if err := t.admin.QueryRow(ctx, `SHOW server_version`).Scan(&t.version); err != nil {
		return err
	}
	k, err := campaignfile.Load(nearby(campaign))
	if err != nil {
		return err
	}
	k.Mode = booking.Rehearsal // that is open: this tool has no business with a live one
	t.campaign, err = t.applyMoved(ctx, io.Discard, k, -time.Hour, 15*time.Minute)
	return err
}

func (t *benchTown) path() string { return "/v1/campaigns/" + t.campaign.Slug + "/registrations" }

// applications makes requests to apply, each by somebody who has not been there.
func (t *benchTown) applications(addr string) func() func() []byte {
	return func() func() []byte {
		a := bench.NewApplication(addr, t.path(), t.campaign.Regions[0].Code)
		return func() []byte { return a.For(t.next.Add(1)) }
	}
}

// stored counts the entries in PostgreSQL.
func (t *benchTown) stored(ctx context.Context) (n int64, err error) {
	err = t.admin.QueryRow(ctx, `SELECT count(*) FROM registration`).Scan(&n)
	return n, err
}

// transactions is how many PostgreSQL has seen in this database. Sessions report theirs once a second at most, so it waits.
func (t *benchTown) transactions(ctx context.Context, wait time.Duration) (n int64, err error) {
	time.Sleep(wait)
	err = t.admin.QueryRow(ctx, `SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()`).Scan(&n)
	return n, err
}

// manyAddresses are loopback addresses to come from: one address has room for some 28,000 connections to one server.
func manyAddresses(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = net.IPv4(127, 0, byte(i/250), byte(2+i%250)).String()
	}
	return out
}

// say prints a line on what is being done.
func (b *benchmark) say(format string, args ...any) { _, _ = fmt.Fprintf(b.out, format+"\n", args...) }
