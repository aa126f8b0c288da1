package sms

import (
	"context"
	"fmt"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// Texts are handled in the order in which they become known, which is not always the order in which they arrived: one may
// have waited in a journal, at the provider or for the sweep, while a later one was handled. What a late text says is
// never mixed into what came after it; what it counts for is its instant.

// overtook reports whether somebody was completed on this conversation by a text that arrived after this one.
func (m memory) overtook(in desk.Inbound) bool {
	return m.First != nil && in.Arrival.UnixMicro() < m.At
}

// apart reports whether a text arrived so long before the conversation began that it had a conversation of its own, which
// would have been over by then.
func apart(c *desk.Campaign, in desk.Inbound, v desk.Conversation) bool {
	life := c.Limits.WithDefaults().ContactLife
	return v.Version > 0 && !in.Arrival.Add(life).After(v.Expires.Add(-life))
}

// handleLate carries out what a late text asks for by itself, and leaves the conversation as it is. One that alone completes
// nobody is a contact of whoever was completed first on its conversation.
func (d *Door) handleLate(ctx context.Context, c *desk.Campaign, in desk.Inbound, v desk.Conversation, known memory, today booking.Date) error {
	_, intent := Step(c.Campaign, State{Lang: known.State.Lang}, in.From, in.Body, today)
	var replies []desk.Message
	var err error
	if !apart(c, in, v) && (intent.Act == Ask || intent.Act == Help) {
		err = d.credit(ctx, in, known)
	} else {
		replies, _, err = d.act(ctx, in, intent, []int64{in.Arrival.UnixMicro()})
	}
	if err != nil {
		return fmt.Errorf("%s by late text: %w", intent.Act, err)
	}
	return d.finish(ctx, in, nil, replies, intent)
}

// credit applies once more for whoever was completed first, with the late text among the contacts: the entry takes the
// earlier arrival. There is nothing to say: the reply to the later text has said it.
func (d *Door) credit(ctx context.Context, in desk.Inbound, known memory) error {
	_, first := known.First.complete(in.From)
	if first.Act != Register {
		return nil // a memory that somebody else wrote
	}
	contacts := []time.Time{in.Arrival, time.UnixMicro(known.At)}
	in.Arrival = contacts[1] // the campaign was open to this person then, if not before
	_, _, err := d.desk.RegisterByText(ctx, in, contacts, desk.Applying{Person: first.Person, Region: first.Region, Lang: first.Lang})
	return err
}

// stateOf is what was known of a person when they were completed.
func stateOf(in Intent) *State {
	return &State{
		Name: in.Person.Name, Born: in.Person.Born.String(), Region: in.Region, Phone: in.Person.Phone.E164(), Number: in.Person.Number, Lang: in.Lang, Begun: true,
	}
}
