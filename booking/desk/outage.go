package desk

import (
	"context"
	"time"

	"jari/booking"
)

// Outage is a time in which no node took texts of a provider.
type Outage struct {
	ID       int64
	Provider string
	From, To time.Time // by our clock
	// Near are other outages of the provider so near that the log of this one shows texts of theirs, with one that lasts.
	Near []Outage
}

// Bounds within which the provider's time of a text that never reached us is believed to lie in an outage.
const (
	// beforeOutage: a text that came shortly before the last sign of life was on its way when the node went away, for as long as a webhook may take.
	beforeOutage = 30 * time.Second
	// underWay is how much earlier than the last sign an outage begins for them: a node that gives a sign has not answered what came just before.
	underWay = 2 * time.Second
	// afterOutage: the provider's clock may be ahead of ours.
	afterOutage = 5 * time.Second
	// LogMargin is how far beyond an outage the log is read, for what was lost on its edges.
	LogMargin = 2 * time.Minute
	// onItsWay is how old a text outside of outages must be before it counts as lost: its webhook may still come.
	onItsWay = time.Minute
)

// Arrival is the instant at which a text arrived that the provider's log has and we have not: the provider's time, clamped to the outage, or to the one near it
// in which it lies. A text from outside counts from now, the instant of reading: nobody's clock but ours says when it came, and that we know of it only since.
// ok is false while it may still be on its way.
func (o Outage) Arrival(at, now time.Time) (arrival time.Time, ok bool) {
	all := append([]Outage{o}, o.Near...)
	for _, x := range all {
		if !at.Before(x.From) && !at.After(x.To) {
			return at, true
		}
	}
	for _, x := range all {
		if !at.Before(x.From.Add(-beforeOutage)) && !at.After(x.To.Add(afterOutage)) {
			if from := x.From.Add(-underWay); at.Before(from) {
				at = from
			}
			if at.After(x.To) {
				at = x.To
			}
			return at, true
		}
	}
	if now.Sub(at) > onItsWay {
		return now, true
	}
	return time.Time{}, false
}

// NumberFor says for which campaign the texts to a number of ours are.
type NumberFor struct {
	Campaign string // by its short name; empty: all campaigns share the number
	// Unsaid: the settings know of no campaigns. Then they are for that of the last text of the provider that came by a webhook, whose address knows.
	Unsaid bool
}

// KeepLogged keeps the texts of a provider's log of one number that we have not, with their arrivals. A text that reached us only after the outage had
// ended, because the provider delivered it again, gets the arrival that the log gives it. It returns how many texts were new or earlier. The bodies must
// already be free of resident numbers. It returns CodeNoCampaign, and keeps nothing, when the number's campaign is not here: the log still has the texts
// when it is.
func (d *Desk) KeepLogged(ctx context.Context, o Outage, number NumberFor, texts []Inbound) (int, error) {
	only, err := d.onlyFor(ctx, o.Provider, number)
	if err != nil {
		return 0, err
	}
	now := d.Now()
	for i := range texts {
		c, in := only, &texts[i]
		if c == nil {
			all := d.Sharing(in.From, now)
			if len(all) == 0 {
				return 0, booking.Fail(booking.CodeNoCampaign, nil)
			}
			c, in.Shared = all[0], len(all) > 1
		}
		in.Via, in.Provider, in.Found = ViaLog, o.Provider, now
		*in = d.NewText(c, *in)
	}
	return d.ports.Phones.KeepLogged(ctx, texts, o.To)
}

// onlyFor is the only campaign that a number is for; nil when each text is for whichever it turns out to be.
func (d *Desk) onlyFor(ctx context.Context, provider string, number NumberFor) (*Campaign, error) {
	switch {
	case number.Campaign != "":
		return d.ports.Campaigns.BySlug(number.Campaign)
	case !number.Unsaid:
		return nil, nil
	}
	id, one, err := d.ports.Phones.LastCampaign(ctx, provider)
	if err != nil || !one {
		return nil, err
	}
	return d.ports.Campaigns.ByID(id)
}
