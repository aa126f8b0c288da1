package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms"
)

const (
	krSecret    = "0123456789abcdef0123456789abcdef"
	textsSample = "../../examples/installation/texts.yaml"
)

// textVariables are the environment of an installation with JARI_TEXTS; more replaces some of it.
func textVariables(file string, more ...string) func(string) string {
	set := map[string]string{"JARI_TEXTS": file, "KR_SECRET": krSecret, "TWILIO_AUTH_TOKEN": "0123456789", "JARI_PUBLIC_URL": "https://jari.example/kr"}
	for i := 0; i+1 < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	return func(name string) string { return set[name] }
}

// Who has only Twilio's variables has what there always was.
func TestTwilioAloneIsOneRoute(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(func(name string) string {
		return map[string]string{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "now", "TWILIO_AUTH_TOKEN_BEFORE": "before", "TWILIO_FROM": "+15005550006", "JARI_PUBLIC_URL": "https://jari.example/"}[name]
	}, needTexts|needPublicURL)
	if err != nil {
		t.Fatal(err)
	}
	texting, err := newTexting(c, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(texting.close)
	r := texting.routes
	if len(r) != 1 || r[0].Name != "twilio" || r[0].Sender == nil || r[0].Prefixes != nil || r[0].PerSecond != 0 || r[0].QueueMost != 0 {
		t.Errorf("routes %+v", r)
	}
	if len(texting.providers) != 1 || texting.providers[0].Name() != "twilio" || !texting.providers[0].inbound || len(texting.logs) != 1 {
		t.Errorf("providers %+v", texting.providers)
	}
	if texting.logs[0].whose != (desk.NumberFor{Unsaid: true}) { // only the webhooks' address knows the campaign
		t.Errorf("the number is for %+v", texting.logs[0].whose)
	}
	if secrets := c.texts().Providers[0].secrets; !slices.Equal(secrets, []string{"now", "before"}) {
		t.Errorf("secrets %v", secrets)
	}
}

func TestTheSampleOfTexts(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(textVariables(textsSample), needTexts)
	if err != nil {
		t.Fatal(err)
	}
	all, err := newTexting(c, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(all.close)
	by := func(to string, tried ...string) string {
		p, err := booking.ParseE164(to)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := all.routes.For(p, tried)
		return r.Name
	}
	for got, want := range map[string]string{
		by("+821000001234"): "kr-main", by("+821000001234", "kr-main"): "kr-second", by("+821000001234", "kr-main", "kr-second"): "world",
		by("+14155550000"): "world", by("+14155550000", "world"): "",
	} {
		if got != want {
			t.Errorf("by %q, want %q", got, want)
		}
	}
	main := all.routes[0]
	if main.PerSecond != 100 || main.QueueMost != 6000 {
		t.Errorf("%+v", main)
	}
	if _, ok := main.Sender.(desk.Log); !ok || len(all.logs) != 3 || all.logs[0].Log != main.Sender.(desk.Log) || all.logs[0].provider != "kr" {
		t.Errorf("logs %+v", all.logs)
	}
	whose := []desk.NumberFor{all.logs[0].whose, all.logs[1].whose, all.logs[2].whose}
	if want := []desk.NumberFor{{}, {Campaign: "flu-2026"}, {}}; !slices.Equal(whose, want) {
		t.Errorf("the numbers are for %+v", whose)
	}
	var warned bytes.Buffer
	campaign := &booking.Campaign{Slug: "flu", Limits: booking.Limits{AllowedPrefixes: []string{"+82", "+44"}}}
	for _, some := range []*texting{all, {routes: all.routes[:2]}} {
		some.warn([]*desk.Campaign{{Campaign: campaign}}, slog.New(slog.NewTextHandler(&warned, nil)))
	}
	if got := warned.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "campaign=flu prefix=+44") || !strings.Contains(got, "campaign=flu-2026 number=16001340 provider=kr") {
		t.Errorf("warned: %s", got)
	}
	var paths []string
	for path := range all.mount(newTestDoor(t)) {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	want := []string{"/webhooks/kr/inbound", "/webhooks/kr/receipts", "/webhooks/twilio/inbound", "/webhooks/twilio/receipts"}
	if !slices.Equal(paths, want) {
		t.Errorf("paths %v", paths)
	}
}

// The settings show what the file was understood as, and no secret.
func TestSettingsShowTheTexts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	getenv := textVariables(textsSample, "KR_SECRET_BEFORE", strings.Repeat("b", 32))
	if err := run(t.Context(), []string{"settings"}, getenv, &out, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"JARI_TEXTS=" + textsSample + "\n",
		"  provider kr: gateway https://sms.example/jari, secret from KR_SECRET and KR_SECRET_BEFORE\n",
		"  route 1 kr-main: from 16001339 by kr to +82, 100 a second, 6000 waiting at most\n",
		"  route 3 world: from +15005550006 by twilio to all phones, 1 a second\n",
		"  inbound: 16001339 by kr, for all campaigns\n",
		"  inbound: 16001340 by kr, for flu-2026\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for _, secret := range []string{krSecret, "0123456789", strings.Repeat("b", 32)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the settings show a secret:\n%s", out.String())
		}
	}
}

