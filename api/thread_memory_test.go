package api_test

import (
	"context"
	"errors"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Thread implements desk.Book: what was texted is invented, who looks must be named.
func (m *memory) Thread(_ context.Context, c *desk.Campaign, e desk.Entry, limit int, actor string, at time.Time) ([]desk.ThreadText, error) {
	if !strings.HasPrefix(actor, "agent:") || at.IsZero() || limit == 0 {
		return nil, errors.New("somebody looks, and nobody knows who")
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return nil, err
	}
	arrived := e.Arrival.Truncate(time.Second)
	said := words.Data{Masked: booking.MaskName(p.Name), Reference: "AB2C", Place: 1, Ticket: "123-456-7890", First: 1}
	return []desk.ThreadText{
		{At: arrived.Add(3 * time.Minute), In: true, With: desk.WithPerson, Number: "twilio", Said: true, Fate: desk.FateUnreadable, Inbound: 77},
		{At: arrived.Add(2 * time.Minute), In: true, With: desk.WithPerson, Number: "twilio", Text: "1", Said: true, Fate: "handled"},
		{At: arrived.Add(time.Minute), With: desk.WithHelper, Number: "main", Kind: string(words.Code), Fate: "undelivered", Code: 30003, Failure: "away", Lang: booking.Korean, Data: said},
		{At: arrived, With: desk.WithPerson, Number: "main", Kind: string(words.HelperGone), Fate: "delivered", Lang: booking.Korean, Data: said},
	}, nil
}
