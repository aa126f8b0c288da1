package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/vault"
	"jari/booking/words"
)

// ActorPhone is who acts when a text comes in: the phone that sent it, whose number stands with the text.
const ActorPhone = "phone"

// ActorHelper is who acts when a text answers for somebody whose helper its sender is.
const ActorHelper = "helper"

// Parameters of a message that answers a phone without an entry. A message that names an entry needs none: its language
// and everything else come from the entry when the text is made.
const (
	ParamLang    = "lang"    // the language to answer in
	ParamAt      = "at"      // RFC 3339: the opening or the closing
	ParamMissing = "missing" // comma-separated: words.Missing…
	ParamAbout   = "about"   // what the numbers of a question mean: a region, campaigns, a cohort
	ParamChoices = "choices" // what the campaigns in ParamAbout are called, separated by "|"
	ParamYears   = "years"   // sealed for the text that is answered: the years that a year of birth in two digits can mean (OpenYears)
	ParamFirst   = "first"   // the answer number that takes back what was just said
)

// NewText completes a text that came in: as it will be read when it is kept, but for its id.
func (d *Desk) NewText(c *Campaign, in Inbound) Inbound {
	in.Campaign, in.PhoneHash, in.Arrival = c.ID, c.Keys.Phone(in.From), in.Arrival.Truncate(time.Microsecond)
	return in
}

// KeepText stores a text before anything is done with it. The body must already be free of resident numbers. fresh is
// false when the provider delivered it before. Any error means that it was not stored.
func (d *Desk) KeepText(ctx context.Context, c *Campaign, in Inbound) (id int64, fresh bool, err error) {
	return d.ports.Phones.Keep(ctx, d.NewText(c, in))
}

// KeepJournalled stores a text that waited in a door's journal, with the arrival that it was written down with. fresh is
// false when it had reached the database after all. It returns CodeNoCampaign when its campaign is not here and CodeInvalid
// when it came in at a door that keeps no texts; any error means that it was not stored.
func (d *Desk) KeepJournalled(ctx context.Context, in Inbound) (id int64, fresh bool, err error) {
	if in.Door != DoorSMS {
		return 0, false, booking.Fail(booking.CodeInvalid, fmt.Errorf("a record of the door %q, which this program does not replay", in.Door))
	}
	c, err := d.ports.Campaigns.ByID(in.Campaign)
	if err != nil {
		return 0, false, err
	}
	in.ID, in.Handled, in.Via = 0, false, ViaJournal
	return d.KeepText(ctx, c, in)
}

// Text reads a kept text and finds its campaign. It returns CodeUnauthorized when there is no such text.
func (d *Desk) Text(ctx context.Context, id int64) (Inbound, *Campaign, error) {
	in, err := d.ports.Phones.Inbound(ctx, id)
	if err != nil {
		return Inbound{}, nil, err
	}
	c, err := d.ports.Campaigns.ByID(in.Campaign)
	return in, c, err
}

// Unreadable reports whether reading a kept text failed because it cannot be opened, which trying again does not change.
func Unreadable(err error) bool { return errors.Is(err, vault.ErrData) }

// Conversation returns the conversation that was open when the text came, or a new one that begins with it.
func (d *Desk) Conversation(ctx context.Context, c *Campaign, in Inbound) (Conversation, error) {
	v, err := d.ports.Phones.Conversation(ctx, c.ID, in.PhoneHash, in.Arrival)
	if err != nil {
		return Conversation{}, err
	}
	if v.FirstAt.IsZero() { // none, or one that has expired and is replaced
		v.FirstAt, v.Expires = in.Arrival, in.Arrival.Add(c.Limits.WithDefaults().ContactLife)
	}
	if in.Arrival.Before(v.FirstAt) { // an earlier text that is handled after a later one
		v.FirstAt = in.Arrival
	}
	return v, nil
}

// FinishText marks a text as handled and stores the conversation (nil: it stays as it is) with the replies. A reply that has no
// purpose of its own gets the purpose "the n-th reply to this text", so that handling a text twice sends nothing twice; a text that is handled
// again because its arrival was moved is not answered again, whatever there would be to say by now. It
// returns CodeConflict when another text of the phone was handled meanwhile: read the conversation again and repeat.
func (d *Desk) FinishText(ctx context.Context, in Inbound, v *Conversation, replies []Message) error {
	if in.Heard {
		replies = slices.DeleteFunc(replies, func(m Message) bool { return m.Dedup == "" })
	}
	for i := range replies {
		if replies[i].Dedup == "" {
			replies[i].Dedup = fmt.Sprintf("reply/%d/%d", in.ID, i+1)
		}
	}
	return d.ports.Phones.Finish(ctx, in, v, replies, d.ports.Clock.Now())
}

// SayByText is a reply to a phone that may have no entry.
func SayByText(in Inbound, kind words.Kind, lang booking.Lang, params map[string]string) Message {
	all := map[string]string{ParamLang: string(lang)}
	maps.Copy(all, params)
	return Message{Campaign: in.Campaign, Inbound: in.ID, Kind: string(kind), Params: all, Urgent: true, Due: in.Arrival}
}

// sayOf is a reply about an entry, to the phone on file, which is the sender's.
func sayOf(in Inbound, id booking.ID, kind words.Kind) Message {
	return Message{Campaign: in.Campaign, Entry: &id, Inbound: in.ID, Kind: string(kind), Urgent: true, Due: in.Arrival}
}

// sayToHelper is a reply about an entry to its helper, who is the sender.
func sayToHelper(in Inbound, id booking.ID, helper int64, kind words.Kind) Message {
	m := sayOf(in, id, kind)
	m.Helper = helper
	return m
}

func hexID(id booking.ID) string { return hex.EncodeToString(id[:]) }
