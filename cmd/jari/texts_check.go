package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"jari/sms/gateway"
)

// check says everything that is wrong, and reads the secrets.
func (f *textsFile) check(getenv func(string) string) []error {
	var out []error
	say := func(format string, args ...any) { out = append(out, fmt.Errorf(format, args...)) }
	var names []string
	for i := range f.Providers {
		p := &f.Providers[i]
		if slices.Contains(names, p.Name) {
			say("provider %q is there twice: give one another name", p.Name)
		}
		names = append(names, p.Name)
		for _, err := range p.check(getenv) {
			say("provider %q: %w", p.Name, err)
		}
	}
	if len(f.Routes) == 0 {
		say("there is no route: name at least one number that texts leave by, under routes")
	}
	var routes []string
	for _, r := range f.Routes {
		if slices.Contains(routes, r.Name) {
			say("route %q is there twice: give one another name", r.Name)
		}
		routes = append(routes, r.Name)
		for _, err := range r.check(names) {
			say("route %q: %w", r.Name, err)
		}
	}
	if len(f.Inbound) == 0 {
		say("nobody can text us: name at least one number that people text, under inbound")
	}
	for i, in := range f.Inbound {
		if !slices.Contains(names, in.Provider) {
			say("inbound: there is no provider %q", in.Provider)
		}
		if in.Number == "" {
			say("inbound %d: number is missing: the one that people text", i+1)
		}
		if slices.ContainsFunc(f.Inbound[:i], func(other textInbound) bool { return other.Provider == in.Provider && other.Number == in.Number }) {
			say("inbound: %s at %q is there twice", in.Number, in.Provider)
		}
		if in.Campaign != "" && !regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`).MatchString(in.Campaign) {
			say("inbound: %s: campaign is the short name of a campaign, its slug; leave it out for a number that all campaigns share", in.Number)
		}
	}
	return out
}

func (p *textProvider) check(getenv func(string) string) []error {
	var out []error
	if err := gateway.CheckName(p.Name); err != nil {
		out = append(out, err)
	}
	switch p.Kind {
	case kindTwilio:
		if p.Account == "" {
			out = append(out, errors.New("account is missing: AC… as Twilio's console shows it"))
		}
		if p.Country != "" {
			out = append(out, errors.New("country is for gateways: Twilio's numbers are whole"))
		}
		if p.URL != "" && gateway.CheckURL(p.URL) != nil {
			out = append(out, errors.New("url is only for the simulator: https://…, or http:// to this machine; leave it out for Twilio itself"))
		}
	case kindGateway:
		if p.Account != "" {
			out = append(out, errors.New("account is for Twilio: a gateway knows us by the secret"))
		}
		if p.Country != "" && !isDigits(p.Country) {
			out = append(out, errors.New(`country is a calling code, such as "82"`))
		}
		if err := gateway.CheckURL(p.URL); err != nil {
			out = append(out, fmt.Errorf("url: %w", err))
		}
	default:
		out = append(out, fmt.Errorf("kind is %q: write twilio or gateway", p.Kind))
	}
	return append(out, p.readSecrets(getenv)...)
}

// readSecrets reads the variables that the file names. What stands in the file is not repeated: it may be the secret itself.
func (p *textProvider) readSecrets(getenv func(string) string) []error {
	var out []error
	for _, s := range []struct {
		key, name string
		must      bool
	}{{"secret", p.Secret, true}, {"secret_before", p.SecretBefore, false}} {
		if s.name == "" && !s.must {
			continue
		}
		if !regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`).MatchString(s.name) {
			out = append(out, fmt.Errorf("%s is the name of the variable that holds the secret, such as GATEWAY_SECRET, and never the secret itself", s.key))
			continue
		}
		secret := strings.TrimSpace(getenv(s.name))
		switch {
		case secret == "" && !s.must: // the change is over
			continue
		case secret == "":
			out = append(out, fmt.Errorf("%s is not set: the secret that only this provider and we know; without it no webhook can be believed", s.name))
		case p.Kind == kindGateway && gateway.CheckSecret(secret) != nil:
			out = append(out, fmt.Errorf("%s: %w", s.name, gateway.CheckSecret(secret)))
		}
		p.secrets = append(p.secrets, secret)
	}
	return out
}

func (r *textRoute) check(providers []string) []error {
	var out []error
	if gateway.CheckName(r.Name) != nil {
		out = append(out, errors.New("a name is made of up to 30 small letters, digits and hyphens, a letter first"))
	}
	if !slices.Contains(providers, r.Provider) {
		out = append(out, fmt.Errorf("there is no provider %q", r.Provider))
	}
	if r.Number == "" {
		out = append(out, errors.New("number is missing: ours, that texts come from"))
	}
	for _, p := range r.Prefixes {
		if digits, ok := strings.CutPrefix(p, "+"); !ok || !isDigits(digits) {
			out = append(out, fmt.Errorf(`prefix %q: write "+" and the first digits of phones, such as "+82"`, p))
		}
	}
	if r.PerSecond < 0 || r.Queue < 0 {
		out = append(out, errors.New("per_second and queue are counts: write a number above 0, or leave it out for no limit"))
	}
	return out
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
