package desk

import (
	"context"

	"jari/booking"
	"jari/booking/words"
)

// Explained is an entry's explanation in words.
type Explained struct {
	Ticket    string
	Lang      booking.Lang
	Sentences []string // for an agent or operator to read out
	Text      string   // what the person gets on asking "why": one text message
}

// ByTicket finds the entry that a ticket's code names, as people write it, with spaces or hyphens. It is for agents and
// operators: nobody else may ask about a ticket. It returns CodeNoCampaign, CodeInvalid (/ticket) for a number that cannot be
// a ticket's, and CodeUnauthorized when no entry of the campaign has it.
func (d *Desk) ByTicket(ctx context.Context, slug, ticket string) (*Campaign, booking.ID, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return nil, booking.ID{}, err
	}
	serial, err := c.Keys.Serial(ticket)
	if err != nil {
		return nil, booking.ID{}, booking.Invalid("/ticket")
	}
	id, err := d.ports.Book.BySerial(ctx, c.ID, serial)
	return c, id, err
}

// Explain says why an entry has its appointment, or none, from what is on record. lang "" is the person's own language. It
// returns CodeUnauthorized when there is no entry.
func (d *Desk) Explain(ctx context.Context, c *Campaign, id booking.ID, lang booking.Lang) (Explained, error) {
	e, err := d.ports.Book.Entry(ctx, c.ID, id)
	if err != nil {
		return Explained{}, err
	}
	if lang == "" {
		lang = e.Lang
	}
	out := Explained{Ticket: c.Keys.Ticket(e.Serial), Lang: lang}
	facts, err := d.ports.Book.Explanation(ctx, c.ID, id)
	if err != nil {
		return Explained{}, err
	}
	if out.Sentences, err = words.Explain(c.Campaign, lang, facts); err != nil {
		return Explained{}, err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return Explained{}, err
	}
	data := words.Data{
		Masked: booking.MaskName(p.Name), Reference: c.Keys.MessageReference("explain/" + hexID(id)), Campaign: c.Names.In(lang), Phone: c.Phone,
		State: string(StateTold(c, e)),
	}
	if a := e.Appointment; a != nil {
		data.Site, data.Starts = siteTold(c, facts, a.Site, lang), a.Starts.In(c.Zone)
	}
	data.ExplainTo(c.Campaign, facts)
	out.Text, err = words.Render(words.Why, lang, data)
	return out, err
}

// Why explains to the holder of an entry. It returns CodeVerifyFirst, whether the entry is the device's own or a stranger's, or
// CodeUnauthorized.
func (d *Desk) Why(ctx context.Context, in Holding, lang booking.Lang) (Explained, error) {
	h, err := d.proven(ctx, in)
	if err != nil {
		return Explained{}, err
	}
	return d.Explain(ctx, h.campaign, h.entry.ID, lang)
}

// siteTold is the name of a site, also of one that the campaign has no more.
func siteTold(c *Campaign, facts booking.Explanation, code string, lang booking.Lang) string {
	if site, ok := c.Site(code); ok {
		return site.Names.In(lang)
	}
	for _, g := range facts.Given {
		if g.Site == code {
			return g.Names.In(lang)
		}
	}
	return ""
}

// StateTold is the state that a text speaks of. Whoever must prove the phone before an offer, and has not, is not told
// that there is nothing to do: the registration text still waits for an answer.
func StateTold(c *Campaign, e Entry) State {
	state, _ := StateOf(e)
	cohort, _ := c.Cohort(e.Cohort)
	if state == StateWaiting && !e.Verified && cohort.Verify == booking.BeforeOffer {
		return StateReceived
	}
	return state
}