// Each mistake in the file is told with what to do, all at once, and without what may be a secret.
func TestTextsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	sample, err := os.ReadFile(textsSample)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		from, to string   // in the sample
		set      []string // in the environment
		want     string
	}{
		"an unknown key":         {"per_second: 100", "per_secund: 100", nil, "per_secund"},
		"no number":              {"per_second: 100", "per_second: many", nil, "line and column [20:"},
		"not YAML":               {"routes:", "routes: [", nil, "JARI_TEXTS"},
		"a kind":                 {"kind: gateway", "kind: aggregator", nil, "write twilio or gateway"},
		"a name":                 {"name: kr #", "name: KR #", nil, "small letters"},
		"a provider twice":       {"- name: twilio", "- name: kr", nil, `provider "kr" is there twice`},
		"an unknown provider":    {"provider: kr\n    number: \"0221200000\"", "provider: sk\n    number: \"0221200000\"", nil, `there is no provider "sk"`},
		"a route twice":          {"name: kr-second", "name: kr-main", nil, `route "kr-main" is there twice`},
		"a prefix":               {`prefixes: ["+82"]`, `prefixes: ["82"]`, nil, `write "+"`},
		"a pace below nothing":   {"queue: 6000", "queue: -1", nil, "above 0"},
		"no encryption":          {"https://sms.example/jari", "http://sms.example/jari", nil, "https://"},
		"no account":             {"account: AC00000000000000000000000000000000", "", nil, "account is missing"},
		"an account's gateway":   {"country: \"82\"", "account: AC1", nil, "knows us by the secret"},
		"a country":              {"country: \"82\"", "country: KR", nil, "calling code"},
		"the secret itself":      {"secret: KR_SECRET\n", "secret: " + krSecret + "\n", nil, "never the secret itself"},
		"no secret":              {"    secret: KR_SECRET\n", "", nil, "name of the variable"},
		"an unset secret":        {"", "", []string{"KR_SECRET", ""}, "KR_SECRET is not set"},
		"a short secret":         {"", "", []string{"KR_SECRET", "short"}, "openssl rand -hex 32"},
		"inbound of nobody":      {"inbound: # the numbers that people text\n  - provider: kr", "inbound:\n  - provider: sk", nil, `inbound: there is no provider "sk"`},
		"a number twice":         {"number: \"16001340\"", "number: \"16001339\"", nil, "is there twice"},
		"no slug":                {"campaign: flu-2026", "campaign: Flu 2026", nil, "the short name of a campaign"},
		"inbound at no number":   {"  - provider: twilio\n    number: \"+15005550006\"\n", "  - provider: twilio\n", nil, "the one that people text"},
		"nothing":                {string(sample), "", nil, "docs/texts.md"},
		"only providers":         {string(sample[bytes.Index(sample, []byte("routes:")):]), "", nil, "nobody can text us"},
		"only providers, routes": {string(sample[bytes.Index(sample, []byte("routes:")):]), "", nil, "there is no route"},
	} {
		if !strings.Contains(string(sample), c.from) {
			t.Fatalf("%s: the sample has no %q", name, c.from)
		}
		file := filepath.Join(t.TempDir(), "texts.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(string(sample), c.from, c.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := loadConfig(textVariables(file, c.set...), needTexts)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "JARI_TEXTS") || strings.Contains(err.Error(), krSecret) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := loadConfig(textVariables("/nowhere/texts.yaml"), needTexts); err == nil || !strings.Contains(err.Error(), "JARI_TEXTS") {
		t.Errorf("no file: %v", err)
	}
	if _, err := loadConfig(func(string) string { return "" }, needTexts); err == nil || !strings.Contains(err.Error(), "JARI_TEXTS") || !strings.Contains(err.Error(), "TWILIO_FROM") {
		t.Errorf("nothing set: %v", err)
	}
	if _, err := loadConfig(textVariables(textsSample), needTwilio); err == nil || !strings.Contains(err.Error(), "TWILIO_FROM") {
		t.Errorf("the simulator without Twilio's variables: %v", err)
	}
}

// newTestDoor is a door of which only the addresses are looked at.
func newTestDoor(t *testing.T) *sms.Door {
	t.Helper()
	door, err := sms.NewDoor(desk.New(desk.Ports{}), nil, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return door
}
