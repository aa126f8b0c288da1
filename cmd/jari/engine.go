package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
	"jari/jobs"
	"jari/sms"
)

// stopTime is how long a stopping process may take to finish what it has begun.
const stopTime = 20 * time.Second

// parts are what runs until it is stopped, in reverse.
type parts struct {
	stops  []func(context.Context) error
	failed chan error // gets an error when one of them cannot go on; nil: nobody waits for that
}

// later remembers how to stop a part.
func (p *parts) later(stop func(context.Context) error) { p.stops = append(p.stops, stop) }

// Stop stops all parts.
func (p *parts) Stop(ctx context.Context) error {
	var errs []error
	for _, stop := range slices.Backward(p.stops) {
		errs = append(errs, stop(ctx))
	}
	return errors.Join(errs...)
}

// beside runs f until it is its turn to be stopped.
func (p *parts) beside(ctx context.Context, f func(context.Context)) {
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(ctx)
	}()
	p.later(func(context.Context) error {
		stop()
		<-done
		return nil
	})
}

// serve answers on a listener.
func (p *parts) serve(s *http.Server, l net.Listener) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			select {
			case p.failed <- err:
			default:
			}
		}
	}()
	p.later(func(ctx context.Context) error {
		err := s.Shutdown(ctx)
		<-done
		return err
	})
}

// untilDone waits for the end of the context, or for what ends a part before, and stops all.
func (p *parts) untilDone(ctx context.Context) error {
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-p.failed:
	}
	return errors.Join(failed, inTime(ctx, stopTime, p.Stop))
}

// inTime stops something although the context has ended.
func inTime(ctx context.Context, limit time.Duration, stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	return stop(ctx)
}

// engine is what an API and a worker have in common. Stop finishes the requests or tasks under way, then what they need, and
// lets go of everything, in this order.
type engine struct {
	parts
	house    *house
	redis    *redis.Client
	intake   *db.Intake
	registry *prometheus.Registry
	desk     *desk.Desk
	door     *sms.Door // a worker's handles texts that were kept but not handled
	texts    *db.Switchboard
	outbox   *db.Outbox
	bell     *alarmBell
	texting  *texting

	wg         sync.WaitGroup
	background func(f func(context.Context)) // runs f beside the work; its context ends when the process stops
}

// intakeOver puts something over the intake.
type intakeOver func(*house, desk.Intake) desk.Intake

// newEngine opens what both need. Nothing runs yet but the intake.
func newEngine(ctx context.Context, c Config, log *slog.Logger, o db.IntakeOptions, over intakeOver) (*engine, error) {
	rdb, err := jobs.OpenRedis(c.RedisURL)
	if err != nil {
		return nil, err
	}
	h, err := openHouse(ctx, c)
	if err != nil {
		_ = rdb.Close()
		return nil, err
	}
	e := &engine{house: h, redis: rdb, registry: newRegistry(h), intake: db.NewIntake(h.reserved, o)}
	e.failed = make(chan error, 2)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.background = func(f func(context.Context)) { e.wg.Go(func() { f(running) }) }
	e.later(func(context.Context) error {
		e.intake.Close()
		cancel()
		e.wg.Wait()
		_ = rdb.Close()
		h.close()
		return nil
	})
	var intake desk.Intake = e.intake
	if over != nil {
		intake = over(h, intake)
	}
	if err := e.open(intake, log); err != nil {
		return nil, errors.Join(err, e.Stop(ctx))
	}
	return e, nil
}

// open makes the desk and the text door.
func (e *engine) open(intake desk.Intake, log *slog.Logger) (err error) {
	if e.bell, err = newAlarmBell(e.house, e.registry, log); err != nil {
		return err
	}
	if e.texting, err = newTexting(e.house.config, e.house.clock.Now); err != nil {
		return err
	}
	e.later(func(context.Context) error {
		e.texting.close()
		return nil
	})
	e.texts = db.NewSwitchboard(e.house.pool, e.house.campaigns).Reserve(e.house.reserved)
	e.desk = newDesk(e.house, intake, e.bell, e.texts)
	e.outbox = db.NewOutbox(e.house.pool, e.house.campaigns).Over(e.texting.routes)
	e.door, err = sms.NewDoor(e.desk, e.texting.providers[0], e.outbox, log, e.registry)
	return err
}

// begin runs what a process needs beside its work: clock samples, fresh campaigns, and alarms that are written.
func (e *engine) begin(log *slog.Logger) {
	h, report := e.house, func(err error) { log.Warn("background", "error", err) }
	e.background(func(ctx context.Context) { h.clock.Run(ctx, h.reserved, 250*time.Millisecond, report) })
	e.background(func(ctx context.Context) { h.campaigns.Run(ctx, 2*time.Second, report) })
	e.background(e.bell.run)
}

func listen(ctx context.Context, setting, addr string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w (set %s to a free address)", addr, err, setting)
	}
	return l, nil
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
func newDesk(h *house, intake desk.Intake, alarm desk.Alarm, texts *db.Switchboard) *desk.Desk {
	return desk.New(desk.Ports{
		Campaigns: h.campaigns, Intake: intake, Book: db.NewBook(h.pool, h.campaigns), Phones: texts,
		Clock: h.clock, Stamps: h.stamps, Alarm: alarm,
	})
}
