package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"jari/api"
	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/cmd/jari/crowd"
	"jari/db"
	"jari/db/private"
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
	postgres *private.Postgres // nil when DATABASE_URL was given
	redis    *private.Redis    // nil when REDIS_URL was given
	phones   *phonesim.Server
	phoneWeb *http.Server
	phoneURL string
	api      *apiProcess
	apiURL   string
	work     *workProcess
	campaign *booking.Campaign
	token    string // an agent's
	stops    []func(context.Context) error
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
	k, err := campaignfile.Load(demoFile(o.file))
	if err != nil {
		return err
	}
	if k.Mode != booking.Live || k.Identity != booking.ByPhoneBirthName || len(k.Regions) == 0 || desk.PhoneCountry(k) != "KR" {
		return fmt.Errorf("--campaign: in %s nobody of the crowd could be registered, and so nobody lost: it needs a live campaign in Korea, with regions and without official numbers", o.file)
	}
	_, _ = fmt.Fprintln(a.out, "Starting a private PostgreSQL and Redis, the API, the workers and the phones …")
	d := &demoHouse{}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*stopTime)
		defer cancel()
		err = errors.Join(err, d.stop(stop))
	}()
	if err := d.start(ctx, a, o, k, a.logger(level)); err != nil {
		return err
	}
	people := crowd.New(crowd.Config{
		People: o.people, Seed: o.seed, URL: d.apiURL, AgentToken: d.token, Campaign: d.campaign, Phones: d.phones, At: 128, Over: demoCrowdOver,
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
	case err := <-d.api.Failed():
		return err
	case err := <-d.work.Failed():
		return err
	}
}

// later remembers how to stop what was started; stop undoes it in reverse.
func (d *demoHouse) later(f func(context.Context) error) { d.stops = append(d.stops, f) }

func (d *demoHouse) stop(ctx context.Context) error {
	var errs []error
	for i := len(d.stops) - 1; i >= 0; i-- {
		errs = append(errs, d.stops[i](ctx))
	}
	return errors.Join(errs...)
}

