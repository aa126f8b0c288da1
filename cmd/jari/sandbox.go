package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"jari/booking"
	"jari/booking/campaignfile"
	"jari/booking/desk"
	"jari/cmd/jari/sandbox"
	"jari/db"
	"jari/sms/phonesim"
)

// sandboxOptions are the flags of jari serve --sandbox.
type sandboxOptions struct {
	listen, data, logLevel string
	file                   string // the campaign, whose cohorts the people must fit
	// begins is when its day begins, for tests whose texts must be the same whenever they run; zero: at the next sandboxHour. It is no flag.
	begins time.Time
}

func (o *sandboxOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "with --sandbox: the address, on this machine only; port 0 is any")
	f.StringVar(&o.data, "data", ".local/sandbox", "with --sandbox: where the private servers keep their data; emptied at each start")
	f.StringVar(&o.logLevel, "log", "error", "with --sandbox: what is logged: debug, info, warn, error")
	f.StringVar(&o.file, "campaign", "examples/sandbox.yaml", "with --sandbox: its campaign")
	_ = f.MarkHidden("campaign") // only for where that file lies: another one would not fit the people
}

// The sandbox's day. It begins at the same hour whenever it is started, so that the same happens at night as by day: at the
// next ten o'clock by the campaign's clocks. Making it takes a while, in which nothing has opened yet.
const (
	sandboxHour   = 10
	sandboxMaking = 30 * time.Minute
)

// sandboxHouse is everything the sandbox runs in one process.
type sandboxHouse struct {
	testbed
	file     *booking.Campaign
	people   []sandbox.Person
	begins   time.Time // when its day begins, by its clock
	clock    *sandbox.Clock
	box      *sandbox.Sandbox
	campaign *desk.Campaign
	api      *apiProcess
	work     *workProcess
	token    string // an agent's
}

func (a *app) sandbox(ctx context.Context, o sandboxOptions) (err error) {
	_, _ = fmt.Fprintln(a.out, "Starting a private PostgreSQL and Redis (or those that DATABASE_URL and REDIS_URL name), the API, the workers and the phones …")
	s, err := a.openSandbox(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, inTime(ctx, 2*stopTime, s.Stop)) }()
	s.welcome(a.out)
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.api.failed:
		return err
	case err := <-s.work.failed:
		return err
	}
}

// openSandbox starts everything. Nothing is left running after an error.
func (a *app) openSandbox(ctx context.Context, o sandboxOptions) (*sandboxHouse, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(o.logLevel)); err != nil {
		return nil, fmt.Errorf("--log: %w", err)
	}
	if err := loopback(o.listen); err != nil {
		return nil, err
	}
	free, err := listen(ctx, "--listen", o.listen) // that it is taken is said now, and not after everything has been started
	if err != nil {
		return nil, err
	}
	_ = free.Close()
	s := &sandboxHouse{people: sandbox.People()}
	if s.file, err = campaignfile.Load(nearby(o.file)); err != nil {
		return nil, err
	}
	if err := s.start(ctx, a, o, a.logger(level)); err != nil {
		return nil, errors.Join(err, inTime(ctx, 2*stopTime, s.Stop))
	}
	return s, nil
}

// loopback refuses an address that others could reach: whoever reaches the sandbox can read every text.
func loopback(listen string) error {
	at, err := netip.ParseAddrPort(listen)
	if err != nil {
		return fmt.Errorf("--listen: %q is not an address such as 127.0.0.1:8080", listen)
	}
	if !at.Addr().IsLoopback() {
		return fmt.Errorf("--listen: %s can be reached from other machines, and the sandbox has no password: write 127.0.0.1:%d", listen, at.Port())
	}
	return nil
}

func (s *sandboxHouse) start(ctx context.Context, a *app, o sandboxOptions, log *slog.Logger) error {
	s.prepare = func(ctx context.Context, address string) (string, error) {
		return sandbox.Prepare(ctx, address, func(now time.Time) time.Time {
			if s.begins = o.begins; s.begins.IsZero() {
				s.begins = nextHour(now.Add(sandboxMaking), s.file.Zone, sandboxHour)
			}
			return s.begins.Add(-sandboxMaking)
		})
	}
	if err := s.open(ctx, a.getenv, o.data, "jari_sandbox"); err != nil {
		return err
	}
	if err := sandbox.Follow(ctx, s.config.DatabaseURL); err != nil {
		return err
	}
	if err := s.settle(ctx, o); err != nil {
		return err
	}
	campaign, err := s.apply(ctx, io.Discard, s.file, s.fit) // while none of it has opened
	if err != nil {
		return err
	}
	s.campaign, s.clock = campaign, sandbox.NewClock(s.config.DatabaseURL)
	if err := s.clock.Move(ctx, sandboxMaking); err != nil {
		return err
	}
	return s.run(ctx, log)
}

// nextHour is the next instant at which clocks in the zone show a full hour.
func nextHour(now time.Time, zone *time.Location, hour int) time.Time {
	y, m, d := now.In(zone).Date()
	at := time.Date(y, m, d, hour, 0, 0, 0, zone)
	if at.Before(now) {
		at = time.Date(y, m, d+1, hour, 0, 0, 0, zone)
	}
	return at
}

