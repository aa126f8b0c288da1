package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
	"jari/jobs"
	"jari/sms"
	"jari/sms/twilio"
)

// stopTime is how long a stopping process may take to finish what it has begun.
const stopTime = 20 * time.Second

func (a *app) serveCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the API: the doors for apps, agents and texts. Start as many as you need",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, needDatabase|needRedis|needMaster|needTexts|needPublicURL)
			if err != nil {
				return err
			}
			s, err := newAPI(cmd.Context(), c, a.logger(c.LogLevel))
			if err != nil {
				return err
			}
			return untilDone(cmd.Context(), s)
		},
	}
}

// part is something that runs until it is stopped.
type part interface {
	// Failed is closed or gets an error when the part cannot go on.
	Failed() <-chan error
	Stop(ctx context.Context) error
}

func untilDone(ctx context.Context, p part) error {
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-p.Failed():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(failed, p.Stop(stop))
}

// newRegistry makes the metrics every process has.
func newRegistry(h *house) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newBrakeGauge(h.campaigns),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jari_clock_bound_seconds", Help: "How wrong this node's reading of PostgreSQL's clock can be."},
			func() float64 { return h.clock.Bound().Seconds() }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jari_database_connections", Help: "Connections to PostgreSQL."},
			func() float64 { return float64(h.pool.Stat().TotalConns()) }))
	return r
}

// background runs what a process needs beside its work: clock samples and fresh campaigns.
func (h *house) background(ctx context.Context, wg *sync.WaitGroup, log *slog.Logger) {
	report := func(err error) { log.Warn("background", "error", err) }
	wg.Go(func() { h.clock.Run(ctx, h.reserved, 250*time.Millisecond, report) })
	wg.Go(func() { h.campaigns.Run(ctx, 2*time.Second, report) })
}

// ready checks what a process cannot work without. Redis away is only degraded: applications are still taken, and what
// is due is found again when it is back.
func (h *house) ready(rdb redis.UniversalClient) func(ctx context.Context) []api.Check {
	return func(ctx context.Context) []api.Check {
		checks := []api.Check{check("schema", db.CheckSchema(ctx, h.pool))}
		bound := h.clock.Bound()
		clock := api.Check{Name: "clock", OK: bound <= db.MaxBound, Detail: "error at most " + bound.Round(time.Microsecond).String()}
		redisCheck := api.Check{Name: "redis", OK: true}
		if err := rdb.Ping(ctx).Err(); err != nil {
			redisCheck.Degraded, redisCheck.Detail = true, "Redis is away: nothing is lost, texts and rounds wait until it is back"
		}
		return append(checks, clock, redisCheck, h.alarmCheck(ctx))
	}
}

func check(name string, err error) api.Check {
	c := api.Check{Name: name, OK: err == nil}
	if err != nil {
		c.Detail = err.Error()
	}
	return c
}

// newDesk connects the desk to its ports.
func newDesk(h *house, intake desk.Intake) *desk.Desk {
	return desk.New(h.campaigns, intake, db.NewBook(h.pool, h.campaigns), db.NewSwitchboard(h.pool, h.campaigns), h.clock, h.stamps)
}

// newDoor makes the text door. The workers have one too, to handle texts that were kept but not handled.
func newDoor(h *house, d *desk.Desk, log *slog.Logger, registry *prometheus.Registry) (*sms.Door, error) {
	tokens := append([]string{h.config.TwilioAuthToken}, splitList(h.config.TwilioAuthTokenBefore)...) // never an empty one
	provider := twilio.NewWebhooks(strings.TrimSuffix(h.config.PublicURL, "/"), tokens...)
	return sms.NewDoor(d, provider, db.NewOutbox(h.pool, h.campaigns), log, registry)
}

func newSender(c Config) (*twilio.Sender, error) {
	return twilio.New(twilio.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom, BaseURL: c.TwilioBaseURL,
		StatusCallback: strings.TrimSuffix(c.PublicURL, "/") + receiptsPath, Timeout: c.SendTimeout,
	})
}

// Webhook paths, as they must be entered at the provider. The inbound path ends with the campaign's slug.
const (
	inboundPath  = "/webhooks/twilio/inbound"
	receiptsPath = "/webhooks/twilio/receipts"
)

// apiProcess is one running API.
type apiProcess struct {
	house    *house
	redis    *redis.Client
	intake   *db.Intake
	journal  *doorJournal                          // nil where there is none
	over     func(*house, desk.Intake) desk.Intake // nil but in measurements
	public   *http.Server
	internal *http.Server
	addr     net.Addr
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	failed   chan error
}

