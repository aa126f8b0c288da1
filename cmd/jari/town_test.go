package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
	"jari/db/private"
	"jari/sms/phonesim"
)

// asProgram makes the test binary behave as jari, so that tests can start real processes without building anything.
const asProgram = "JARI_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
		os.Exit(0)
	}
	dbtest.Main(m)
}

// testProgram is a file that runs as jari: this test's binary again. It is for what starts a program without our environment.
func testProgram(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "jari")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+asProgram+"=1 exec '"+self+"' \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return program
}

// town is everything around a test: a database, a Redis of its own, the phones, and the settings of the processes.
type town struct {
	t         *testing.T
	db        *dbtest.DB
	redis     *private.Redis
	phones    *phonesim.Server
	campaign  *desk.Campaign
	campaigns *db.Campaigns
	config    Config
	apiURL    string
	variables []string // of processes, beside the settings
}

func newTown(t *testing.T, opts ...dbtest.Options) *town {
	t.Helper()
	return newTownOn(t, dbtest.New(t), opts...)
}

func newTownOn(t *testing.T, d *dbtest.DB, opts ...dbtest.Options) *town {
	t.Helper()
	w := &town{t: t, db: d}
	w.campaign, w.campaigns = dbtest.Campaign(t, w.db, append([]dbtest.Options{func(c *booking.Campaign) {
		c.Limits.TextsPerSecond, c.Limits.CodesPerAddrHour = 1000, 100_000
		c.Settle = 100 * time.Millisecond
	}}, opts...)...)
	var err error
	if w.redis, err = private.StartRedis(t.Context(), private.RedisOptions{Dir: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.redis.Kill() })
	if w.config, err = loadConfig(func(string) string { return "" }, 0); err != nil {
		t.Fatal(err)
	}
	c := &w.config
	c.DatabaseURL, c.RedisURL, c.MasterKey = w.db.URL, w.redis.URL(), w.db.MasterKey
	c.Listen, c.InternalListen = freeAddress(t), "127.0.0.1:0"
	w.apiURL = "http://" + c.Listen
	c.PublicURL = w.apiURL
	c.TwilioAccountSID, c.TwilioAuthToken, c.TwilioFrom = "ACtest0000000000000000000000000000", "testtoken00000000000000000000000", "+82200001339"
	c.ReconcileAfter, c.ReconcileAgain, c.StuckAfter, c.SendTimeout = 3*time.Second, 2*time.Second, 5*time.Second, time.Second
	w.havePhones(inboundAt(kindTwilio) + "/" + w.campaign.Slug)
	return w
}

// havePhones starts phones whose texts come to a path, and makes them the provider.
func (w *town) havePhones(path string) {
	w.t.Helper()
	c := &w.config
	w.havePhonesOf(phonesim.Config{
		AccountSID: c.TwilioAccountSID, AuthToken: c.TwilioAuthToken, From: c.TwilioFrom, ListLag: time.Second,
		InboundURL: w.apiURL + path, HookRetries: 20, Faults: phonesim.Faults{HangFor: 3 * time.Second},
	})
}

// havePhonesOf starts phones of some making, and makes them the provider.
func (w *town) havePhonesOf(of phonesim.Config) {
	w.t.Helper()
	phones, err := phonesim.New(of)
	if err != nil {
		w.t.Fatal(err)
	}
	phones.Start()
	web := httptest.NewServer(phones)
	w.t.Cleanup(func() {
		phones.Stop()
		web.CloseClientConnections()
		web.Close()
	})
	w.phones, w.config.TwilioBaseURL = phones, web.URL
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// open starts the API and a worker inside the test's process.
func (w *town) open() {
	w.t.Helper()
	ctx := context.WithoutCancel(w.t.Context())
	api, err := newAPI(ctx, w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	work, err := newWorkProcess(ctx, w.config, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		stopped(w.t, work)
		stopped(w.t, api)
	})
}

// stopped stops a process inside the test's.
func stopped(t *testing.T, p interface{ Stop(context.Context) error }) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := p.Stop(ctx); err != nil {
		t.Errorf("stop %T: %v", p, err)
	}
}

