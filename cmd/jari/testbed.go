package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"jari/api"
	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/db"
	"jari/db/private"
	"jari/sms/phonesim"
)

// testbed is what a demonstration or a measurement works on: a PostgreSQL with an empty schema, a Redis, the settings of
// processes that use them, and phones.
type testbed struct {
	parts
	dir      string            // absolute
	settings map[string]string // PostgreSQL's, beside those of every private one
	postgres *private.Postgres // nil when DATABASE_URL was given
	config   Config
	phones   *phonesim.Server
	// prepare sees to an empty database before anything is made in it, and returns its address; nil: there is nothing to see to.
	prepare func(ctx context.Context, address string) (string, error)
}

// peakSettings are PostgreSQL's for a write peak: no checkpoint in its middle. Each is argued in docs/performance.md.
func peakSettings() map[string]string {
	return map[string]string{"max_wal_size": "4GB", "checkpoint_timeout": "15min", "shared_buffers": "512MB", "wal_buffers": "16MB"}
}

func noSettings(string) string { return "" }

// open starts the servers for which getenv has no address. On a PostgreSQL that was given it takes a database of its own, so
// that it can lose nobody's data and make its own keys.
func (b *testbed) open(ctx context.Context, getenv func(string) string, dir, database string) (err error) {
	if b.dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	// Durations and bounds keep their defaults; secrets are made here and never leave these processes.
	if b.config, err = loadConfig(func(name string) string {
		if name == "DATABASE_URL" || name == "REDIS_URL" {
			return getenv(name)
		}
		return ""
	}, 0); err != nil {
		return err
	}
	c := &b.config
	c.MasterKey, c.InternalListen = vault.NewMasterKey(), "127.0.0.1:0"
	c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom = "AC00000000000000000000000000000000", rand.Text(), "+82200001339"
	if c.DatabaseURL == "" {
		if err := b.startPostgres(ctx, 0); err != nil {
			return err
		}
		b.later(func(ctx context.Context) error { return b.postgres.Stop(ctx) })
		c.DatabaseURL = b.postgres.URL()
	}
	if c.DatabaseURL, err = private.FreshDatabase(ctx, c.DatabaseURL, database); err != nil {
		return err
	}
	if b.prepare != nil {
		if c.DatabaseURL, err = b.prepare(ctx, c.DatabaseURL); err != nil {
			return err
		}
	}
	if c.RedisURL == "" {
		redis, err := private.StartRedis(ctx, private.RedisOptions{Dir: filepath.Join(b.dir, "redis")})
		if err != nil {
			return err
		}
		b.later(redis.Stop)
		c.RedisURL = redis.URL()
	}
	_, err = db.Migrate(ctx, c.DatabaseURL)
	return err
}

// applyMoved applies a campaign with its calendar moved, so that it opens at some time from now.
func (b *testbed) applyMoved(ctx context.Context, out io.Writer, c *booking.Campaign, opens, firstRound time.Duration) (*desk.Campaign, error) {
	return b.apply(ctx, out, c, func(now time.Time) {
		opening := now.Add(opens)
		campaignfile.Shift(c, opening)
		for i := range c.Cohorts {
			c.Cohorts[i].Opens, c.Cohorts[i].FirstRound, c.Cohorts[i].Closes = opening, opening.Add(firstRound), opening.Add(48*time.Hour)
		}
	})
}

// apply applies a campaign after it was made to fit the time, which is PostgreSQL's.
func (b *testbed) apply(ctx context.Context, out io.Writer, c *booking.Campaign, fit func(now time.Time)) (*desk.Campaign, error) {
	h, err := openHouse(ctx, b.config)
	if err != nil {
		return nil, err
	}
	defer h.close()
	fit(h.clock.Now())
	if err := applyCampaign(ctx, out, h, c); err != nil {
		return nil, err
	}
	return h.named(c.Slug)
}

// nearby finds a campaign file also when jari is not started in the project's folder.
func nearby(file string) string {
	if _, err := os.Stat(file); err == nil { //nolint:gosec // a path of the operator, never of a request
		return file
	}
	if exe, err := os.Executable(); err == nil {
		near := filepath.Join(filepath.Dir(exe), "..", file)
		if _, err := os.Stat(near); err == nil { //nolint:gosec // as above
			return near
		}
	}
	return file
}

// startPostgres starts PostgreSQL as it stood; port 0 is any.
func (b *testbed) startPostgres(ctx context.Context, port int) error {
	p, err := private.StartPostgres(ctx, private.PostgresOptions{Dir: filepath.Join(b.dir, "postgres"), Durable: true, Port: port, Settings: b.settings})
	if err == nil {
		b.postgres = p
	}
	return err
}

// startPhones serves phones that text a campaign at the public address, and makes them the provider in the settings.
func (b *testbed) startPhones(ctx context.Context, slug string, p phonesim.Config) error {
	l, err := listen(ctx, "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c := &b.config
	p.AccountSID, p.AuthToken, p.From, p.InboundURL = c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom, c.PublicURL+inboundAt(kindTwilio)+"/"+slug
	if b.phones, err = phonesim.New(p); err != nil {
		_ = l.Close()
		return fmt.Errorf("start the phone simulator: %w", err)
	}
	c.TwilioBaseURL = "http://" + l.Addr().String()
	b.phones.Start()
	b.serve(api.NewHTTPServer("", b.phones, slog.New(slog.DiscardHandler)), l)
	b.later(func(context.Context) error {
		b.phones.Stop()
		return nil
	})
	return nil
}

// freeAddr is a loopback address that nobody listens on, for a process that takes it in a moment.
func freeAddr(ctx context.Context) (string, error) {
	port, err := private.FreePort(ctx)
	return fmt.Sprintf("127.0.0.1:%d", port), err
}