// newAPI starts the API. The settings are complete.
func newAPI(ctx context.Context, c Config, log *slog.Logger) (*apiProcess, error) {
	return newAPIOver(ctx, c, log, nil)
}

// newAPIOver is newAPI with something put over the intake, so that what is measured with another intake is in all else
// the same server.
func newAPIOver(ctx context.Context, c Config, log *slog.Logger, over func(*house, desk.Intake) desk.Intake) (*apiProcess, error) {
	h, err := openHouse(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &apiProcess{house: h, over: over, failed: make(chan error, 2)}
	if p.redis, err = jobs.OpenRedis(c.RedisURL); err != nil {
		h.close()
		return nil, err
	}
	p.intake = db.NewIntake(h.reserved, db.IntakeOptions{Queue: c.IntakeQueue, Rate: c.IntakeRate})
	if err := p.start(ctx, log); err != nil {
		p.journal.close()
		p.intake.Close()
		_ = p.redis.Close()
		h.close()
		return nil, err
	}
	return p, nil
}

func (p *apiProcess) start(ctx context.Context, log *slog.Logger) error {
	h := p.house
	registry := newRegistry(h)
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jari_intake_waiting", Help: "Applications waiting to be stored."},
		func() float64 { return float64(p.intake.Waiting()) }))
	var intake desk.Intake = p.intake
	if p.over != nil {
		intake = p.over(h, intake)
	}
	d := newDesk(h, intake)
	bell, err := newAlarmBell(h, registry, log)
	if err != nil {
		return err
	}
	d.AlarmTo(bell)
	door, err := newDoor(h, d, log, registry)
	if err != nil {
		return err
	}
	if p.journal, err = openJournal(h, door, registry, log); err != nil {
		return err
	}
	docs := db.NewQueueDocs(h.pool, h.campaigns)
	server, err := api.New(api.Config{
		Desk: d, Agents: db.NewAgents(h.pool, h.clock), Queues: docs, Ready: p.journal.ready(h.ready(p.redis)),
		Mount:          map[string]http.Handler{inboundPath: door.Inbound(inboundPath), receiptsPath: door.Receipts()},
		TrustedProxies: h.config.proxies(), Log: log, Registry: registry, Away: db.Away,
	})
	if err != nil {
		return err
	}
	// Both listeners first: a port that is taken is an error before anything runs.
	public, err := listen(ctx, "JARI_LISTEN", h.config.Listen)
	if err != nil {
		return err
	}
	internal, err := listen(ctx, "JARI_INTERNAL_LISTEN", h.config.InternalListen)
	if err != nil {
		_ = public.Close()
		return err
	}
	p.addr = public.Addr()
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	h.background(background, &p.wg, log)
	p.wg.Go(func() { boundGarbage(background) })
	p.wg.Go(func() { bell.run(background) })
	p.journal.start(background, log)
	p.wg.Go(func() {
		docs.Run(background, time.Second, func(err error) { log.Warn("queue documents", "error", err) })
	})
	p.public = api.NewHTTPServer(h.config.Listen, server.Public(), log)
	p.internal = api.NewHTTPServer(h.config.InternalListen, server.Internal(), log)
	serveOn(&p.wg, p.public, bounded(public, h.config.MaxConnections, h.config.DatabaseConns+reservedConns, log), p.failed)
	serveOn(&p.wg, p.internal, internal, p.failed)
	log.Info("serving", "public", public.Addr().String(), "internal", internal.Addr().String())
	return nil
}

func listen(ctx context.Context, setting, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (set %s to a free address)", addr, err, setting)
	}
	return l, nil
}

func serveOn(wg *sync.WaitGroup, s *http.Server, l net.Listener, failed chan<- error) {
	wg.Go(func() {
		if err := s.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
}

// Failed implements part.
func (p *apiProcess) Failed() <-chan error { return p.failed }

// Stop finishes the requests under way, replays the journal, stores what waits in the intake, and lets go of everything,
// in this order. What could not be replayed stays in the journal and is an error.
func (p *apiProcess) Stop(ctx context.Context) error {
	err := errors.Join(p.public.Shutdown(ctx), p.internal.Shutdown(ctx))
	err = errors.Join(err, p.journal.stop(ctx))
	p.intake.Close()
	p.cancel()
	p.wg.Wait()
	_ = p.redis.Close()
	p.house.close()
	return err
}
