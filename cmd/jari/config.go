package main

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"jari/api"
	"jari/booking/vault"
)

// Config is every setting, read from the environment. A field's env tag names its variable; secret fields are masked
// when the settings are printed. There is no other source and no other place where the environment is read.
type Config struct {
	// DatabaseURL is PostgreSQL's address, postgres://user:password@host:port/name. No default.
	DatabaseURL string `env:"DATABASE_URL" secret:"url"`
	// RedisURL is Redis's address, redis://:password@host:port/0. Redis wakes workers and holds nothing that matters. No default.
	RedisURL string `env:"REDIS_URL" secret:"url"`
	// MasterKey opens the campaigns' keys: 32 bytes in base64 (openssl rand -base64 32). Losing it loses all personal data. No default.
	MasterKey string `env:"JARI_MASTER_KEY" secret:"yes"`
	// MasterKeysBefore are earlier master keys, separated by commas, that may still open what they closed. Defaults to none.
	MasterKeysBefore string `env:"JARI_MASTER_KEYS_BEFORE" secret:"yes"`
	// Listen is the public address. Defaults to :8080.
	Listen string `env:"JARI_LISTEN" default:":8080"`
	// InternalListen serves /healthz, /readyz with details and /metrics; never publish it. Defaults to 127.0.0.1:9090.
	InternalListen string `env:"JARI_INTERNAL_LISTEN" default:"127.0.0.1:9090"`
	// PublicURL is how the outside reaches us; webhook signatures are made over it. No default.
	PublicURL string `env:"JARI_PUBLIC_URL"`
	// TrustedProxies are the networks (CIDR, separated by commas) whose X-Forwarded-For is believed. Defaults to none.
	TrustedProxies string `env:"JARI_TRUSTED_PROXIES"`
	// DatabaseConns bounds the connections of this process to PostgreSQL; six more are kept for the intake and the clock. Defaults to 16.
	DatabaseConns int `env:"JARI_DATABASE_CONNS" default:"16"`
	// ClientMinimum is the least version of the contract that an app must have been made for. An older one is told to update, and goes on.
	// Defaults to 1.0.0.
	ClientMinimum string `env:"JARI_CLIENT_MINIMUM" default:"1.0.0"`
	// IntakeQueue is how many applications may wait to be stored before doors answer "overloaded". Defaults to 4096.
	IntakeQueue int `env:"JARI_INTAKE_QUEUE" default:"4096"`
	// IntakeRate is how many applications this process stores in a second at most; more are refused with an arrival stamp. For a database that serves
	// others too. Defaults to no bound.
	IntakeRate int `env:"JARI_INTAKE_RATE"`
	// MaxConnections bounds the open connections to the public address; more wait in the system's queue. Defaults to 30000.
	MaxConnections int `env:"JARI_MAX_CONNECTIONS" default:"30000"`
	// ClockOffsetFile names a file that holds a time span such as +3s by which this node's own clock is shifted. For rehearsals of a node whose
	// clock is wrong; never set it otherwise. Defaults to none.
	ClockOffsetFile string `env:"JARI_CLOCK_OFFSET_FILE"`
	// JournalDir is the folder in which texts are written down while PostgreSQL is away. It must be on a disk that outlives the process, and belongs to one
	// process. Defaults to none: then such texts are refused, and the provider has to deliver them again.
	JournalDir string `env:"JARI_JOURNAL_DIR"`
	// JournalMax is how many MiB may wait in the journal; texts beyond it are refused. Defaults to 256.
	JournalMax int `env:"JARI_JOURNAL_MAX" default:"256"`
	// TextsFile names a file that says by whom texts go and come, where that is more than one account and one number of Twilio (docs/texts.md). Defaults to
	// none: then the TWILIO_ variables say it.
	TextsFile string    `env:"JARI_TEXTS"`
	Texts     textsFile // what stands in it
	// TwilioAccountSID, TwilioAuthToken and TwilioFrom are the text provider's account and our number. No default; not needed with JARI_TEXTS.
	TwilioAccountSID string `env:"TWILIO_ACCOUNT_SID"`
	TwilioAuthToken  string `env:"TWILIO_AUTH_TOKEN" secret:"yes"`
	// TwilioAuthTokenBefore is the earlier token during a change of tokens; its signatures are still accepted. Defaults to none.
	TwilioAuthTokenBefore string `env:"TWILIO_AUTH_TOKEN_BEFORE" secret:"yes"`
	TwilioFrom            string `env:"TWILIO_FROM"`
	// TwilioBaseURL sends all calls elsewhere: to the phone simulator. Defaults to Twilio.
	TwilioBaseURL string `env:"TWILIO_BASE_URL"`
	// ReconcileAfter is how old an unknown outcome must be before the provider's list is asked. Defaults to 60s.
	ReconcileAfter time.Duration `env:"JARI_RECONCILE_AFTER" default:"60s"`
	// ReconcileAgain is the time between two readings that must both miss a message before it is sent again. Defaults to 30s.
	ReconcileAgain time.Duration `env:"JARI_RECONCILE_AGAIN" default:"30s"`
	// StuckAfter is how old a row may stand in a state that should pass at once before the sweep takes it back. Defaults to 60s.
	StuckAfter time.Duration `env:"JARI_STUCK_AFTER" default:"60s"`
	// SendTimeout bounds one call to the text provider. Defaults to 10s.
	SendTimeout time.Duration `env:"JARI_SEND_TIMEOUT" default:"10s"`
	// LapseEvery is how often is looked for offers that nobody answered in time. Defaults to 1m.
	LapseEvery time.Duration `env:"JARI_LAPSE_EVERY" default:"1m"`
	// SealPage and AssignPage are how many people one transaction of the seal or of a round deals with, 1 to 100,000. Larger pages cost less a
	// person; changes of wishes and withdrawals wait for a page. Default to 2500 and 5000.
	SealPage   int `env:"JARI_SEAL_PAGE" default:"2500"`
	AssignPage int `env:"JARI_ASSIGN_PAGE" default:"5000"`
	// LogLevel is debug, info, warn or error. Defaults to info.
	LogLevel slog.Level `env:"JARI_LOG_LEVEL" default:"info"`
}

