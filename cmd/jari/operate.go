package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"jari/booking/desk"
	"jari/db"
)

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
				return advised(err)
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
		RunE: a.withCampaign(func(ctx context.Context, h *house, c *desk.Campaign, _ []string) error {
			return showCampaign(ctx, a.out, h, c)
		}),
	}, a.noticeCmd())
	return cmd
}

func showCampaign(ctx context.Context, out io.Writer, h *house, c *desk.Campaign) error {
	if _, err := db.NewQueueCounter(h.pool, h.campaigns).WriteDocuments(ctx); err != nil {
		return err
	}
	docs := db.NewQueueDocs(h.pool, h.campaigns)
	if err := docs.Refresh(ctx); err != nil {
		return err
	}
	queues := map[string]json.RawMessage{}
	for code := range c.Queues {
		if doc := docs.Document(c.Slug, code); doc != nil {
			queues[code] = doc.Body
		}
	}
	shown := *c.Campaign
	shown.RehearsalPhones = nil // they are people's numbers
	return encode(out, map[string]any{"campaign": shown, "zone": c.Zone.String(), "version": c.Version, "queues": queues})
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
		return fmt.Errorf("%w (does jari serve or jari work run with this JARI_INTERNAL_LISTEN?)", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return errors.New("not ready: " + res.Status)
	}
	return nil
}
