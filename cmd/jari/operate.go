package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"jari/booking"
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
	reserved  *pgxpool.Pool // for the intake and the clock: however many ask how they stand, whoever applies is stored
	campaigns *db.Campaigns
	clock     *db.Clock
	stamps    *booking.StampRing
}

// reservedConns is for two flushers, the clock, and one to spare.
const reservedConns = 4

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
			return nil, err
		}
	}
	return h, nil
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

func (a *app) migrateCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database schema up to date; safe to run several times and several at once",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, needDatabase)
			if err != nil {
				return err
			}
			v, err := db.Migrate(cmd.Context(), c.DatabaseURL)
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintf(a.out, "the schema has version %d\n", v)
			return nil
		},
	}
}

func (a *app) campaignCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "campaign", Short: "Rehearse, load and show campaigns"}
	cmd.AddCommand(a.campaignApplyCmd(), a.campaignCheckCmd(), &cobra.Command{
		Use:   "show SLUG",
		Short: "Show a stored campaign with the state of its queues, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			return showCampaign(ctx, a.out, h, args[0])
		}),
	}, a.noticeCmd())
	return cmd
}

func showCampaign(ctx context.Context, out io.Writer, h *house, slug string) error {
	c, err := h.campaigns.BySlug(slug)
	if err != nil {
		return fmt.Errorf("there is no campaign %q: load one with jari campaign apply FILE", slug)
	}
	if _, err := db.NewQueueCounter(h.pool, h.campaigns).WriteDocuments(ctx); err != nil {
		return err
	}
	docs := db.NewQueueDocs(h.pool, h.campaigns)
	if err := docs.Refresh(ctx); err != nil {
		return err
	}
	queues := map[string]json.RawMessage{}
	for code := range c.Queues {
		if doc := docs.Document(slug, code); doc != nil {
			queues[code] = doc.Body
		}
	}
	shown := *c.Campaign
	shown.RehearsalPhones = nil // they are people's numbers
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(map[string]any{"campaign": shown, "zone": c.Zone.String(), "version": c.Version, "queues": queues})
}

func (a *app) agentCmd() *cobra.Command {
	cmd := &cobra.Command{Use: "agent", Short: "Manage the agents who enter on behalf of others"}
	cmd.AddCommand(&cobra.Command{
		Use:   "add LOGIN NAME",
		Short: "Add an agent and print the token, which is shown this once",
		Args:  cobra.ExactArgs(2),
		RunE: a.withHouse(func(ctx context.Context, h *house, args []string) error {
			token, err := db.NewAgents(h.pool, h.clock).Add(ctx, args[0], args[1], operator())
			if err != nil {
				return err
			}
			_, _ = fmt.Fprintln(a.out, token)
			return nil
		}),
	})
	return cmd
}

func (a *app) healthcheckCmd() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:    "healthcheck",
		Short:  "Ask the running process's internal address whether it is ready (for containers without curl)",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, 0)
			if err != nil {
				return err
			}
			return healthcheck(cmd.Context(), c.InternalListen, path)
		},
	}
	cmd.Flags().StringVar(&path, "path", "/readyz", "what to ask")
	return cmd
}

func healthcheck(ctx context.Context, listen, path string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("JARI_INTERNAL_LISTEN: %w", err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
