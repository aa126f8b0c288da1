package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jari/booking/words"
	"jari/cmd/jari/textbench"
	"jari/jobs"
)

// textsOptions are the flags of jari bench-texts.
type textsOptions struct {
	messages, workers, limit int
	limited                  int // messages of the run with a limit
	modes                    []string
	kind                     string
	quick, statements        bool
	dir, json                string
	program, profile         string
}

func textsModes() []string { return []string{"clean", "faults", "limit"} }

func (a *app) benchTextsCmd() *cobra.Command {
	var o textsOptions
	cmd := &cobra.Command{
		Use: "bench-texts", Short: "Measure how texts leave, on private servers and simulated phones", Args: cobra.NoArgs, Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.benchTexts(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.IntVar(&o.messages, "messages", 20_000, "messages of each run")
	f.IntVar(&o.workers, "workers", 1, "worker processes")
	f.IntVar(&o.limit, "limit", 100, "texts a second that the route takes in the run with a limit")
	f.IntVar(&o.limited, "limited", 3_000, "messages of the run with a limit")
	f.StringSliceVar(&o.modes, "modes", textsModes(), "what to measure")
	f.StringVar(&o.kind, "kind", string(words.Confirmed), "confirmed or offer; an offer asks a question")
	f.BoolVar(&o.quick, "quick", false, "small numbers, to see that it works; the figures mean nothing")
	f.BoolVar(&o.statements, "statements", false, "print which statements took PostgreSQL's time (slower)")
	f.StringVar(&o.program, "program", "", "the jari that is measured; this one if empty")
	f.StringVar(&o.dir, "dir", ".local/bench-texts", "where the private servers keep their data; emptied at each start")
	f.StringVar(&o.json, "json", ".local/bench-texts.json", "where the figures are written")
	f.StringVar(&o.profile, "profile", "", "a file for a processor profile of the first run's worker")
	return cmd
}

func (o *textsOptions) complete() (err error) {
	for _, m := range o.modes {
		if !slices.Contains(textsModes(), m) {
			return fmt.Errorf("--modes: there is no %q: choose from %s", m, strings.Join(textsModes(), ", "))
		}
	}
	if o.kind != string(words.Confirmed) && o.kind != string(words.Offer) {
		return errors.New("--kind is confirmed or offer")
	}
	if o.messages < 1 || o.workers < 1 || o.limit < 1 {
		return errors.New("--messages, --workers and --limit are at least 1")
	}
	if o.quick {
		o.messages, o.limited = 300, 150
	}
	if o.program == "" {
		o.program, err = os.Executable()
	}
	return err
}

func (a *app) benchTexts(ctx context.Context, o textsOptions) (err error) {
	if err := errors.Join(o.complete(), canWrite(o.json)); err != nil {
		return err
	}
	report := textbench.Report{Cores: runtime.NumCPU(), Messages: o.messages, Quick: o.quick}
	var faults []string
	for _, mode := range o.modes {
		_, _ = fmt.Fprintf(a.out, "Measuring: %s\n", mode)
		run, err := a.benchTextsRun(ctx, o, mode)
		if err != nil {
			return fmt.Errorf("measure %s: %w", mode, err)
		}
		report.Runs, faults = append(report.Runs, run), append(faults, run.Faulty()...)
	}
	report.Print(a.out)
	if err := writeJSON(o.json, report); err != nil {
		return err
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "\n"))
	}
	return nil
}

// benchTextsRun sends all messages once, on servers of its own.
func (a *app) benchTextsRun(ctx context.Context, o textsOptions, mode string) (run textbench.Run, err error) {
	t := &textsTown{benchTown: benchTown{getenv: a.getenv}, o: o, out: a.out, errs: a.errs, mode: mode}
	defer func() { err = errors.Join(err, inTime(ctx, stopTime, t.Stop)) }()
	run = textbench.Run{Mode: mode, Kind: o.kind, Messages: o.messages}
	if mode == "limit" {
		run.Messages, run.Limit = o.limited, o.limit
	}
	if err := t.open(ctx, run.Messages, run.Limit); err != nil {
		return run, err
	}
	before, err := t.used()
	if err != nil {
		return run, err
	}
	began := time.Now()
	if err := t.release(ctx); err != nil {
		return run, err
	}
	if mode == "faults" {
		if run.Kills, err = t.killTwice(ctx, run.Messages); err != nil {
			return run, err
		}
	}
	if err := t.untilSettled(ctx); err != nil {
		return run, err
	}
	run.Settled = time.Since(began).Seconds()
	return run, t.sumUp(ctx, &run, before)
}

// sumUp reads from the phones, the database and the system what a run was, and measures asynq alone.
func (t *textsTown) sumUp(ctx context.Context, run *textbench.Run, before map[string]time.Duration) error {
	after, err := t.used()
	if err != nil {
		return err
	}
	run.Microseconds = map[string]float64{}
	for name, cpu := range after {
		run.Microseconds[name] = float64((cpu - before[name]).Microseconds()) / float64(run.Messages)
	}
	log, err := t.network.Log(ctx)
	if err != nil {
		return err
	}
	run.Handsets = textbench.Look(log)
	if run.Network, err = t.network.Counts(ctx); err != nil {
		return err
	}
	if err := t.admin.QueryRow(ctx, `SELECT (SELECT count(*) FROM message WHERE state = 'delivered'), (SELECT coalesce(sum(extra), 0) FROM send_attempt),
		(SELECT count(*) FROM send_attempt WHERE outcome IN ('unknown', 'found', 'absent'))`).Scan(&run.Delivered, &run.Known, &run.Unknown); err != nil {
		return err
	}
	if err := t.statements(ctx, run.Messages); err != nil {
		return err
	}
	if err := t.stopWorkers(ctx); err != nil { // asynq alone has the machine as the messages had it
		return err
	}
	rdb, err := jobs.OpenRedis(t.config.RedisURL)
	if err != nil {
		return err
	}
	defer rdb.Close()
	if run.Noop, err = textbench.Noop(ctx, rdb, run.Messages, t.o.workers*jobs.SendTasks); err != nil {
		return err
	}
	run.RatioNoop = run.Handsets.Rate / run.Noop
	return nil
}
