package sms

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// attempts is how often a text is read anew when another text of the same phone was handled meanwhile.
const attempts = 5

// maxContacts bounds how many instants of a conversation are kept.
const maxContacts = 64

// memory is what a conversation keeps between two texts. It is stored encrypted.
type memory struct {
	State State   `json:"s"`
	Said  spoken  `json:"w,omitzero"`  // when each thing in State was said
	Times []int64 `json:"t,omitempty"` // microseconds since 1970 of the texts that count for the person being applied for
	// First is who was completed first on this contact, and At the text that did it, for texts that are handled late.
	First *State `json:"f,omitempty"`
	At    int64  `json:"a,omitempty"`
}

// Handle reads a kept text, does what it asks for, and queues the replies. It may be called any number of times, by the
// door's hands and by a sweep, also at once: what a text does is done once.
func (d *Door) Handle(ctx context.Context, inboundID int64) error {
	return d.untilSettled(func() error { return d.handleStored(ctx, inboundID) })
}

// handleKept is Handle for a text that was just kept and need not be read. Should an earlier delivery of it have come in meanwhile, or another text of the
// phone, it is read.
func (d *Door) handleKept(ctx context.Context, in desk.Inbound, c *desk.Campaign) error {
	err := d.handle(ctx, in, c)
	if booking.CodeOf(err) == booking.CodeConflict {
		return d.Handle(ctx, in.ID)
	}
	return err
}

// untilSettled does it again while another text of the phone is handled at the same time.
func (d *Door) untilSettled(handle func() error) error {
	var err error
	for range attempts {
		if err = handle(); booking.CodeOf(err) != booking.CodeConflict {
			return err
		}
	}
	return err
}

func (d *Door) handleStored(ctx context.Context, id int64) error {
	in, c, err := d.desk.Text(ctx, id)
	if err != nil || in.Handled {
		return err
	}
	return d.handle(ctx, in, c)
}

func (d *Door) handle(ctx context.Context, in desk.Inbound, c *desk.Campaign) error {
	if in.Shared {
		if decided, err := d.decide(ctx, in, c); err != nil || !decided {
			return err
		}
	}
	v, err := d.desk.Conversation(ctx, c, in)
	if err != nil {
		return err
	}
	known := d.recall(c, in, v)
	in, done, err := d.answered(ctx, in, c, v, known)
	if err != nil || done {
		return err
	}
	today := booking.DateOf(in.Arrival, c.Zone)
	if done, err := d.manage(ctx, c, &in, v, known, today); done || err != nil {
		return err
	}
	if apart(c, in, v) {
		return d.handleApart(ctx, c, in, known, today)
	}
	if known.serves(c, in, today) {
		return d.credit(ctx, c, in, known)
	}
	h := listen(c, v, known, in, today)
	asking := in
	asking.Arrival = h.at
	replies, completed, err := d.reply(ctx, c, asking, &h)
	if err != nil {
		return fmt.Errorf("%s by text: %w", h.intent.Act, err)
	}
	kept, err := remember(c, in, v, known, h, completed)
	if err != nil {
		return err
	}
	return d.finish(ctx, in, kept, replies, h.intent)
}

func (d *Door) finish(ctx context.Context, in desk.Inbound, kept *desk.Conversation, replies []desk.Message, intent Intent) error {
	if err := d.desk.FinishText(ctx, in, kept, replies); err != nil {
		return err
	}
	d.texts.WithLabelValues(string(intent.Act)).Inc()
	return nil
}

// recall opens what the conversation keeps. A memory that cannot be read is lost, not an obstacle: the person is asked
// again, and the first contact stands beside it in the clear.
func (d *Door) recall(c *desk.Campaign, in desk.Inbound, v desk.Conversation) memory {
	var m memory
	if len(v.State) == 0 {
		return m
	}
	plain, err := c.Keys.Open("contact", in.PhoneHash[:], v.State)
	if err == nil {
		err = json.Unmarshal(plain, &m)
	}
	if err != nil {
		d.log.Warn("a conversation cannot be read and begins anew", "inbound", in.ID, "error", err)
		return memory{}
	}
	return m
}

