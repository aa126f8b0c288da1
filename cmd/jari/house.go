package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/db"
)

// operator names who runs a command, for the audit trail.
func operator() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "operator:" + u.Username
	}
	return "operator"
}

// house is an open database with the campaigns read; what every command but migrate begins with.
type house struct {
	config    Config
	pool      *pgxpool.Pool
	reserved  *pgxpool.Pool // for storing applications and texts, and the clock: however many ask how they stand, whoever applies is stored
	campaigns *db.Campaigns
	clock     *db.Clock
	stamps    *booking.StampRing
}

// reservedConns is for two flushers of applications and two of texts, the clock, and one to spare.
const reservedConns = 6

func (h *house) close() {
	h.pool.Close()
	h.reserved.Close()
}

// openHouse connects, checks the schema, samples the clock and reads the campaigns.
func openHouse(ctx context.Context, c Config) (*house, error) {
	master, err := c.master()
	if err != nil {
		return nil, err
	}
	stamps, err := master.Stamps()
	if err != nil {
		return nil, err
	}
	clock, err := newClock(c.ClockOffsetFile)
	if err != nil {
		return nil, err
	}
	pool, err := db.Open(c.DatabaseURL, int32(c.DatabaseConns))
	if err != nil {
		return nil, err
	}
	reserved, err := db.Open(c.DatabaseURL, reservedConns)
	if err != nil {
		pool.Close()
		return nil, err
	}
	h := &house{config: c, pool: pool, reserved: reserved, campaigns: db.NewCampaigns(pool, master), clock: clock, stamps: stamps}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return db.CheckSchema(ctx, pool) },
		func(ctx context.Context) error { return h.clock.Sample(ctx, reserved) },
		h.readCampaigns,
	} {
		if err := step(ctx); err != nil {
			h.close()
			return nil, advised(err)
		}
	}
	return h, nil
}

// advised adds what to do to an error of the first look at the database.
func advised(err error) error {
	var connect *pgconn.ConnectError
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		return fmt.Errorf("%w\nis PostgreSQL running, and does DATABASE_URL name its address, user, password and database?", err)
	case errors.As(err, &refused) && refused.Code == pgerrcode.InvalidParameterValue: // the role that the program works under
		return fmt.Errorf("%w: the database is new to jari: run jari migrate", err)
	case errors.Is(err, vault.ErrKey):
		return fmt.Errorf("%w\nis it the key under which this was stored? An earlier one belongs into JARI_MASTER_KEYS_BEFORE", err)
	}
	return err
}

// newClock makes the node's clock, shifted by a file's content in a rehearsal.
func newClock(file string) (*db.Clock, error) {
	if file == "" {
		return db.NewClock(), nil
	}
	shift, err := clockShift(file)
	if err != nil {
		return nil, fmt.Errorf("JARI_CLOCK_OFFSET_FILE: %w", err)
	}
	slog.Warn("this node's own clock is shifted on purpose: never do this outside a rehearsal", "by", shift)
	return db.NewShiftedClock(shift), nil
}

func clockShift(file string) (time.Duration, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return time.ParseDuration(strings.TrimSpace(string(b)))
}

// readCampaigns fails when no campaign could be opened. One that cannot be opened among others is a warning: it must not
// close the doors of the others.
func (h *house) readCampaigns(ctx context.Context) error {
	err := h.campaigns.Refresh(ctx)
	if err != nil && len(h.campaigns.All()) > 0 {
		slog.Warn("a campaign is left out", "error", err)
		return nil
	}
	return err
}

// withHouse runs a command that needs the database.
func (a *app) withHouse(f func(ctx context.Context, h *house, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c, err := loadConfig(a.getenv, needDatabase|needMaster)
		if err != nil {
			return err
		}
		h, err := openHouse(cmd.Context(), c)
		if err != nil {
			return err
		}
		defer h.close()
		return f(cmd.Context(), h, args)
	}
}

// withCampaign runs a command whose first argument names a campaign.
func (a *app) withCampaign(f func(ctx context.Context, h *house, c *desk.Campaign, args []string) error) func(*cobra.Command, []string) error {
	return a.withHouse(func(ctx context.Context, h *house, args []string) error {
		c, err := h.named(args[0])
		if err != nil {
			return err
		}
		return f(ctx, h, c, args)
	})
}

// named finds a campaign for an operator.
func (h *house) named(slug string) (*desk.Campaign, error) {
	c, err := h.campaigns.BySlug(slug)
	if err != nil {
		return nil, fmt.Errorf("there is no campaign %q: load one with jari campaign apply FILE", slug)
	}
	return c, nil
}
