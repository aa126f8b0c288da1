package main

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/cmd/jari/bench"
	"jari/db"
	"jari/db/private"
)

// benchTown is what the servers under measurement share: a durable PostgreSQL, a Redis, a campaign that is open, and a
// table that is not empty.
type benchTown struct {
	postgres *private.Postgres
	redis    *private.Redis
	config   Config
	getenv   func(string) string
	admin    *pgx.Conn
	version  string
	campaign *desk.Campaign
	next     atomic.Int64 // people invented so far; nobody comes twice
	stops    []func(context.Context) error
}

// benchSettings are PostgreSQL's beside those of every private one; each is argued in docs/performance.md.
var benchSettings = map[string]string{
	"max_wal_size":       "4GB",
	"checkpoint_timeout": "15min",
	"shared_buffers":     "512MB",
	"wal_buffers":        "16MB",
}

func openBenchTown(ctx context.Context, dir, campaign string, getenv func(string) string) (_ *benchTown, err error) {
	t := &benchTown{getenv: getenv}
	defer func() {
		if err != nil {
			_ = t.stop(context.WithoutCancel(ctx))
		}
	}()
	if t.postgres, err = private.StartPostgres(ctx, private.PostgresOptions{
		Dir: filepath.Join(dir, "postgres"), Durable: true, Settings: benchSettings,
	}); err != nil {
		return nil, err
	}
	t.stops = append(t.stops, t.postgres.Stop)
	if t.redis, err = private.StartRedis(ctx, private.RedisOptions{Dir: filepath.Join(dir, "redis")}); err != nil {
		return nil, err
	}
	t.stops = append(t.stops, t.redis.Stop)
	if t.config, err = loadConfig(func(string) string { return "" }, 0); err != nil {
		return nil, err
	}
	t.config.MasterKey, t.config.RedisURL = vault.NewMasterKey(), t.redis.URL()
	if t.config.DatabaseURL, err = freshDatabase(ctx, t.postgres.URL(), "jari_bench"); err != nil {
		return nil, err
	}
	if t.admin, err = pgx.Connect(ctx, t.config.DatabaseURL); err != nil {
		return nil, err
	}
	t.stops = append(t.stops, t.admin.Close)
	if err := t.admin.QueryRow(ctx, `SHOW server_version`).Scan(&t.version); err != nil {
		return nil, err
	}
	return t, t.open(ctx, campaign)
}

// open makes the schema and opens the campaign. It is a rehearsal: this tool has no business with a live one.
func (t *benchTown) open(ctx context.Context, file string) error {
	if _, err := db.Migrate(ctx, t.config.DatabaseURL); err != nil {
		return err
	}
	c, err := campaignfile.Load(demoFile(file))
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, t.config)
	if err != nil {
		return err
	}
	defer h.close()
	opened := h.clock.Now().Add(-time.Hour)
	campaignfile.Shift(c, opened)
	c.Mode = booking.Rehearsal
	for i := range c.Cohorts {
		c.Cohorts[i].Opens, c.Cohorts[i].FirstRound, c.Cohorts[i].Closes = opened, opened.Add(15*time.Minute), opened.Add(48*time.Hour)
	}
	master, err := h.config.master()
	if err != nil {
		return err
	}
	if _, err := db.Apply(ctx, h.pool, master, c, campaignfile.Digest(c), "bench", h.clock.Now()); err != nil {
		return err
	}
	if err := h.campaigns.Refresh(ctx); err != nil {
		return err
	}
	t.campaign, err = h.campaigns.BySlug(c.Slug)
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

// environment is a server's: complete, and nothing of ours leaks in but what tunes Go itself.
func (t *benchTown) environment(extra ...string) []string {
	for _, name := range []string{"GOGC", "GOMEMLIMIT", "GODEBUG"} {
		if v := t.getenv(name); v != "" {
			extra = append(extra, name+"="+v)
		}
	}
	return append([]string{
		"DATABASE_URL=" + t.config.DatabaseURL, "REDIS_URL=" + t.config.RedisURL, "JARI_MASTER_KEY=" + t.config.MasterKey,
		"JARI_LISTEN=127.0.0.1:0", "JARI_INTERNAL_LISTEN=127.0.0.1:0", "JARI_PUBLIC_URL=http://127.0.0.1", "JARI_LOG_LEVEL=warn",
		"TWILIO_ACCOUNT_SID=ACbench", "TWILIO_AUTH_TOKEN=" + randomToken(), "TWILIO_FROM=+82200001339",
	}, extra...)
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

// address is PostgreSQL's, in parts, for pgbench.
func (t *benchTown) address() (host, port, user, password, database string, err error) {
	c, err := pgx.ParseConfig(t.config.DatabaseURL)
	if err != nil {
		return "", "", "", "", "", err
	}
	return c.Host, strconv.Itoa(int(c.Port)), c.User, c.Password, c.Database, nil
}

func (t *benchTown) stop(ctx context.Context) error {
	d := demoHouse{stops: t.stops}
	return d.stop(ctx)
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