func (d *demoHouse) start(ctx context.Context, a *app, o demoOptions, k *booking.Campaign, log *slog.Logger) error {
	c, err := d.servers(ctx, a, o)
	if err != nil {
		return err
	}
	if _, err := db.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	if err := d.load(ctx, a, c, k); err != nil {
		return err
	}
	apiListener, err := listen(ctx, "JARI_LISTEN", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.apiURL = "http://" + apiListener.Addr().String()
	c.Listen, c.PublicURL = apiListener.Addr().String(), d.apiURL
	_ = apiListener.Close() // the API takes the same port in a moment: the phones must know it before
	if err := d.startPhones(ctx, &c, log); err != nil {
		return err
	}
	if d.api, err = newAPI(ctx, c, log.With("process", "api")); err != nil {
		return err
	}
	d.later(d.api.Stop)
	if d.work, err = newWorkProcess(ctx, c, log.With("process", "worker")); err != nil {
		return err
	}
	d.later(d.work.Stop)
	return nil
}

// servers starts what no address was given for, and makes the settings of all processes.
func (d *demoHouse) servers(ctx context.Context, a *app, o demoOptions) (Config, error) {
	// Durations and bounds keep their defaults; secrets are made here and never leave this process.
	c, err := loadConfig(func(string) string { return "" }, 0)
	if err != nil {
		return c, err
	}
	c.DatabaseURL, c.RedisURL = a.getenv("DATABASE_URL"), a.getenv("REDIS_URL")
	c.MasterKey, c.InternalListen = vault.NewMasterKey(), "127.0.0.1:0"
	c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom = "ACdemo0000000000000000000000000000", randomToken(), "+82200001339"
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter, c.SendTimeout = 8*time.Second, 6*time.Second, 20*time.Second, 3*time.Second
	if c.DatabaseURL != "" {
		// On a server that was given the demo takes a database of its own, so that it can lose nobody's data and make its
		// own keys.
		if c.DatabaseURL, err = freshDatabase(ctx, c.DatabaseURL, "jari_demo"); err != nil {
			return c, err
		}
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return c, err
	}
	c.JournalDir = filepath.Join(dir, "journal")
	if err := os.RemoveAll(c.JournalDir); err != nil { // an earlier demo's, under a key that is gone
		return c, err
	}
	if c.DatabaseURL != "" && c.RedisURL != "" {
		return c, nil
	}
	if c.DatabaseURL == "" {
		if d.postgres, err = private.StartPostgres(ctx, private.PostgresOptions{Dir: filepath.Join(dir, "postgres"), Durable: true}); err != nil {
			return c, err
		}
		d.later(d.postgres.Stop)
		if c.DatabaseURL, err = freshDatabase(ctx, d.postgres.URL(), "jari_demo"); err != nil {
			return c, err
		}
	}
	if c.RedisURL == "" {
		if d.redis, err = private.StartRedis(ctx, private.RedisOptions{Dir: filepath.Join(dir, "redis")}); err != nil {
			return c, err
		}
		d.later(d.redis.Stop)
		c.RedisURL = d.redis.URL()
	}
	return c, nil
}

// load stores the campaign with its calendar moved to now: everything opens in seconds.
func (d *demoHouse) load(ctx context.Context, a *app, c Config, k *booking.Campaign) error {
	h, err := openHouse(ctx, c)
	if err != nil {
		return err
	}
	defer h.close()
	opening := h.clock.Now().Add(demoOpensIn)
	campaignfile.Shift(k, opening)
	k.Settle = demoSettle
	for i := range k.Cohorts {
		k.Cohorts[i].Opens, k.Cohorts[i].FirstRound = opening, opening.Add(demoFirstRound)
		k.Cohorts[i].Closes = opening.Add(24 * time.Hour)
	}
	// A demo at night must text too, the crowd shares one address, and the simulated carrier is quick.
	k.Limits.QuietFrom, k.Limits.QuietTo = 1, 1
	k.Limits.CodesPerAddrHour, k.Limits.TextsPerSecond = 1_000_000, 1000
	if err := applyCampaign(ctx, a.out, h, k); err != nil {
		return err
	}
	d.campaign = k
	d.token, err = db.NewAgents(h.pool, h.clock).Add(ctx, fmt.Sprintf("demo-%d", opening.Unix()), "Demo agent", operator())
	return err
}

func (d *demoHouse) startPhones(ctx context.Context, c *Config, log *slog.Logger) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("start the phone simulator: %w", err)
	}
	d.phones, err = phonesim.New(phonesim.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom,
		InboundURL: d.apiURL + inboundPath + "/" + d.campaign.Slug, Log: log.With("process", "phones"), CrowdWorkers: 32,
	})
	if err != nil {
		_ = l.Close()
		return fmt.Errorf("start the phone simulator: %w", err)
	}
	d.phones.Start()
	d.phoneURL = "http://" + l.Addr().String()
	c.TwilioBaseURL = d.phoneURL
	d.phoneWeb = api.NewHTTPServer("", d.phones, log)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.phoneWeb.Serve(l)
	}()
	d.later(func(ctx context.Context) error {
		d.phones.Stop()
		err := d.phoneWeb.Shutdown(ctx)
		<-done
		return err
	})
	return nil
}

// invite says what to look at.
func (d *demoHouse) invite(out io.Writer) {
	_, _ = fmt.Fprintf(out, `
Everything keeps running until Ctrl-C. Look at:
  phones      %s        (what every phone shows; text from any number)
  API         %s/v1/campaigns/%s
  a queue     %s/v1/campaigns/%s/queues/%s

Try this: open the phones, choose the number +821000009998 and text
    예약 680412 홍길동 강남구
Answer the question with its number, then text 조회 and watch your place become an appointment.
`, d.phoneURL, d.apiURL, d.campaign.Slug, d.apiURL, d.campaign.Slug, d.campaign.Cohorts[0].Queue)
}

// demoFile finds the campaign also when jari is not started in the project's folder.
func demoFile(file string) string {
	if _, err := os.Stat(file); err == nil {
		return file
	}
	if exe, err := os.Executable(); err == nil {
		if near := filepath.Join(filepath.Dir(exe), "..", file); fileExists(near) {
			return near
		}
	}
	return file
}

func fileExists(p string) bool {
	_, err := os.Stat(p)
	return err == nil
}
