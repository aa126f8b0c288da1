package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/cmd/jari/crowd"
	"jari/db"
	"jari/sms/phonesim"
)

// demoOptions are the flags of jari demo.
type demoOptions struct {
	once     bool
	people   int
	seed     uint64
	file     string
	dir      string
	logLevel string
}

func (a *app) demoCmd() *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the main job with a crowd of invented people on private servers, and stay until Ctrl-C",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), o) },
	}
	cmd.Flags().BoolVar(&o.once, "once", false, "exit after the run: 0 only if the audit is clean and nobody is unaccounted for")
	cmd.Flags().IntVar(&o.people, "people", 5000, "how many people apply (10 to 100000)")
	cmd.Flags().Uint64Var(&o.seed, "seed", 2021, "the same seed makes the same people")
	cmd.Flags().StringVar(&o.file, "campaign", "examples/seoul-2021.yaml", "the campaign to run")
	cmd.Flags().StringVar(&o.dir, "dir", ".local/demo", "where the private servers keep their data; emptied at each start")
	cmd.Flags().StringVar(&o.logLevel, "log", "error", "what the processes log: debug, info, warn, error")
	return cmd
}

// demoHouse is everything the demo runs in one process.
type demoHouse struct {
	testbed
	api      *apiProcess
	work     *workProcess
	campaign *desk.Campaign
	token    string // an agent's
}

// Times of the demo: a real campaign's first round is a quarter of an hour after its opening.
const (
	demoOpensIn    = 2 * time.Second
	demoFirstRound = 8 * time.Second
	demoSettle     = 2 * time.Second
	demoCrowdOver  = 12 * time.Second
	demoPatience   = 6 * time.Minute
)

func (a *app) demo(ctx context.Context, o demoOptions) (err error) {
	if o.people < 10 || o.people > 100_000 {
		return errors.New("--people: from 10 to 100000")
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return fmt.Errorf("--log: %w", err)
	}
	k, err := campaignfile.Load(nearby(o.file))
	if err != nil {
		return err
	}
	if k.Mode != booking.Live || k.Identity != booking.ByPhoneBirthName || len(k.Regions) == 0 || desk.PhoneCountry(k) != "KR" {
		return fmt.Errorf("--campaign: in %s nobody of the crowd could be registered, and so nobody lost: it needs a live campaign in Korea, with regions and without official numbers", o.file)
	}
	_, _ = fmt.Fprintln(a.out, "Starting a private PostgreSQL and Redis, the API, the workers and the phones …")
	d := &demoHouse{}
	defer func() { err = errors.Join(err, inTime(ctx, 2*stopTime, d.Stop)) }()
	if err := d.start(ctx, a, o, k, a.logger(level)); err != nil {
		return err
	}
	people := crowd.New(crowd.Config{
		People: o.people, Seed: o.seed, URL: d.config.PublicURL, AgentToken: d.token, Campaign: d.campaign.Campaign, Phones: d.phones, At: 128, Over: demoCrowdOver,
	})
	clean, err := d.runCrowd(ctx, a.out, people)
	if err != nil {
		return err
	}
	if o.once {
		if !clean {
			return errFound
		}
		return nil
	}
	d.invite(a.out)
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.api.failed:
		return err
	case err := <-d.work.failed:
		return err
	}
}

func (d *demoHouse) start(ctx context.Context, a *app, o demoOptions, k *booking.Campaign, log *slog.Logger) error {
	if err := d.open(ctx, a.getenv, o.dir, "jari_demo"); err != nil {
		return err
	}
	c := &d.config
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter, c.SendTimeout = 8*time.Second, 6*time.Second, 20*time.Second, 3*time.Second
	c.JournalDir = filepath.Join(d.dir, "journal")
	if err := os.RemoveAll(c.JournalDir); err != nil { // an earlier demo's, under a key that is gone
		return err
	}
	var err error
	k.Settle = demoSettle
	// A demo at night must text too, the crowd shares one address, and the simulated carrier is quick.
	k.Limits.QuietFrom, k.Limits.QuietTo = 1, 1
	k.Limits.CodesPerAddrHour, k.Limits.TextsPerSecond = 1_000_000, 1000
	if d.campaign, err = d.applyMoved(ctx, a.out, k, demoOpensIn, demoFirstRound); err != nil {
		return err
	}
	if c.Listen, err = freeAddr(ctx); err != nil { // the API takes it in a moment: the phones must know it before
		return err
	}
	c.PublicURL = "http://" + c.Listen
	if err := d.startPhones(ctx, d.campaign.Slug, phonesim.Config{Log: log.With("process", "phones"), CrowdWorkers: 32}); err != nil {
		return err
	}
	if d.api, err = newAPIOver(ctx, *c, log.With("process", "api"), apiOver{demo: true, phonesURL: c.TwilioBaseURL}); err != nil {
		return err
	}
	d.later(d.api.Stop)
	if d.work, err = newWorkProcess(ctx, *c, log.With("process", "worker")); err != nil {
		return err
	}
	d.later(d.work.Stop)
	h := d.api.house
	d.token, err = db.NewAgents(h.pool, h.clock).Add(ctx, "demo", "Demo agent", operator())
	return err
}

// invite says what to look at.
func (d *demoHouse) invite(out io.Writer) {
	_, _ = fmt.Fprintf(out, `
Everything keeps running until Ctrl-C. Look at:
  start page  %s/        (what this is, and what there is)
  app         %s/app/
  boards      %s/boards/%s        (the public counts; on a wall: ?refresh=10)
  phones      %s        (a wall of phones: what each shows, and what did not arrive; text from any number)
  API         %s/v1/campaigns/%s
  a queue     %s/v1/campaigns/%s/queues/%s

Try this: open the phones, choose the number +821000009998 and text
    예약 680412 홍길동 강남구
Answer the question with its number, then text 조회 and watch your place become an appointment.
`, d.config.PublicURL, d.config.PublicURL, d.config.PublicURL, d.campaign.Slug, d.config.TwilioBaseURL, d.config.PublicURL, d.campaign.Slug, d.config.PublicURL, d.campaign.Slug, d.campaign.Cohorts[0].Queue)
}
