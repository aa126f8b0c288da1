package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"jari/api"
	"jari/db"
	"jari/jobs"
	"jari/sms"
	"jari/sms/twilio"
)

// lapsePage is how many offers one transaction lets lapse.
const lapsePage = 500

func (a *app) workCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Run the background work: places, appointments, texts. Start as many as you need",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, needDatabase|needRedis|needMaster|needTexts|needPublicURL)
			if err != nil {
				return err
			}
			w, err := newWorkProcess(cmd.Context(), c, a.logger(c.LogLevel))
			if err != nil {
				return err
			}
			return w.untilDone(cmd.Context())
		},
	}
}

// workProcess is one running worker.
type workProcess struct{ *engine }

func newWorkProcess(ctx context.Context, c Config, log *slog.Logger) (*workProcess, error) {
	e, err := newEngine(ctx, c, log, db.IntakeOptions{Queue: c.IntakeQueue, Flushers: 1, Rate: c.IntakeRate}, nil)
	if err != nil {
		return nil, err
	}
	p := &workProcess{e}
	if err := p.start(ctx, log); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}

func (p *workProcess) start(ctx context.Context, log *slog.Logger) error {
	h, c := p.house, p.house.config
	sender, err := newSender(c)
	if err != nil {
		return err
	}
	p.later(func(context.Context) error {
		sender.Close()
		return nil
	})
	counter := db.NewQueueCounter(h.pool, h.campaigns)
	p.registry.MustRegister(newSeatGauges(counter.Figures))
	worker, err := jobs.New(jobs.Config{
		QueuedAfter: c.StuckAfter, SendingAfter: c.StuckAfter, ReconcileAfter: c.ReconcileAfter, AbsentGap: c.ReconcileAgain,
	}, p.redis, jobs.Ports{
		Sealer: db.NewSealer(h.pool, h.campaigns, c.SealPage), Counter: counter, Enroller: db.NewEnroller(h.pool, h.campaigns),
		Assigner: assigner{db.NewAssigner(h.pool, h.campaigns, c.AssignPage)}, Outbox: db.NewOutbox(h.pool, h.campaigns),
		Lapser: db.NewLapser(h.pool, h.campaigns, lapsePage), Inbound: inbound{db.NewSwitchboard(h.pool, h.campaigns), p.door, h.clock}, Sender: sender, Clock: h.clock,
	}, p.registry, log)
	if err != nil {
		return err
	}
	internal, err := listen(ctx, "JARI_INTERNAL_LISTEN", c.InternalListen)
	if err != nil {
		return err
	}
	p.begin(log)
	p.serve(api.NewHTTPServer(c.InternalListen, api.Health(h.ready(p.redis), p.registry), log), internal)
	if err := worker.Start(); err != nil {
		return err
	}
	p.later(worker.Stop)
	log.Info("working", "internal", internal.Addr().String())
	return nil
}

func newSender(c Config) (*twilio.Sender, error) {
	return twilio.New(twilio.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom, BaseURL: c.TwilioBaseURL,
		StatusCallback: strings.TrimSuffix(c.PublicURL, "/") + receiptsPath, Timeout: c.SendTimeout,
	})
}

// assigner lets jobs see a round's result without knowing package db.
type assigner struct{ *db.Assigner }

func (a assigner) RunRound(ctx context.Context, pool int32, actor string) (looked, assigned, unmatched int, err error) {
	r, err := a.Assigner.RunRound(ctx, pool, actor)
	return r.Looked, r.Assigned, r.Unmatched, err
}

// inbound lets jobs find kept texts in the database and hand them to the text door.
type inbound struct {
	kept  *db.Switchboard
	door  *sms.Door
	clock *db.Clock
}

func (i inbound) OpenInbound(ctx context.Context, before time.Time) ([]int64, error) {
	if err := i.kept.Forget(ctx, i.clock.Now()); err != nil {
		return nil, err
	}
	return i.kept.OpenInbound(ctx, before)
}

func (i inbound) HandleInbound(ctx context.Context, id int64) error { return i.door.Handle(ctx, id) }
