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

// Arrival is the instant at which a text arrived that the provider's log has and we have not: the provider's time, clamped to the outage. A text from
// outside counts from now, the instant of reading: nobody's clock but ours says when it came, and that we know of it only since. ok is false while
// it may still be on its way.
func (o Outage) Arrival(at, now time.Time) (arrival time.Time, ok bool) {
	switch {
	case !at.Before(o.From.Add(-beforeOutage)) && !at.After(o.To.Add(afterOutage)):
		if from := o.From.Add(-underWay); at.Before(from) {
			at = from
		}
		if at.After(o.To) {
			at = o.To
		}
		return at, true
	case now.Sub(at) > onItsWay:
		return now, true
	}
	return time.Time{}, false
}

// KeepLogged keeps the texts of a provider's log that we have not, with their arrivals. A text that reached us only after the outage had ended, because
// the provider delivered it again, gets the arrival that the log gives it. It returns how many texts were new or earlier. The bodies must already be free
// of resident numbers. It returns CodeNoCampaign when it cannot be told for which campaign they are.
func (d *Desk) KeepLogged(ctx context.Context, o Outage, texts []Inbound) (int, error) {
	c, err := d.campaignOf(ctx, o.Provider)
	if err != nil {
		return 0, err
	}
	for i := range texts {
		texts[i].Via, texts[i].Provider = ViaLog, o.Provider
		texts[i] = d.NewText(c, texts[i])
	}
	return d.ports.Phones.KeepLogged(ctx, texts, o.To)
}

// campaignOf is for whom a provider's texts are: the campaign that the last one was for, because the log knows no campaigns, or the only one there is.
func (d *Desk) campaignOf(ctx context.Context, provider string) (*Campaign, error) {
	id, ok, err := d.ports.Phones.LastCampaign(ctx, provider)
	if err != nil {
		return nil, err
	}
	if ok {
		return d.ports.Campaigns.ByID(id)
	}
	var only *Campaign
	now := d.Now()
	for _, c := range d.ports.Campaigns.All() {
		switch {
		case c.Over(now):
		case only != nil:
			return nil, booking.Fail(booking.CodeNoCampaign, nil)
		default:
			only = c
		}
	}
	if only == nil {
		return nil, booking.Fail(booking.CodeNoCampaign, nil)
	}
	return only, nil
}
