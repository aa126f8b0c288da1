package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/spf13/cobra"

	"jari/api"
	"jari/db"
	"jari/jobs"
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
			return untilDone(cmd.Context(), w)
		},
	}
}

// workProcess is one running worker.
type workProcess struct {
	house    *house
	redis    *redis.Client
	sender   *twilio.Sender
	intake   *db.Intake
	worker   *jobs.Worker
	internal *http.Server
	cancel   context.CancelFunc
	wg       sync.WaitGroup
	failed   chan error
}

func newWorkProcess(ctx context.Context, c Config, log *slog.Logger) (*workProcess, error) {
	h, err := openHouse(ctx, c)
	if err != nil {
		return nil, err
	}
	p := &workProcess{house: h, failed: make(chan error, 1)}
	rdb, err := jobs.OpenRedis(c.RedisURL)
	if err != nil {
		h.close()
		return nil, err
	}
	p.redis = rdb
	p.intake = db.NewIntake(h.reserved, db.IntakeOptions{Queue: c.IntakeQueue, Flushers: 1, Rate: c.IntakeRate})
	if err := p.start(ctx, log); err != nil {
		p.intake.Close()
		_ = rdb.Close()
		h.close()
		return nil, err
	}
	return p, nil
}

func (p *workProcess) start(ctx context.Context, log *slog.Logger) error {
	h := p.house
	registry := newRegistry(h)
	d := newDesk(h, p.intake)
	bell, err := newAlarmBell(h, registry, log)
	if err != nil {
		return err
	}
	d.AlarmTo(bell)
	door, err := newDoor(h, d, log, registry)
	if err != nil {
		return err
	}
	if p.sender, err = newSender(h.config); err != nil {
		return err
	}
	c := h.config
	counter := db.NewQueueCounter(h.pool, h.campaigns)
	registry.MustRegister(newSeatGauges(counter.Figures))
	assigner, texts := db.NewAssigner(h.pool, h.campaigns, c.AssignPage), db.NewSwitchboard(h.pool, h.campaigns)
	p.worker, err = jobs.New(jobs.Config{
		QueuedAfter: c.StuckAfter, SendingAfter: c.StuckAfter, ReconcileAfter: c.ReconcileAfter, AbsentGap: c.ReconcileAgain,
	}, p.redis, jobs.Ports{
		Seal: db.NewSealer(h.pool, h.campaigns, c.SealPage).SealAll, Count: counter.WriteDocuments, Enrol: db.NewEnroller(h.pool, h.campaigns).EnrolPage,
		Pools: assigner.Pools, Round: func(ctx context.Context, pool int32, actor string) (int, error) {
			r, err := assigner.RunRound(ctx, pool, actor)
			return r.Assigned, err
		},
		Lapse: db.NewLapser(h.pool, h.campaigns, lapsePage).Lapse, HandleText: door.Handle,
		OpenTexts: func(ctx context.Context, before time.Time) ([]int64, error) {
			if err := texts.Forget(ctx, h.clock.Now()); err != nil {
				return nil, err
			}
			return texts.OpenInbound(ctx, before)
		},
		Outbox: db.NewOutbox(h.pool, h.campaigns), Sender: p.sender, Clock: h.clock,
	}, registry, log)
	if err != nil {
		return err
	}
	internal, err := listen(ctx, "JARI_INTERNAL_LISTEN", c.InternalListen)
	if err != nil {
		return err
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	p.cancel = cancel
	h.background(background, &p.wg, log)
	p.wg.Go(func() { bell.run(background) })
	p.internal = api.NewHTTPServer(c.InternalListen, api.Health(h.ready(p.redis), registry), log)
	serveOn(&p.wg, p.internal, internal, p.failed)
	if err := p.worker.Start(); err != nil {
		cancel()
		_ = p.internal.Close()
		p.wg.Wait()
		return err
	}
	log.Info("working", "internal", internal.Addr().String())
	return nil
}

// Failed implements part.
func (p *workProcess) Failed() <-chan error { return p.failed }

// Stop lets the tasks under way finish and lets go of everything, in this order.
func (p *workProcess) Stop(ctx context.Context) error {
	err := errors.Join(p.worker.Stop(ctx), p.internal.Shutdown(ctx))
	p.intake.Close()
	p.cancel()
	p.wg.Wait()
	p.sender.Close()
	_ = p.redis.Close()
	p.house.close()
	return err
}