// process is a started jari.
type process struct {
	cmd  *exec.Cmd
	out  *lockedBuffer
	done chan struct{}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// environment writes settings as variables.
func environment(c Config) []string {
	c.LogLevel = slog.LevelWarn
	return append(environmentOf(c, os.Getenv), asProgram+"=1")
}

// start runs a command of jari as a process of its own.
func (w *town) start(args ...string) *process {
	w.t.Helper()
	p := &process{cmd: exec.Command(os.Args[0], args...), out: &lockedBuffer{}, done: make(chan struct{})}
	p.cmd.Env = append(append(os.Environ(), environment(w.config)...), w.variables...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait()
	}()
	w.t.Cleanup(func() {
		p.signal(syscall.SIGTERM)
		select {
		case <-p.done:
		case <-time.After(stopTime):
			p.kill()
		}
		if w.t.Failed() {
			w.t.Logf("jari %s printed:\n%.1500s", strings.Join(args, " "), p.out.String())
		}
	})
	return p
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// kill ends the process as a power cut would.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// until polls a condition; there is no other way to wait for another process.
func (w *town) until(what string, limit time.Duration, condition func() bool) {
	w.t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-deadline.C:
			w.t.Fatalf("waited %s in vain for: %s", limit, what)
		case <-tick.C:
		}
	}
}

func (w *town) untilServing() {
	w.t.Helper()
	w.until("the API to be ready", time.Minute, func() bool {
		res, err := http.Get(w.apiURL + "/readyz") //nolint:noctx // polling
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// audited checks the laws on the town's database.
func (w *town) audited() {
	w.t.Helper()
	var last string
	defer func() {
		if w.t.Failed() {
			w.t.Log(last)
		}
	}()
	// What is recorded stays a finding; what a busy machine does a second late does not.
	w.until("an audit without findings", time.Minute, func() bool {
		report, err := db.Audit(w.t.Context(), w.db.Pool, w.campaigns, db.AuditOptions{Grace: time.Second})
		if err != nil {
			w.t.Fatal(err)
		}
		last = report.Text()
		return report.Violations == 0
	})
}

// reply is an answer of the API, whole.
type reply struct {
	status int
	header http.Header
	body   map[string]any
	size   int
}

// call sends one JSON request.
func (w *town) call(method, path, secret string, body any) reply {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.apiURL+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+secret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reply{status: res.StatusCode, header: res.Header, size: len(b)}
	if err := json.Unmarshal(b, &r.body); err != nil {
		w.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, b)
	}
	return r
}

func (w *town) registrations() string {
	return "/v1/campaigns/" + w.campaign.Slug + "/registrations"
}

// application is the body of an application by app.
func application(p booking.Person) map[string]any {
	return map[string]any{
		"operation_id": uuid.NewString(), "lang": "ko", "region": dbtest.Region,
		"person": map[string]any{"name": p.Name, "birth_date": p.Born.String(), "phone": p.Phone.E164()},
	}
}

func operation(extra ...string) map[string]any {
	m := map[string]any{"operation_id": uuid.NewString()}
	for i := 0; i+1 < len(extra); i += 2 {
		m[extra[i]] = extra[i+1]
	}
	return m
}

func secretOf(name string) string { return fmt.Sprintf("%-43s", name+strings.Repeat("x", 43))[:43] }

// shown waits for a text on a phone that holds a piece, and returns the newest such text.
func (w *town) shown(phone booking.Phone, piece string) string {
	w.t.Helper()
	var found string
	w.until("a text with "+piece, time.Minute, func() bool {
		for _, e := range w.phones.Inbox(phone) {
			if strings.Contains(e.Body, piece) {
				found = e.Body
			}
		}
		return found != ""
	})
	return found
}
