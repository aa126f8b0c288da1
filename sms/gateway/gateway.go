// Package gateway sends texts through any aggregator, and reads what one posts, by a small HTTP interface of our own: docs/gateway.md. It is
// for countries where no provider with an adapter of its own takes texts in both directions.
//
// Sender implements desk.Sender and desk.Log. Webhooks says whether a webhook really comes from the gateway and turns it into values. Both sides sign
// their requests (Sign). The package knows nothing of the server that uses it and logs nothing.
//
// Unlike Twilio, the gateway takes a text that is handed over twice with one key for one text. So an outcome that nobody knows is found out by asking
// again with the same key, at once and, when that fails, when the outbox sends the message again.
package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"jari/booking/desk"
	"jari/sms/wire"
)

const (
	// defaultTimeout bounds one call of the Sender, with all its repetitions.
	defaultTimeout = 10 * time.Second
	// minSecret is the least number of characters of a secret.
	minSecret = 32
)

// Config is what a Sender needs. Name, BaseURL, Secret and From are required.
type Config struct {
	Name    string // tells this gateway's ids from those of other providers
	BaseURL string // what the paths of docs/gateway.md are put behind: https, or http to this machine
	Secret  string // signs our requests
	From    string // our number, as the gateway writes it
	Country string // the calling code, such as "82", to which numbers without one belong; empty: there are none
	Timeout time.Duration
	// Transport carries the requests. Defaults to an own http.Transport, which Close empties.
	Transport http.RoundTripper
	// Now is the clock of the signatures. Defaults to time.Now.
	Now func() time.Time
}

// Sender is a desk.Sender over a gateway, and its desk.Log. It is safe for concurrent use.
type Sender struct {
	config Config
	client *http.Client
	owned  *http.Transport
}

var (
	_ desk.Sender = (*Sender)(nil)
	_ desk.Log    = (*Sender)(nil)
)

// New checks the configuration. The error says what is missing or wrong and never holds the secret.
func New(config Config) (*Sender, error) {
	if err := CheckName(config.Name); err != nil {
		return nil, err
	}
	if err := CheckSecret(config.Secret); err != nil {
		return nil, err
	}
	if config.From == "" {
		return nil, errors.New("gateway: the number that texts come from is not set")
	}
	if err := CheckURL(config.BaseURL); err != nil {
		return nil, err
	}
	config.BaseURL = strings.TrimSuffix(config.BaseURL, "/")
	if config.Timeout <= 0 {
		config.Timeout = defaultTimeout
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Sender{config: config}
	if config.Transport == nil {
		s.owned = wire.Transport(config.Timeout)
		config.Transport = s.owned
	}
	s.client = &http.Client{
		Transport: config.Transport,
		// The signature is for one address: take the redirect itself as the answer.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s, nil
}

// Close drops idle connections. Calls that are under way end by themselves.
func (s *Sender) Close() {
	if s.owned != nil {
		s.owned.CloseIdleConnections()
	}
}

// CheckName says what is wrong with a provider's name: it stands in addresses, before ids, and in metrics.
func CheckName(name string) error {
	if !regexp.MustCompile(`^[a-z][a-z0-9-]{0,29}$`).MatchString(name) {
		return errors.New("gateway: a name is made of up to 30 small letters, digits and hyphens, a letter first")
	}
	return nil
}

// CheckSecret says what is wrong with a secret, and never repeats it.
func CheckSecret(secret string) error {
	if len(secret) < minSecret {
		return fmt.Errorf("gateway: a secret has at least %d characters; make one with: openssl rand -hex 32", minSecret)
	}
	return nil
}

// CheckURL says what is wrong with a gateway's address. What is sent there names people, so it is encrypted, unless it stays on this machine.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return errors.New("gateway: an address is https://host or https://host/path, with nothing behind it")
	}
	local := u.Hostname() == "localhost"
	if ip := net.ParseIP(u.Hostname()); ip != nil {
		local = ip.IsLoopback()
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return errors.New("gateway: an address begins with https:// (http:// only to this machine): texts must not be read on the way")
	}
	return nil
}