// need names what a command cannot do without.
type need int

const (
	needDatabase need = 1 << iota
	needRedis
	needMaster
	needTexts  // somebody who carries texts: JARI_TEXTS or Twilio
	needTwilio // Twilio's variables
	needPublicURL

	needProcess = needDatabase | needRedis | needMaster | needTexts | needPublicURL // the API's and the workers'
)

// variables are the settings that stand in the environment, with their tags.
func (c *Config) variables() iter.Seq2[reflect.StructTag, reflect.Value] {
	return func(yield func(reflect.StructTag, reflect.Value) bool) {
		v := reflect.ValueOf(c).Elem()
		for i := range v.NumField() {
			if tag := v.Type().Field(i).Tag; tag.Get("env") != "" && !yield(tag, v.Field(i)) {
				return
			}
		}
	}
}

// loadConfig reads the environment and checks it. All that is wrong is reported at once, each line saying what to set.
func loadConfig(getenv func(string) string, needs need) (Config, error) {
	var c Config
	var problems []error
	for tag, field := range c.variables() {
		s := strings.TrimSpace(getenv(tag.Get("env")))
		if s == "" {
			s = tag.Get("default")
		}
		if s == "" {
			continue
		}
		if err := setField(field, s); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", tag.Get("env"), err))
		}
	}
	if c.TextsFile != "" {
		texts, wrong := readTexts(c.TextsFile, getenv)
		c.Texts, problems = texts, append(problems, wrong...)
	}
	problems = append(problems, c.missing(needs)...)
	problems = append(problems, c.malformed()...)
	return c, errors.Join(problems...)
}

