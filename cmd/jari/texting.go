package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"jari/booking/desk"
	"jari/sms"
	"jari/sms/gateway"
	"jari/sms/twilio"
)

// texting is everything by which texts leave and come in, as the settings say.
type texting struct {
	routes    desk.Routes
	providers []webhooks
	logs      []textLog
	closes    []func()
}

// webhooks is a provider that posts to us.
type webhooks struct {
	sms.Provider
	inbound bool // also texts from people, and not only receipts
}

// textLog is the list of the texts that came in at one number, for what a provider could not hand to us.
type textLog struct {
	provider string // as it is stored with the texts
	number   string
	whose    desk.NumberFor
	desk.Log
}

// carrier is a provider at one number of ours.
type carrier interface {
	desk.Sender
	desk.Log
	Close()
}

// newTexting makes the adapters. now is the clock of signatures.
func newTexting(c Config, now func() time.Time) (*texting, error) {
	f, t := c.texts(), &texting{}
	type place struct{ provider, number string }
	made := map[place]carrier{} // one for each number at a provider, whatever it is used for
	at := func(provider, number string) (carrier, error) {
		key := place{provider, number}
		if s, ok := made[key]; ok {
			return s, nil
		}
		s, err := f.provider(provider).carrier(c, number, now)
		if err != nil {
			return nil, fmt.Errorf("texts by %s: %w", provider, err)
		}
		made[key], t.closes = s, append(t.closes, s.Close)
		return s, nil
	}
	for _, r := range f.Routes {
		s, err := at(r.Provider, r.Number)
		if err != nil {
			return nil, err
		}
		t.routes = append(t.routes, desk.Route{Name: r.Name, Sender: s, Prefixes: r.Prefixes, PerSecond: r.PerSecond, QueueMost: r.Queue})
	}
	for _, in := range f.Inbound {
		s, err := at(in.Provider, in.Number)
		if err != nil {
			return nil, err
		}
		t.logs = append(t.logs, textLog{in.Provider, in.Number, desk.NumberFor{Campaign: in.Campaign, Unsaid: in.unsaid}, s})
	}
	for _, p := range f.Providers {
		w, err := p.webhooks(c, now)
		if err != nil {
			return nil, fmt.Errorf("webhooks of %s: %w", p.Name, err)
		}
		inbound := slices.ContainsFunc(f.Inbound, func(in textInbound) bool { return in.Provider == p.Name })
		t.providers = append(t.providers, webhooks{w, inbound})
	}
	return t, nil
}

// close lets go of idle connections.
func (t *texting) close() {
	for _, f := range t.closes {
		f()
	}
}

// warn says which countries a campaign may text that no route reaches: their people would be called. And it says which numbers are for a campaign that is
// not there: what people text there is refused, and after an outage left in the provider's log.
func (t *texting) warn(campaigns []*desk.Campaign, log *slog.Logger) {
	for _, c := range campaigns {
		for _, prefix := range c.Limits.WithDefaults().AllowedPrefixes {
			if !t.routes.Cover(prefix) {
				log.Warn("a campaign may text phones that no route reaches: nobody there can be texted; add a route to the file that JARI_TEXTS names", "campaign", c.Slug, "prefix", prefix)
			}
		}
	}
	for _, l := range t.logs {
		if l.whose.Campaign != "" && !slices.ContainsFunc(campaigns, func(c *desk.Campaign) bool { return c.Slug == l.whose.Campaign }) {
			log.Warn("a number that people text is for a campaign that does not exist: nobody is registered by it until the campaign is there; put the name right in the file that JARI_TEXTS names, or apply the campaign",
				"campaign", l.whose.Campaign, "number", l.number, "provider", l.provider)
		}
	}
}

// mount is where each provider posts to: texts of people at /webhooks/NAME/inbound/CAMPAIGN, receipts at /webhooks/NAME/receipts.
func (t *texting) mount(door *sms.Door) map[string]http.Handler {
	out := map[string]http.Handler{}
	for _, p := range t.providers {
		d := door.With(p)
		out[receiptsAt(p.Name())] = d.Receipts()
		if p.inbound {
			out[inboundAt(p.Name())] = d.Inbound(inboundAt(p.Name()))
		}
	}
	return out
}

func inboundAt(provider string) string  { return "/webhooks/" + provider + "/inbound" }
func receiptsAt(provider string) string { return "/webhooks/" + provider + "/receipts" }

// provider finds one by its name; that there is one was checked when the settings were read.
func (f textsFile) provider(name string) textProvider {
	i := slices.IndexFunc(f.Providers, func(p textProvider) bool { return p.Name == name })
	return f.Providers[i]
}

func (p textProvider) carrier(c Config, number string, now func() time.Time) (carrier, error) {
	if p.Kind == kindGateway {
		return gateway.New(gateway.Config{
			Name: p.Name, BaseURL: p.URL, Secret: p.secrets[0], From: number, Country: p.Country, Timeout: c.SendTimeout, Now: now,
		})
	}
	return twilio.New(twilio.Config{
		AccountSID: p.Account, AuthToken: p.secrets[0], From: number, BaseURL: p.URL,
		StatusCallback: strings.TrimSuffix(c.PublicURL, "/") + receiptsAt(p.Name), Timeout: c.SendTimeout,
	})
}

func (p textProvider) webhooks(c Config, now func() time.Time) (sms.Provider, error) {
	if p.Kind == kindGateway {
		return gateway.NewWebhooks(gateway.Receiving{Name: p.Name, PublicURL: c.PublicURL, Secrets: p.secrets, Country: p.Country, Now: now})
	}
	return twilio.NewWebhooks(strings.TrimSuffix(c.PublicURL, "/"), p.secrets...).Named(p.Name), nil // a secret is never empty
}
