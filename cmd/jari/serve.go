package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/spf13/cobra"

	"jari/api"
	"jari/db"
	"jari/sms"
)

func (a *app) serveCmd() *cobra.Command {
	var sandboxed bool
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the API: the doors for apps, agents and texts. Start as many as you need; --sandbox: a whole system to try an app on",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case sandboxed:
				return a.sandbox(cmd.Context(), o)
			case cmd.Flags().NFlag() > 0:
				return errors.New("--listen, --data and --log go with --sandbox; a real server takes its settings from the environment (jari settings)")
			}
			c, err := loadConfig(a.getenv, needProcess)
			if err != nil {
				return err
			}
			s, err := newAPI(cmd.Context(), c, a.logger(c.LogLevel))
			if err != nil {
				return err
			}
			return s.untilDone(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&sandboxed, "sandbox", false, "run everything in this one process for app teams: private servers, simulated phones, a campaign of magic people (docs/first-app.md)")
	o.flags(cmd.Flags())
	return cmd
}

// apiProcess is one running API.
type apiProcess struct {
	*engine
	journal *doorJournal // nil where there is none
	addr    net.Addr
	over    apiOver
}

// newAPI starts the API. The settings are complete.
func newAPI(ctx context.Context, c Config, log *slog.Logger) (*apiProcess, error) {
	return newAPIOver(ctx, c, log, apiOver{})
}

// apiOver is what is put over an API, so that what is measured with another intake, or tried in the sandbox, is in all else
// the same server. Each may be nil.
type apiOver struct {
	intake    intakeOver
	public    func(http.Handler) http.Handler // what everybody reaches
	mount     map[string]http.Handler         // more paths
	sandbox   bool                            // it says of itself that it is one
	demo      bool                            // so with the demo
	phonesURL string                          // of the simulated phones; empty: there are none
}

// newAPIOver is newAPI with something put over it.
func newAPIOver(ctx context.Context, c Config, log *slog.Logger, over apiOver) (*apiProcess, error) {
	e, err := newEngine(ctx, c, log, db.IntakeOptions{Queue: c.IntakeQueue, Rate: c.IntakeRate}, over.intake)
	if err != nil {
		return nil, err
	}
	p := &apiProcess{engine: e, over: over}
	if err := p.start(ctx, log); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}

// manyTexts is how many texts wait to be stored when handling them gives way. A node that is not overrun never has so many.
const manyTexts = 128

// startHands lets the text door handle what it keeps. What is under way when the process stops gets some seconds.
func (p *apiProcess) startHands() {
	p.door.UseHands(sms.Hands{Busy: func() bool { return p.texts.Waiting() > manyTexts }})
	p.door.Start()
	p.later(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, stopTime/4)
		defer cancel()
		p.door.Stop(ctx)
		return nil
	})
}

// signsOf makes what gives the signs of each provider's texts, and lets it hear of those that the door refuses.
func (p *apiProcess) signsOf() map[string]*db.TextDoor {
	signs := map[string]*db.TextDoor{}
	for _, w := range p.texting.providers {
		if w.inbound {
			signs[w.Name()] = db.NewTextDoor(p.house.reserved, w.Name())
		}
	}
	p.door.OnRefused(func(provider string, at time.Time) { signs[provider].Refused(at) })
	return signs
}

// signs lets everybody know that this node takes a provider's texts, from now on until it stops.
func (p *apiProcess) signs(door *db.TextDoor, log *slog.Logger) {
	h := p.house
	warn := func(err error) { log.Warn("text door", "error", err) }
	p.later(func(ctx context.Context) error {
		if err := door.Stop(ctx, h.clock.Now()); err != nil {
			warn(err)
		}
		return nil
	})
	p.beside(context.Background(), func(ctx context.Context) { door.Run(ctx, h.clock, warn) })
}

func (p *apiProcess) start(ctx context.Context, log *slog.Logger) (err error) {
	h := p.house
	p.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jari_intake_waiting", Help: "Applications waiting to be stored."},
		func() float64 { return float64(p.intake.Waiting()) }))
	if p.journal, err = openJournal(h, p.door, p.registry, log); err != nil {
		return err
	}
	p.later(p.journal.stop)
	p.startHands()
	docs := db.NewQueueDocs(h.pool, h.campaigns)
	if err := docs.Refresh(ctx); err != nil { // before anybody can ask: a queue that exists must not be called unknown
		log.Warn("queue documents", "error", err)
	}
	signs := p.signsOf()
	mount := p.texting.mount(p.door)
	maps.Copy(mount, p.over.mount)
	server, err := api.New(api.Config{
		Desk: p.desk, Agents: db.NewAgents(h.pool, h.clock), Queues: docs, Ready: p.journal.ready(h.ready(p.redis)),
		Mount: mount, Sandbox: p.over.sandbox, Demo: p.over.demo, PhonesURL: p.over.phonesURL,
		TrustedProxies: h.config.proxies(), Log: log, Registry: p.registry, Away: db.Away,
		ClientMinimum: h.config.ClientMinimum,
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
	p.begin(log)
	p.background(boundGarbage)
	p.background(func(ctx context.Context) {
		docs.Run(ctx, time.Second, func(err error) { log.Warn("queue documents", "error", err) })
	})
	p.journal.start(ctx, log)
	p.serve(api.NewHTTPServer(h.config.InternalListen, server.Internal(), log), internal)
	everybody := server.Public()
	if p.over.public != nil {
		everybody = p.over.public(everybody)
	}
	p.serve(api.NewHTTPServer(h.config.Listen, everybody, log), bounded(public, h.config.MaxConnections, h.config.DatabaseConns+reservedConns, log))
	for _, name := range slices.Sorted(maps.Keys(signs)) {
		p.signs(signs[name], log)
	}
	log.Info("serving", "public", public.Addr().String(), "internal", internal.Addr().String())
	return nil
}
