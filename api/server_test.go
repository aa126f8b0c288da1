package api_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking"
	"jari/booking/desk"
)

// world is what stands behind the door in a test.
type world interface {
	slug() string
	setNow(t time.Time)
	setOverloaded(on bool)
	rehearse()
	setBroken(on bool) // the book cannot be read
	setPanic(v any)    // the next look-up of a campaign panics, until nil is set
	wipe()             // a rehearsal ends: nobody's entry is there any more
	seal()             // everybody gets a place
	offer()            // everybody gets an appointment
	lastCode() string  // the code that was texted last
	count() int        // registrations
}

var errBroken = errors.New("the book cannot be read")

const agentToken = "agent-token-of-kim-0000000000"

type agents struct{}

func (agents) Agent(_ context.Context, token string) (string, error) {
	if token == agentToken {
		return "kim", nil
	}
	return "", booking.Fail(booking.CodeUnauthorized, nil)
}

type queueDocs struct{}

func (queueDocs) Document(campaign, queue string) *desk.PublicDocument {
	if campaign != "seoul-2021" || queue != "born-1967-1968" {
		return nil
	}
	return desk.NewPublicDocument([]byte(`{"campaign":"seoul-2021","queue":"born-1967-1968","version":42,"opened":"2021-07-19T11:00:00Z",`+
		`"first_round":"2021-07-19T11:15:00Z","applied":2300,"sealed_to":2100,"served_to":811,"late":3,"served":790,"withdrawn":12,`+
		`"blocks":{"size":1000,"late":[0,1,2],"ready":[120,700,80],"withdrawn":[8,4,0],"served":[790,0,0]},`+
		`"rate":{"state":"known","slow":480,"fast":960},"next_change_seconds":10,"notice":{"ko":"오늘 오후 6시에 자리가 추가됩니다."}}`), "42")
}

// logged collects log lines.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *logged) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// running is a started server.
type running struct {
	*httptest.Server
	world    world
	internal http.Handler
	log      *logged
}

// newServer starts a server over a new world. This is the one place to change for another world.
func newServer(t *testing.T, change ...func(*api.Config)) *running {
	t.Helper()
	m, log := newMemory(t), &logged{}
	cfg := api.Config{
		Desk: m.desk(), Agents: agents{}, Queues: queueDocs{},
		Ready:    func(context.Context) []api.Check { return []api.Check{{Name: "database", OK: true}} },
		Log:      slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Registry: prometheus.NewRegistry(),
		Jitter:   func(int) int { return 3 },
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(s.Public())
	t.Cleanup(ts.Close)
	return &running{Server: ts, world: m, internal: s.Internal(), log: log}
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *running) do(t *testing.T, method, path, body string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func TestNewRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	if _, err := api.New(api.Config{}); err == nil {
		t.Error("made a server out of nothing")
	}
	for name, change := range map[string]func(*api.Config){
		"no agents":    func(c *api.Config) { c.Agents = nil },
		"bad proxy":    func(c *api.Config) { c.TrustedProxies = []string{"everybody"} },
		"bad prefix":   func(c *api.Config) { c.Mount = map[string]http.Handler{"hooks/": http.NotFoundHandler()} },
		"taken prefix": func(c *api.Config) { c.Mount = map[string]http.Handler{"/v1/campaigns": http.NotFoundHandler()} },
	} {
		m := newMemory(t)
		cfg := api.Config{
			Desk: m.desk(), Agents: agents{}, Queues: queueDocs{}, Ready: func(context.Context) []api.Check { return nil },
			Log: slog.New(slog.DiscardHandler), Registry: prometheus.NewRegistry(),
		}
		change(&cfg)
		if _, err := api.New(cfg); err == nil {
			t.Errorf("%s: made a server", name)
		}
	}
}