// contactsFor lists the instants that count as a contact of the person being applied for, this text's last. The first
// person that is completed gets every text of the conversation, even those that said nothing; whoever comes after that,
// those since their own application began.
func contactsFor(v desk.Conversation, known memory, next State, in Intent, at time.Time) []int64 {
	times := slices.Clone(known.Times)
	if v.Used {
		name := next.Name
		if in.Act == Register {
			name = in.Person.Name
		}
		another := known.State.Name != "" && name != "" && booking.FoldName(name) != booking.FoldName(known.State.Name)
		if another || !known.State.Begun {
			times = nil
		}
	} else {
		times = append(times, v.FirstAt.UnixMicro())
	}
	if len(times) < maxContacts {
		times = append(times, at.UnixMicro())
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// reply does what was heard. Whoever still lacks something for an application that can no longer be made is told so, instead of being asked. What they
// said stays as long as the conversation: a text that came in time may still be on its way to us.
func (d *Door) reply(ctx context.Context, c *desk.Campaign, in desk.Inbound, h *heard) (replies []desk.Message, completed bool, err error) {
	if said, ok := d.closed(c, in, *h); ok {
		h.intent.Act = Closed
		return said, false, nil
	}
	return d.act(ctx, c, in, h.intent, h.times)
}

// closed is the answer to somebody who would be asked for more, though it is too late for the birth date that we know.
func (d *Door) closed(c *desk.Campaign, in desk.Inbound, h heard) ([]desk.Message, bool) {
	born, err := booking.ParseDate(h.state.Born)
	if h.intent.Act != Ask || err != nil {
		return nil, false
	}
	said, ok := d.desk.ClosedByText(c, in, born, instants(h.times), h.intent.Lang)
	return []desk.Message{said}, ok
}

func instants(times []int64) []time.Time {
	out := make([]time.Time, len(times))
	for i, t := range times {
		out[i] = time.UnixMicro(t)
	}
	return out
}

func (d *Door) act(ctx context.Context, c *desk.Campaign, in desk.Inbound, intent Intent, times []int64) (replies []desk.Message, completed bool, err error) {
	switch intent.Act {
	case Register:
		return d.registerAll(ctx, c, in, instants(times), intent)
	case Status:
		replies, err = d.desk.TellByText(ctx, c, in, words.Status, intent.Lang)
	case Why:
		replies, err = d.desk.TellByText(ctx, c, in, words.Why, intent.Lang)
	case Answer:
		replies, err = d.desk.AnswerByText(ctx, c, in, intent.No, intent.Lang)
	case Ask:
		replies, err = d.askFor(c, in, intent)
	case OneEach:
		replies = []desk.Message{desk.SayByText(in, words.OneEach, intent.Lang, nil)}
	case Help:
		if intent.Lost {
			replies, err = d.desk.LostByText(ctx, c, in, intent.Lang)
			break
		}
		replies = []desk.Message{desk.SayByText(in, words.Help, intent.Lang, nil)}
	}
	return replies, false, err
}

// remember makes the conversation as it is to be stored. Answers, questions about the own entry and the provider's words
// are no contact: they leave an open conversation as it is and begin none.
func remember(c *desk.Campaign, in desk.Inbound, v desk.Conversation, known memory, h heard, completed bool) (*desk.Conversation, error) {
	switch h.intent.Act {
	case Register, Ask, Closed, OneEach, Help:
	default:
		return nil, nil
	}
	m := memory{State: h.state, Said: h.said, Times: h.times, First: known.First, At: known.At}
	if completed {
		if m.First == nil {
			m.First, m.At = stateOf(h.intent), h.at.UnixMicro()
		}
		// The contact of a household serves as many as were announced, and then nobody else.
		v.Used, m.Times = v.Used || h.state.People == 0, h.rest
	}
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("remember a conversation: %w", err)
	}
	if v.State, err = c.Keys.Seal("contact", in.PhoneHash[:], plain); err != nil {
		return nil, fmt.Errorf("remember a conversation: %w", err)
	}
	return &v, nil
}
