package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"jari/api"
	"jari/booking/vault"
	"jari/cmd/jari/rush"
	"jari/db"
	"jari/db/private"
	"jari/sms/phonesim"
)

// rushHouse is the private system of a rush: real servers and real processes, as many as were asked for.
type rushHouse struct {
	options  rushOptions
	config   Config
	postgres *private.Postgres
	redis    *private.Redis
	phones   *phonesim.Server
	network  *rushNetwork // between the phones and the nodes
	children []*rushChild
	urls     []string
	clocks   rushClocks
	token    string // an agent's
	stops    []func(context.Context) error

	wg    sync.WaitGroup
	mu    sync.Mutex
	fault error // of what was done to the system on purpose
}

// later remembers how to stop what was started; stop undoes it in reverse.
func (h *rushHouse) later(f func(context.Context) error) { h.stops = append(h.stops, f) }

func (h *rushHouse) stop(ctx context.Context) error {
	h.wg.Wait()
	var errs []error
	for i := len(h.stops) - 1; i >= 0; i-- {
		errs = append(errs, h.stops[i](ctx))
	}
	return errors.Join(errs...)
}

func (h *rushHouse) start(ctx context.Context, a *app) error {
	dir, err := filepath.Abs(h.options.dir)
	if err != nil {
		return err
	}
	h.options.dir = dir
	if err := h.servers(ctx); err != nil {
		return err
	}
	if _, err := db.Migrate(ctx, h.config.DatabaseURL); err != nil {
		return err
	}
	var listens []string
	for range h.options.nodes {
		addr, err := freeAddr(ctx)
		if err != nil {
			return err
		}
		listens, h.urls = append(listens, addr), append(h.urls, "http://"+addr)
	}
	h.config.PublicURL = h.urls[0] // the one public name; the network gives texts to all nodes in turn
	if err := h.startPhones(ctx); err != nil {
		return err
	}
	if err := h.startChildren(ctx, listens); err != nil {
		return err
	}
	if err := h.untilReady(ctx, "/readyz"); err != nil {
		return err
	}
	if err := h.openCampaign(ctx, a); err != nil {
		return err
	}
	return h.untilReady(ctx, "/v1/campaigns/"+rushSlug)
}

// servers starts PostgreSQL and Redis and makes the settings of all processes.
func (h *rushHouse) servers(ctx context.Context) error {
	c, err := loadConfig(func(string) string { return "" }, 0)
	if err != nil {
		return err
	}
	if err := h.startPostgres(ctx, 0); err != nil {
		return err
	}
	h.later(func(ctx context.Context) error { return h.postgres.Stop(ctx) })
	if c.DatabaseURL, err = freshDatabase(ctx, h.postgres.URL(), "jari_rush"); err != nil {
		return err
	}
	if h.redis, err = private.StartRedis(ctx, private.RedisOptions{Dir: filepath.Join(h.options.dir, "redis")}); err != nil {
		return err
	}
	h.later(h.redis.Stop)
	c.RedisURL, c.MasterKey = h.redis.URL(), vault.NewMasterKey()
	c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom = "ACrush0000000000000000000000000000", randomToken(), "+82200001339"
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter = 15*time.Second, 10*time.Second, 10*time.Second
	h.config = c
	return nil
}

// startPostgres starts PostgreSQL as it stood; port 0 is any.
func (h *rushHouse) startPostgres(ctx context.Context, port int) error {
	p, err := private.StartPostgres(ctx, private.PostgresOptions{
		Dir: filepath.Join(h.options.dir, "postgres"), Durable: true, Port: port, Settings: rushSettings(),
	})
	if err == nil {
		h.postgres = p
	}
	return err
}

// rushSettings are PostgreSQL's for a write peak: no checkpoint in its middle.
func rushSettings() map[string]string {
	return map[string]string{"max_wal_size": "4GB", "checkpoint_timeout": "15min", "shared_buffers": "512MB", "wal_buffers": "16MB"}
}

func freeAddr(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

func (h *rushHouse) startPhones(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.network = newRushNetwork(h.urls)
	log := slog.New(slog.DiscardHandler)
	h.phones, err = phonesim.New(phonesim.Config{
		AccountSID: h.config.TwilioAccountSID, AuthToken: h.config.TwilioAuthToken, From: h.config.TwilioFrom,
		InboundURL: h.config.PublicURL + inboundPath + "/" + rushSlug, Log: log, Workers: 16, CrowdWorkers: 8, Transport: h.network,
		// A network goes on delivering: the texts of a rush survive a database that is away for a minute.
		HookTimeout: 15 * time.Second, HookRetries: 600,
	})
	if err != nil {
		_ = l.Close()
		return err
	}
	h.phones.Start()
	h.config.TwilioBaseURL = "http://" + l.Addr().String()
	web := api.NewHTTPServer("", h.phones, log)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = web.Serve(l)
	}()
	h.later(func(ctx context.Context) error {
		h.phones.Stop()
		err := web.Shutdown(ctx)
		<-done
		return err
	})
	return nil
}

// untilReady waits until every node answers 200.
func (h *rushHouse) untilReady(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	client := &http.Client{Timeout: 3 * time.Second}
	defer client.CloseIdleConnections()
	for _, base := range h.urls {
		for !answers(ctx, client, base+path) {
			if err := h.failed(); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("the private system is not ready (its logs are in %s): %w", h.options.dir, ctx.Err())
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
	return nil
}

func answers(ctx context.Context, client *http.Client, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// openCampaign makes the campaign of the run, which opens in a few seconds.
func (h *rushHouse) openCampaign(ctx context.Context, a *app) error {
	house, err := openHouse(ctx, h.config)
	if err != nil {
		return err
	}
	defer house.pool.Close()
	// Planning takes a second for a hundred thousand people, and the nodes read campaigns every other second.
	opens := house.clock.Now().Add(8*time.Second + time.Duration(h.options.crowd.People)*20*time.Microsecond)
	c, err := rushCampaign(opens, h.options.settle, rush.TextPhones(h.options.crowd))
	if err != nil {
		return err
	}
	if err := applyCampaign(ctx, a.out, house, c); err != nil {
		return err
	}
	h.token, err = db.NewAgents(house.pool, house.clock).Add(ctx, "rush", "Rush", operator())
	return err
}
