package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
)

// textsFile is what JARI_TEXTS names: which providers there are, by which of our numbers texts go to which phones, and at which numbers people
// text us. docs/texts.md explains it to operators. It holds no secret, only the names of the variables that do.
type textsFile struct {
	Providers []textProvider `yaml:"providers"`
	Routes    []textRoute    `yaml:"routes"`
	Inbound   []textInbound  `yaml:"inbound"`
}

// textProvider is an account with somebody who carries texts.
type textProvider struct {
	Name    string `yaml:"name"`    // stands in the webhooks' addresses and with every text: keep it
	Kind    string `yaml:"kind"`    // twilio or gateway
	Account string `yaml:"account"` // Twilio's AC…
	// URL is where it is asked: of a gateway always, of Twilio only for the simulator.
	URL          string `yaml:"url"`
	Country      string `yaml:"country"` // of a gateway: the calling code that its numbers are read with, such as "82"
	Secret       string `yaml:"secret"`  // the name of the variable
	SecretBefore string `yaml:"secret_before"`

	secrets []string // what the variables hold, the present one first
}

// textRoute is one of our numbers, by which texts leave. Which is tried first is the order in the file.
type textRoute struct {
	Name      string   `yaml:"name"` // stands with every attempt: keep it
	Provider  string   `yaml:"provider"`
	Number    string   `yaml:"number"`
	Prefixes  []string `yaml:"prefixes"`   // of the phones that it may text; none: all
	PerSecond int      `yaml:"per_second"` // 0: no limit
	Queue     int      `yaml:"queue"`      // how many may wait with the provider; 0: any number
}

// textInbound is a number of ours that people text.
type textInbound struct {
	Provider string `yaml:"provider"`
	Number   string `yaml:"number"`
	Campaign string `yaml:"campaign"` // by its short name, when the number is for no other; empty: all share it

	unsaid bool // there is no file that could say it
}

const (
	kindTwilio  = "twilio"
	kindGateway = "gateway"
	maxTexts    = 1 << 20 // bytes of the file
)

// texts is by whom texts go and come: what the file says, or else Twilio alone, from the TWILIO_ variables.
func (c *Config) texts() textsFile {
	if c.TextsFile != "" {
		return c.Texts
	}
	return textsFile{
		Providers: []textProvider{{
			Name: kindTwilio, Kind: kindTwilio, Account: c.TwilioAccountSID, URL: c.TwilioBaseURL,
			secrets: append([]string{c.TwilioAuthToken}, splitList(c.TwilioAuthTokenBefore)...),
		}},
		Routes:  []textRoute{{Name: kindTwilio, Provider: kindTwilio, Number: c.TwilioFrom}},
		Inbound: []textInbound{{Provider: kindTwilio, Number: c.TwilioFrom, unsaid: true}},
	}
}

// readTexts reads the file and everything that it names. All that is wrong is told at once.
func readTexts(path string, getenv func(string) string) (f textsFile, problems []error) {
	data, err := readBounded(path)
	if err == nil {
		f, err = parseTexts(data)
	}
	if err != nil {
		return f, []error{fmt.Errorf("JARI_TEXTS: %s: %w", path, err)}
	}
	for _, problem := range f.check(getenv) {
		problems = append(problems, fmt.Errorf("JARI_TEXTS: %s: %w", path, problem))
	}
	return f, problems
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxTexts))
}

// parseTexts reads the file's YAML; a key that is not known is an error. The error shows no source: somebody may have written a secret there.
func parseTexts(data []byte) (f textsFile, err error) {
	defer func() {
		if recover() != nil { // the library does so on some malformed texts
			err = errors.New("this is not YAML; look for an unclosed bracket or quote")
		}
	}()
	err = yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&f)
	switch {
	case errors.Is(err, io.EOF):
		return f, errors.New("the file is empty: docs/texts.md shows what belongs into it")
	case err != nil:
		return f, fmt.Errorf("line and column %s", yaml.FormatError(err, false, false))
	}
	return f, nil
}

// print writes the file as it was understood, without secrets.
func (f *textsFile) print(w io.Writer) {
	for _, p := range f.Providers {
		_, _ = fmt.Fprintf(w, "  provider %s: %s %s%s, secret from %s\n", p.Name, p.Kind, p.Account, p.URL, strings.TrimSuffix(p.Secret+" and "+p.SecretBefore, " and "))
	}
	for i, r := range f.Routes {
		to, pace := strings.Join(r.Prefixes, " "), ""
		if to == "" {
			to = "all phones"
		}
		if r.PerSecond > 0 {
			pace = fmt.Sprintf(", %d a second", r.PerSecond)
		}
		if r.Queue > 0 {
			pace += fmt.Sprintf(", %d waiting at most", r.Queue)
		}
		_, _ = fmt.Fprintf(w, "  route %d %s: from %s by %s to %s%s\n", i+1, r.Name, r.Number, r.Provider, to, pace)
	}
	for _, in := range f.Inbound {
		_, _ = fmt.Fprintf(w, "  inbound: %s by %s, for %s\n", in.Number, in.Provider, cmp.Or(in.Campaign, "all campaigns"))
	}
}
