package sms

import (
	"context"
	"fmt"

	"jari/booking"
	"jari/booking/desk"
)

// Texts are handled in the order in which they become known, which is not always the order in which they arrived: one may
// have waited in a journal, at the provider or for the sweep, while a later one was handled. A late text says what it says
// (listenLate: never more than the texts after it), and its instant counts as it would have in order:
//
//   - nobody is completed yet: it is a contact of the conversation, like any other;
//   - somebody was, by a text that arrived after it: it is a contact of that person if what it says fits them, and
//     otherwise of whomever it is about, who is asked for what is missing.

// apart reports whether a text arrived so long before the conversation began that it had a conversation of its own, which
// would have been over by then.
func apart(c *desk.Campaign, in desk.Inbound, v desk.Conversation) bool {
	life := c.Limits.WithDefaults().ContactLife
	return v.Version > 0 && !in.Arrival.Add(life).After(v.Expires.Add(-life))
}

// handleApart carries out what such a text asks for by itself, and leaves the conversation as it is.
func (d *Door) handleApart(ctx context.Context, c *desk.Campaign, in desk.Inbound, known memory, today booking.Date) error {
	_, intent := Step(c.Campaign, State{Lang: known.State.Lang}, in.From, in.Body, today)
	replies, _, err := d.act(ctx, c, in, intent, []int64{in.Arrival.UnixMicro()})
	if err != nil {
		return fmt.Errorf("%s by late text: %w", intent.Act, err)
	}
	return d.finish(ctx, in, nil, replies, intent)
}

// serves reports whether a text is a contact of whoever was completed first, by a text that arrived after it. A text that
// says nothing of a person fits everybody: it is theirs, unless somebody else had begun to apply when it came.
func (m memory) serves(c *desk.Campaign, in desk.Inbound, today booking.Date) bool {
	at := in.Arrival.UnixMicro()
	if m.First == nil || at >= m.At {
		return false
	}
	_, alone := Step(c.Campaign, State{Lang: m.State.Lang}, in.From, in.Body, today)
	if alone.Act != Ask && alone.Act != Help {
		return false
	}
	begun := m.State.Begun && len(m.Times) > 0 && m.Times[0] <= at
	got := read(c.Campaign, State{Begun: begun}, in.From, legible(in.Body), today)
	if got.name == "" && !got.hasBirth() && got.number == "" {
		return !begun
	}
	return m.First.fits(got)
}

// credit gives whoever was completed first the late text's arrival. There is nothing to say: the reply to the later text has
// said it.
func (d *Door) credit(ctx context.Context, c *desk.Campaign, in desk.Inbound, known memory) error {
	_, first := known.First.complete(in.From)
	if first.Act == Register { // otherwise it is a memory that somebody else wrote
		err := d.desk.CreditByText(ctx, c, in, desk.Applying{Person: first.Person, Region: first.Region, Lang: first.Lang})
		if err != nil {
			return fmt.Errorf("count a late text: %w", err)
		}
	}
	return d.finish(ctx, in, nil, nil, Intent{Act: Credit})
}

// stateOf is what was known of a person when they were completed.
func stateOf(in Intent) *State {
	return &State{
		Name: in.Person.Name, Born: in.Person.Born.String(), Region: in.Region, Phone: in.Person.Phone.E164(), Number: in.Person.Number, Lang: in.Lang, Begun: true,
	}
}
