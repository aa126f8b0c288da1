package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"jari/cmd/jari/assignbench"
	"jari/db/private"
)

func (a *app) benchAssignCmd() *cobra.Command {
	var o assignbench.Options
	var dir, file string
	var quick bool
	cmd := &cobra.Command{
		Use: "bench-assign", Short: "Measure the way from arrivals to appointments, on a private PostgreSQL", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if quick {
				o.People, o.Small, o.Skip, o.Sites = 20_000, 2_000, 2_000, 25
			}
			o.Out, o.Errs = a.out, a.errs
			return benchAssign(cmd.Context(), o, dir, file)
		},
	}
	f := cmd.Flags()
	f.Int64Var(&o.People, "people", 1_540_000, "people who have applied")
	f.Int64Var(&o.Small, "small", 154_000, "people of the smaller run before; 0: none")
	f.Int64Var(&o.Skip, "skip-locked", 200_000, "people for the comparison with SKIP LOCKED; 0: none")
	f.IntVar(&o.Sites, "sites", 250, "sites")
	f.BoolVar(&quick, "quick", false, "small numbers, to see that it works; the figures mean nothing")
	f.StringVar(&dir, "dir", ".local/bench-assign", "where the private PostgreSQL keeps its data")
	f.StringVar(&file, "json", ".local/bench-assign.json", "where the figures are written")
	f.BoolVar(&o.Statements, "statements", false, "print which statements took PostgreSQL's time (slower)")
	f.StringVar(&o.Profile, "profile", "", "a file for the worker's processor profile")
	return cmd
}

func benchAssign(ctx context.Context, o assignbench.Options, dir, file string) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if o.Program, err = os.Executable(); err != nil {
		return err
	}
	if err := canWrite(file); err != nil {
		return err
	}
	settings := peakSettings()
	if o.Statements {
		settings["shared_preload_libraries"], settings["pg_stat_statements.track"] = "pg_stat_statements", "all"
	}
	postgres, err := private.StartPostgres(ctx, private.PostgresOptions{Dir: dir, Durable: true, Settings: settings})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, inTime(ctx, stopTime, postgres.Stop)) }()
	o.Postgres = postgres
	report, err := assignbench.Run(ctx, o)
	if err != nil {
		return err
	}
	return writeJSON(file, report)
}

// benchAssignWorkerCmd is the worker under measurement.
func (a *app) benchAssignWorkerCmd() *cobra.Command {
	var sealed bool
	var profile string
	cmd := &cobra.Command{Use: "bench-assign-worker", Short: "The worker of jari bench-assign", Args: cobra.NoArgs, Hidden: true}
	cmd.RunE = a.withHouse(func(ctx context.Context, h *house, _ []string) (err error) {
		stop, err := startProfile(profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
		w, err := assignbench.RunWorker(ctx, h.pool, h.campaigns, assignbench.Pages{Seal: h.config.SealPage, Assign: h.config.AssignPage}, sealed)
		if err != nil {
			return err
		}
		return json.NewEncoder(a.out).Encode(w)
	})
	cmd.Flags().BoolVar(&sealed, "sealed", false, "places are announced already")
	cmd.Flags().StringVar(&profile, "profile", "", "a file for a processor profile")
	return cmd
}
