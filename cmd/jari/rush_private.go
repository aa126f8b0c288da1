package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"jari/cmd/jari/load"
	"jari/cmd/jari/rush"
	"jari/db"
	"jari/sms/phonesim"
)

// rushHouse is the private system of a rush: real servers and real processes, as many as were asked for.
type rushHouse struct {
	testbed
	options  rushOptions
	network  *rushNetwork // between the phones and the nodes
	app      *app
	children []*child
	nodes    []rushNode
	urls     []string
	clocks   rushClocks
	token    string // an agent's

	mu    sync.Mutex
	fault error // of what was done to the system on purpose
}

// rushNode is an API process with its settings.
type rushNode struct {
	child  *child
	config Config
}

func (h *rushHouse) start(ctx context.Context, a *app) error {
	h.app, h.settings = a, peakSettings()
	if err := h.open(ctx, noSettings, h.options.dir, "jari_rush"); err != nil {
		return err
	}
	c := &h.config
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter, c.LogLevel = 15*time.Second, 10*time.Second, 10*time.Second, slog.LevelWarn
	var listens []string
	for range h.options.nodes {
		addr, err := freeAddr(ctx)
		if err != nil {
			return err
		}
		listens, h.urls = append(listens, addr), append(h.urls, "http://"+addr)
	}
	c.PublicURL = h.urls[0] // the one public name; the network gives texts to all nodes in turn
	h.network = newRushNetwork(listens)
	retries := 600
	if h.options.stopNodes > 0 {
		retries = -1 // nothing but the network's log knows then what people texted
	}
	if err := h.startPhones(ctx, rushSlug, phonesim.Config{
		Log: slog.New(slog.DiscardHandler), Workers: 16, CrowdWorkers: 8, Transport: h.network,
		// A network goes on delivering: the texts of a rush survive a database that is away for a minute.
		HookTimeout: 15 * time.Second, HookRetries: retries,
	}); err != nil {
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

// startChildren starts the nodes and the workers.
func (h *rushHouse) startChildren(ctx context.Context, listens []string) error {
	journals := filepath.Join(h.dir, "journals")
	if err := os.RemoveAll(journals); err != nil { // of another run, under another master key
		return err
	}
	for i, listen := range listens {
		internal, err := freeAddr(ctx)
		if err != nil {
			return err
		}
		h.clocks.urls = append(h.clocks.urls, "http://"+internal+"/metrics")
		c := h.config
		c.Listen, c.InternalListen, c.IntakeRate = listen, internal, h.options.intakeRate
		if h.options.clocksApart {
			c.ClockOffsetFile = filepath.Join(h.dir, "clock-"+strconv.Itoa(i))
			shift := []string{"+3s\n", "-3s\n"}[i%2]
			if err := os.WriteFile(c.ClockOffsetFile, []byte(shift), 0o600); err != nil {
				return err
			}
		}
		if h.options.journal {
			c.JournalDir = filepath.Join(journals, strconv.Itoa(i))
			if err := os.MkdirAll(c.JournalDir, 0o700); err != nil {
				return err
			}
		}
		if err := h.startNode(i, c); err != nil {
			return err
		}
	}
	for i := range h.options.workers {
		if _, err := h.startProcess("work", i, h.config); err != nil {
			return err
		}
	}
	return nil
}

// startNode starts an API process.
func (h *rushHouse) startNode(i int, c Config) error {
	started, err := h.startProcess("serve", i, c)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nodes = append(h.nodes, rushNode{started, c})
	return nil
}

// startProcess starts this program again as another command. What it logs goes to a file.
func (h *rushHouse) startProcess(command string, i int, c Config) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(h.dir, fmt.Sprintf("%s-%d.log", command, i)))
	if err != nil {
		return nil, err
	}
	defer log.Close()                  // the process has its own by then
	cmd := exec.Command(self, command) //nolint:noctx // stopped in order, and with this process
	cmd.Env, cmd.Stdout, cmd.Stderr = append(environmentOf(c, h.app.getenv), h.options.childEnv...), log, log
	started, err := startChild(fmt.Sprintf("jari %s, whose log is %s,", command, log.Name()), cmd)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.children = append(h.children, started)
	h.later(started.Stop)
	return started, nil
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
			if err := load.Pause(ctx, 100*time.Millisecond); err != nil {
				return fmt.Errorf("the private system is not ready (its logs are in %s): %w", h.dir, err)
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
	defer house.close()
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
