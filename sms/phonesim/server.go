package phonesim

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"jari/booking"
)

// Config describes the simulated account. From is required; so are AccountSID and AuthToken, where it is no Gateway.
type Config struct {
	AccountSID string
	AuthToken  string // checks the callers' Basic auth and signs the webhooks
	From       string // the account's number, or the first of several
	// Gateway makes the account one at a gateway (docs/gateway.md) and not at Twilio. Defaults to Twilio.
	Gateway *Gateway
	// Numbers are the rules of the account's numbers, From among them or not: whoever is not named has no limits.
	Numbers []Number
	// InboundURL receives the texts that phones send. Its path and query are signed as written here, so it must be the
	// address that the receiving server believes to be its public one. Defaults to none: such texts then reach nobody.
	InboundURL string
	ListLag    time.Duration // after which a new message appears in lists; defaults to 5 s, negative means none
	// Landlines says what becomes of texts to fixed lines. Defaults to LandlineRefuses; a handset's own state goes first.
	Landlines Landline
	Seed      uint64       // of the faults; the same seed draws the same faults in the same order
	Faults    Faults       // at the start; defaults to none
	Log       *slog.Logger // defaults to slog.DiscardHandler

	MaxMessages   int           // kept messages; defaults to 200,000
	MaxBytes      int           // kept bytes of text; defaults to 256 MiB
	Workers       int           // that post webhooks; defaults to 16
	CrowdWorkers  int           // that call the OnText function; defaults to 8
	HookTimeout   time.Duration // of one webhook; defaults to 5 s, a gateway's to 15 s
	HookRetries   int           // of an inbound webhook after a 5xx or a broken connection; defaults to 3, a gateway's to an hour; negative means none
	HookRetryWait time.Duration // before such a retry; defaults to 500 ms, a gateway's to 1 s, doubled each time; negative means at once

	Now       func() time.Time // creation times and list lag; defaults to time.Now
	Transport http.RoundTripper
}

// Server is the simulator: an http.Handler, and background workers between Start and Stop. Work that is ordered before
// Start waits for it; after Stop nothing is accepted.
type Server struct {
	config    Config
	handler   http.Handler
	speaks    protocol
	transport http.RoundTripper // of the webhooks
	owned     *http.Transport   // the same, when it is ours
	pages     *template.Template
	store     *store
	lines     *lines
	dice      *dice
	air       *queue       // texts that wait until their number may send again
	network   *queue       // webhooks and receipts
	crowd     *queue       // calls of the OnText function
	streams   atomic.Int64 // pages that listen for changes

	mu     sync.Mutex
	onText func(to booking.Phone, body string) (reply string)

	done     chan struct{} // closed by Stop: ends hanging answers
	stopOnce sync.Once
}

// New checks the configuration. The error names the setting that is missing or wrong.
func New(config Config) (*Server, error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	config.InboundURL, _, _ = strings.Cut(config.InboundURL, "#")
	config.setDefaults()
	numbers, err := newLines(config.From, config.Numbers)
	if err != nil {
		return nil, err
	}
	pages, err := parsePages()
	if err != nil {
		return nil, fmt.Errorf("phonesim: parse pages: %w", err)
	}
	s := &Server{
		config:  config,
		pages:   pages,
		store:   newStore(config.MaxMessages, config.MaxBytes),
		lines:   numbers,
		air:     newQueue(1, 2*config.MaxMessages),
		dice:    newDice(config.Seed, config.Faults),
		network: newQueue(config.Workers, config.MaxMessages),
		crowd:   newQueue(config.CrowdWorkers, config.MaxMessages),
		done:    make(chan struct{}),
	}
	if s.transport = config.Transport; s.transport == nil {
		s.owned = &http.Transport{MaxIdleConnsPerHost: config.Workers, IdleConnTimeout: 90 * time.Second}
		s.transport = s.owned
	}
	s.speaks = asTwilio{s}
	if config.Gateway != nil {
		s.speaks = &asGateway{Server: s, busy: map[string]bool{}}
	}
	s.handler = s.routes()
	return s, nil
}

func (c *Config) check() error {
	required := []struct{ name, value string }{{"From", c.From}}
	if c.Gateway == nil {
		required = append(required, struct{ name, value string }{"AccountSID", c.AccountSID}, struct{ name, value string }{"AuthToken", c.AuthToken})
	} else if err := c.Gateway.check(); err != nil {
		return err
	}
	for _, setting := range required {
		if setting.value == "" {
			return fmt.Errorf("phonesim: %s is not set", setting.name)
		}
	}
	if c.InboundURL != "" && !isWebURL(c.InboundURL) {
		return errors.New("phonesim: InboundURL must be an absolute http or https URL")
	}
	if !c.Landlines.valid() {
		return errors.New("phonesim: Landlines must be refuse or receipt")
	}
	return c.Faults.check()
}

func (c *Config) setDefaults() {
	timeout, wait, retries := 5*time.Second, 500*time.Millisecond, 3
	if c.Gateway != nil {
		timeout, wait, retries = gatewayTimeout, gatewayFirstWait, gatewayRetries
	}
	c.ListLag = durationOr(c.ListLag, 5*time.Second)
	c.HookTimeout = durationOr(c.HookTimeout, timeout)
	c.HookRetryWait = durationOr(c.HookRetryWait, wait)
	c.HookRetries = numberOr(c.HookRetries, retries)
	c.MaxMessages = max(1, numberOr(c.MaxMessages, 200_000))
	c.MaxBytes = max(1, numberOr(c.MaxBytes, 256<<20))
	c.Workers = max(1, numberOr(c.Workers, 16))
	c.CrowdWorkers = max(1, numberOr(c.CrowdWorkers, 8))
	if c.Landlines == "" {
		c.Landlines = LandlineRefuses
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Start starts the background workers. Call it once.
func (s *Server) Start() {
	s.air.start()
	s.network.start()
	s.crowd.start()
	s.config.Log.Info("phone simulator started", "workers", s.config.Workers, "crowd_workers", s.config.CrowdWorkers)
}

// Stop ends hanging answers, cancels webhooks that are under way, drops waiting work and returns when every worker has
// ended. An OnText function must therefore return by itself. Stop may be called more than once, and without Start.
func (s *Server) Stop() {
	s.stopOnce.Do(func() { close(s.done) })
	s.air.stop()
	s.network.stop()
	s.crowd.stop()
	if s.owned != nil {
		s.owned.CloseIdleConnections()
	}
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// newSID makes an id of Twilio's form. It is random and not drawn from the seed, because the programs under test keep
// ids in a database that outlives a restart of the simulator, and would take a repeated id for a repeated text.
func newSID() string {
	var raw [16]byte
	rand.Read(raw[:]) // never fails, see crypto/rand
	return "SM" + hex.EncodeToString(raw[:])
}

// isWebURL reports whether s is an absolute http or https URL.
func isWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// durationOr takes 0 for "not set" and a negative value for none.
func durationOr(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return max(d, 0)
}

// numberOr takes 0 for "not set" and a negative value for none.
func numberOr(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return max(n, 0)
}