// settle makes the settings that are the sandbox's own.
func (s *sandboxHouse) settle(ctx context.Context, o sandboxOptions) (err error) {
	c := &s.config
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter, c.SendTimeout, c.LapseEvery = 8*time.Second, 6*time.Second, 20*time.Second, 3*time.Second, time.Second
	c.JournalDir = filepath.Join(s.dir, "journal")
	if err := os.RemoveAll(c.JournalDir); err != nil { // an earlier sandbox's, under a key that is gone
		return err
	}
	c.Listen = o.listen
	if at, err := netip.ParseAddrPort(o.listen); err == nil && at.Port() == 0 { // the phones must know it before the API takes it
		if c.Listen, err = freeAddr(ctx); err != nil {
			return err
		}
	}
	c.PublicURL = "http://" + c.Listen
	return nil
}

// fit moves the campaign so that its open cohort opens when the sandbox's day begins.
func (s *sandboxHouse) fit(time.Time) {
	first, today := s.file.Cohorts[0].Opens, s.file.Cohorts[0].Opens
	for _, k := range s.file.Cohorts {
		if k.Opens.Before(first) {
			first = k.Opens
		}
		if k.Code == "open" {
			today = k.Opens
		}
	}
	campaignfile.Shift(s.file, s.begins.Add(first.Sub(today)))
	s.file.RehearsalPhones = sandbox.Reached(s.people)
}

// run starts phones, worker and API, and enters whoever has to be there before everybody.
func (s *sandboxHouse) run(ctx context.Context, log *slog.Logger) (err error) {
	c := &s.config
	if err := s.startPhones(ctx, s.campaign.Slug, phonesim.Config{Log: log.With("process", "phones"), Now: s.clock.Now, ListLag: -1}); err != nil {
		return err
	}
	s.box = sandbox.New(sandbox.Config{Campaign: s.campaign.Slug, Zone: s.campaign.Zone, People: s.people, Clock: s.clock, Phones: s.phones})
	over := apiOver{sandbox: true, phonesURL: c.TwilioBaseURL, public: s.box.Over, mount: map[string]http.Handler{sandbox.Prefix: s.box.Handler()}}
	over.intake = func(h *house, intake desk.Intake) desk.Intake {
		s.clock.Add(h.clock, h.reserved)
		return sandbox.Overload(h.campaigns, intake)
	}
	if s.api, err = newAPIOver(ctx, *c, log.With("process", "api"), over); err != nil {
		return err
	}
	s.later(s.api.Stop)
	if s.work, err = newWorkProcess(ctx, *c, log.With("process", "worker")); err != nil {
		return err
	}
	s.later(s.work.Stop)
	s.clock.Add(s.work.house.clock, s.work.house.reserved)
	if s.token, err = db.NewAgents(s.api.house.pool, s.api.house.clock).Add(ctx, "sandbox", "Sandbox agent", operator()); err != nil {
		return err
	}
	if err := s.enter(ctx); err != nil {
		return err
	}
	s.work.background(func(ctx context.Context) { s.holdDraws(ctx, log) })
	return nil
}

// enter registers those whom a magic person's case needs.
func (s *sandboxHouse) enter(ctx context.Context) error {
	h := s.api.house
	for _, p := range s.people {
		if p.Before == nil {
			continue
		}
		from := desk.Entrance{Door: desk.DoorApp, Actor: "app", Received: h.clock.Now()}
		a := &desk.Applying{
			Person: *p.Before, Region: p.Region, Lang: booking.Korean, Secret: "the-sandbox-has-been-here-before-you", Operation: uuid.New(),
		}
		if _, err := s.api.desk.Register(ctx, s.campaign.Slug, from, a); err != nil {
			return fmt.Errorf("enter who has to be there for %s: %w", p.Case, err)
		}
	}
	return nil
}

// welcome says what is where.
func (s *sandboxHouse) welcome(out io.Writer) {
	url, slug := s.config.PublicURL, s.campaign.Slug
	_, _ = fmt.Fprintf(out, `
The sandbox listens on %s until Ctrl-C, for this machine only. It is %s there.
  start page  %s/        (what this is, and what there is)
  app         %s/app/
  boards      %s/boards/%s      (the public counts)
  campaign    %s/v1/campaigns/%s
  people      %s/sandbox/people      (to each the same always happens)
  texts       %s/sandbox/texts?phone=%%2B821000001000
  clock       %s/sandbox/clock       (POST {"forward_seconds": 90000} moves it)
  phones      %s        (what every phone shows, for a browser; text from those below, or from 010-0000-2000 to 010-0000-2499: others are reached by nothing)
  agent       %s      (the token of one, for the paths under /v1/agent)
  data        %s      (emptied at each start)
An app from nothing to an appointment in ten minutes: docs/first-app.md. The contract: %s/docs.

`, url, s.clock.Now().In(s.campaign.Zone).Format("Mon 2 Jan 2006 15:04 MST"), url, url, url, slug, url, slug, url, url, url, s.config.TwilioBaseURL, s.token, s.dir, url)
	for _, p := range s.people {
		_, _ = fmt.Fprintf(out, "  %-18s %s  %s  %s\n", p.Case, p.Born, p.Phone.E164(), p.Name)
	}
}