func setField(f reflect.Value, s string) error {
	switch p := f.Addr().Interface().(type) {
	case *string:
		*p = s
	case *int:
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a whole number above 0", s)
		}
		*p = n
	case *time.Duration:
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a time span such as 30s", s)
		}
		*p = d
	case *slog.Level:
		if err := p.UnmarshalText([]byte(s)); err != nil {
			return fmt.Errorf("%q is not debug, info, warn or error", s)
		}
	default:
		return fmt.Errorf("settings of type %s cannot be read", f.Type())
	}
	return nil
}

func (c *Config) missing(needs need) []error {
	var out []error
	require := func(n need, value, name, why string) {
		if needs&n != 0 && value == "" {
			out = append(out, fmt.Errorf("%s is not set: %s", name, why))
		}
	}
	require(needDatabase, c.DatabaseURL, "DATABASE_URL", "the address of PostgreSQL, postgres://user:password@host:5432/name")
	require(needRedis, c.RedisURL, "REDIS_URL", "the address of Redis, redis://:password@host:6379/0")
	require(needMaster, c.MasterKey, "JARI_MASTER_KEY", "32 random bytes in base64; make it once with: openssl rand -base64 32")
	require(needPublicURL, c.PublicURL, "JARI_PUBLIC_URL", "how the outside reaches this server, https://…")
	twilio := needTwilio
	if c.TextsFile == "" {
		twilio |= needTexts
	}
	require(twilio, c.TwilioAccountSID, "TWILIO_ACCOUNT_SID", "the text provider's account (or set JARI_TEXTS to a file that names other providers: docs/texts.md)")
	require(twilio, c.TwilioAuthToken, "TWILIO_AUTH_TOKEN", "the text provider's secret; without it no webhook can be believed")
	require(twilio, c.TwilioFrom, "TWILIO_FROM", "our number, +821…")
	return out
}

func (c *Config) malformed() []error {
	var out []error
	for name, s := range map[string]string{"JARI_PUBLIC_URL": c.PublicURL, "TWILIO_BASE_URL": c.TwilioBaseURL} {
		if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			out = append(out, fmt.Errorf("%s: expected http://… or https://…", name))
		}
	}
	for name, n := range map[string]int{"JARI_SEAL_PAGE": c.SealPage, "JARI_ASSIGN_PAGE": c.AssignPage} {
		if n > 100_000 {
			out = append(out, fmt.Errorf("%s: %d is more than 100,000: a page is one short transaction", name, n))
		}
	}
	if err := api.CheckMinimum(c.ClientMinimum); err != nil {
		out = append(out, fmt.Errorf("JARI_CLIENT_MINIMUM: %w", err))
	}
	for _, p := range c.proxies() {
		if _, err := netip.ParsePrefix(p); err != nil {
			out = append(out, fmt.Errorf("JARI_TRUSTED_PROXIES: %q is not a network such as 10.0.0.0/8", p))
		}
	}
	if c.MasterKey != "" {
		if _, err := c.master(); err != nil {
			out = append(out, err)
		}
	}
	return out
}

func (c *Config) proxies() []string { return splitList(c.TrustedProxies) }

func (c *Config) master() (*vault.Master, error) {
	return vault.NewMaster(c.MasterKey, splitList(c.MasterKeysBefore)...)
}

func splitList(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// print writes the settings, one a line, with secrets masked.
func (c *Config) print(w io.Writer) {
	for tag, field := range c.variables() {
		s := fmt.Sprint(field.Interface())
		switch {
		case s == "":
			s = "(not set)"
		case tag.Get("secret") == "yes":
			s = "********"
		case tag.Get("secret") == "url":
			s = maskAddress(s)
		}
		_, _ = fmt.Fprintf(w, "%s=%s\n", tag.Get("env"), s)
		if tag.Get("env") == "JARI_TEXTS" {
			c.Texts.print(w)
		}
	}
}

func maskAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "********" // another form of address, which may hold a password anywhere
	}
	u.RawQuery = ""
	return u.Redacted()
}
