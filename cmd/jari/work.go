package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
	"jari/jobs"
)

const (
	lapsePage   = 500 // offers that one transaction lets lapse
	unaskedPage = 500 // people whom one transaction looks at for reminders and news
)

func (a *app) workCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "work",
		Short: "Run the background work: places, appointments, texts. Start as many as you need",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(a.getenv, needProcess)
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
	return newWorkProcessOver(ctx, c, log, func(desk.Routes) {})
}

// newWorkProcessOver is newWorkProcess with the routes changed, for what is measured.
func newWorkProcessOver(ctx context.Context, c Config, log *slog.Logger, over func(desk.Routes)) (*workProcess, error) {
	e, err := newEngine(ctx, c, log, db.IntakeOptions{Queue: c.IntakeQueue, Flushers: 1, Rate: c.IntakeRate}, nil)
	if err != nil {
		return nil, err
	}
	p := &workProcess{e}
	if err := p.start(ctx, log, over); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}

func (p *workProcess) start(ctx context.Context, log *slog.Logger, over func(desk.Routes)) error {
	h, c := p.house, p.house.config
	p.texting.warn(h.campaigns.All(), log)
	over(p.texting.routes)
	counter := db.NewQueueCounter(h.pool, h.campaigns)
	p.registry.MustRegister(newSeatGauges(counter.Figures))
	assigner := db.NewAssigner(h.pool, h.campaigns, c.AssignPage)
	worker, err := jobs.New(jobs.Config{
		QueuedAfter: c.StuckAfter, SendingAfter: c.StuckAfter, ReconcileAfter: c.ReconcileAfter, AbsentGap: c.ReconcileAgain, Lapse: c.LapseEvery,
	}, p.redis, jobs.Ports{
		Seal: db.NewSealer(h.pool, h.campaigns, c.SealPage).SealAll, Count: counter.WriteDocuments, Enrol: db.NewEnroller(h.pool, h.campaigns).EnrolPage,
		Pools: assigner.Pools, Round: func(ctx context.Context, pool int32, actor string) (int, error) {
			r, err := assigner.RunRound(ctx, pool, actor)
			return r.Assigned, err
		},
		Lapse: db.NewLapser(h.pool, h.campaigns, lapsePage).Lapse, Remind: db.NewReminder(h.pool, h.campaigns, unaskedPage).Remind,
		News: db.NewNews(h.pool, h.campaigns, unaskedPage).Tell, HandleText: p.door.Handle, OpenTexts: p.texts.OpenInbound, ForgetTexts: p.texts.Forget,
		Outages: db.NewOutages(h.pool), RecoverTexts: p.recoverTexts,
		Outbox: p.outbox, Routes: p.texting.routes, Clock: h.clock,
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

// recoverTexts reads the logs of all our numbers at a provider.
func (p *workProcess) recoverTexts(ctx context.Context, o desk.Outage) (kept int, err error) {
	known := slices.ContainsFunc(p.texting.logs, func(l textLog) bool { return l.provider == o.Provider })
	if !known {
		return 0, fmt.Errorf("read the log of an outage: no number takes texts by %q any more (JARI_TEXTS)", o.Provider)
	}
	for _, l := range p.texting.logs {
		if l.provider != o.Provider {
			continue
		}
		n, failed := p.door.Recover(ctx, l, o, l.whose)
		if failed != nil && l.whose.Campaign != "" {
			failed = fmt.Errorf("the number of campaign %s (JARI_TEXTS): %w", l.whose.Campaign, failed)
		}
		kept, err = kept+n, errors.Join(err, failed)
	}
	return kept, err
}
