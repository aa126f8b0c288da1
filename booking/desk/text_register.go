package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// RegisterByText stores an application by text. contacts are the instants of the conversation's texts that count for
// this person; the first one at which the person could apply is the arrival. completed says that the person now has an
// entry. Whatever the sender may know is a reply; an error means that nothing was decided and the text must be handled
// again (CodeOverloaded and internal errors).
func (d *Desk) RegisterByText(ctx context.Context, c *Campaign, in Inbound, contacts []time.Time, a Applying) (replies []Message, completed bool, err error) {
	other := a.Person.Phone != in.From
	replies, err = d.registerByText(ctx, c, in, contacts, a)
	if err == nil {
		return replies, true, nil
	}
	say := func(kind words.Kind, params map[string]string) ([]Message, bool, error) {
		return []Message{SayByText(in, kind, a.Lang, params)}, false, nil
	}
	var e *booking.Error
	if !errors.As(err, &e) {
		return nil, false, err
	}
	switch e.Code {
	case booking.CodeNotOpenYet:
		return say(words.NotOpenYet, map[string]string{ParamAt: e.At, ParamAbout: e.Cohort})
	case booking.CodeClosed:
		return say(words.Closed, map[string]string{ParamAt: e.At})
	case booking.CodeNotEligible:
		return say(words.NotEligible, nil)
	case booking.CodeTooMany: // the order of the call is that of the contact that would have been the arrival
		order := firstOpen(c.Campaign, a.Person.Born, contacts, in.Arrival)
		if err := d.ports.Phones.OweCall(ctx, in, nil, order, CallTooMany, d.ports.Clock.Now()); err != nil {
			return nil, false, err
		}
		return say(words.TooMany, nil)
	case booking.CodeInvalid:
		if e.Field == "/person/phone" && !other {
			return nil, false, nil // a number that the campaign does not text: there is no way to answer
		}
		return say(words.AskMissing, map[string]string{ParamMissing: missingField(e.Field)})
	}
	return nil, false, err
}

// ClosedByText is the answer to somebody whose application still lacks something, but who was too late for the birth date with all of the contacts,
// so that there is nothing left to ask for; false where that is not so.
func (d *Desk) ClosedByText(c *Campaign, in Inbound, born booking.Date, contacts []time.Time, lang booking.Lang) (Message, bool) {
	_, _, err := firstContact(c.Campaign, born, contacts, in.Arrival)
	var e *booking.Error
	if !errors.As(err, &e) || e.Code != booking.CodeClosed {
		return Message{}, false
	}
	_ = d.refused(c, DoorSMS, born, in.Arrival, err) // it is a refusal like any other
	return SayByText(in, words.Closed, lang, map[string]string{ParamAt: e.At}), true
}

func missingField(field string) string {
	switch field {
	case "/person/phone":
		return words.MissingPhone
	case "/person/number":
		return words.MissingNumber
	case "/person/birth_date":
		return words.MissingBirth
	case "/region":
		return words.MissingRegion
	}
	return words.MissingName
}

// registerByText does the same and leaves refusals as errors. Eligibility depends on the campaign and the clock alone,
// so it comes before anything that depends on who applied.
func (d *Desk) registerByText(ctx context.Context, c *Campaign, in Inbound, contacts []time.Time, a Applying) ([]Message, error) {
	identity, err := d.check(c, &a.Person, a.Region, a.Wishes)
	if err != nil {
		return nil, err
	}
	who := identify(c, identity, Entrance{Door: DoorSMS, Actor: ActorPhone, Own: in.Arrival, Via: in.Via}, &a)
	who.cohort, who.from.Received, err = firstContact(c.Campaign, a.Person.Born, contacts, in.Arrival)
	if err != nil {
		return nil, d.refused(c, DoorSMS, a.Person.Born, in.Arrival, err)
	}
	// A person counts once for this phone, however often they withdraw and apply again.
	limit := c.Limits.WithDefaults().PeoplePerPhone
	if err := d.ports.Phones.Made(ctx, c.ID, in.PhoneHash, who.id, limit, in.Arrival); err != nil {
		return nil, err
	}
	got, err := d.store(ctx, who)
	if err != nil {
		return nil, err
	}
	if a.Person.Phone != in.From {
		// The same words whether or not that person had applied; the phone on file is told by itself.
		received := SayByText(in, words.ReceivedForOther, a.Lang, nil)
		if _, err := booking.Eligible(c.Campaign, a.Person.Born, in.Found); in.Heard && err != nil {
			received.Dedup = fmt.Sprintf("received/%d", in.ID) // the provider delivered it again after the closing, and its sender was told that it is over
		}
		return []Message{received}, nil
	}
	return d.registered(ctx, c, in, got, who.from.Received, a.Lang)
}

// firstOpen is the instant that firstContact finds; the last one where there is none.
func firstOpen(c *booking.Campaign, born booking.Date, contacts []time.Time, last time.Time) time.Time {
	_, at, _ := firstContact(c, born, contacts, last)
	return at
}

// firstContact finds the first instant at which somebody born on the day could apply: contacts before the opening count
// from the first one after it. The error is that of the last instant.
func firstContact(c *booking.Campaign, born booking.Date, contacts []time.Time, last time.Time) (*booking.Cohort, time.Time, error) {
	contacts = slices.Clone(contacts)
	slices.SortFunc(contacts, time.Time.Compare)
	for _, at := range contacts {
		if at.After(last) {
			break
		}
		if cohort, err := booking.Eligible(c, born, at); err == nil {
			return cohort, at.Truncate(time.Microsecond), nil
		}
	}
	cohort, err := booking.Eligible(c, born, last)
	return cohort, last, err
}

// registered replies to somebody who applied from the own phone. An entry with this very arrival is new even when the
// intake says it exists: then this text is being handled for the second time.
func (d *Desk) registered(ctx context.Context, c *Campaign, in Inbound, got Received, arrival time.Time, lang booking.Lang) ([]Message, error) {
	fresh := Message{
		Campaign: c.ID, Entry: &got.Entry, Kind: string(words.Registered), Dedup: "registered/" + hexID(got.Entry), Urgent: true, Due: in.Arrival,
	}
	if got.New {
		return []Message{fresh}, nil
	}
	e, err := d.ports.Book.Entry(ctx, c.ID, got.Entry)
	if err != nil {
		return nil, err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	switch {
	case err != nil:
		return nil, err
	case p.Phone != in.From: // corrected since: another phone is on file, and this one learns nothing
		return []Message{SayByText(in, words.ReceivedForOther, lang, nil)}, nil
	case e.Arrival.Equal(arrival) && e.Door == DoorSMS && !e.Verified && !got.Withdrawn:
		return []Message{fresh}, nil
	}
	return []Message{sayOf(in, e.ID, words.Status)}, nil
}

// CreditByText counts a text for somebody who was registered by a later one and whose texts were handled first: the entry
// takes the earlier arrival. It moves an entry that stands and makes none. Whoever gave up after the text had come asked
// for nothing more by it, and one that came when the person could not apply yet changes nothing.
func (d *Desk) CreditByText(ctx context.Context, c *Campaign, in Inbound, a Applying) error {
	identity, err := d.checkPerson(c, &a.Person)
	if booking.CodeOf(err) != "" {
		return nil // nobody can have been registered with this
	} else if err != nil {
		return err
	}
	at := in.Arrival.Truncate(time.Microsecond)
	who := identify(c, identity, Entrance{Door: DoorSMS, Actor: ActorPhone, Received: at, Via: in.Via}, &a)
	if who.cohort, err = booking.Eligible(c.Campaign, a.Person.Born, at); err != nil {
		return nil //nolint:nilerr // a refusal: this contact gives no arrival
	}
	for app := who.application(); app.Generation < maxGenerations; app.Generation++ {
		id, err := who.as(app.Generation)
		if err != nil {
			return err
		}
		// Storing under an id that stands never makes an entry, whatever happens to it meanwhile.
		if _, err := d.ports.Book.Entry(ctx, c.ID, id); booking.CodeOf(err) == booking.CodeUnauthorized {
			return nil
		} else if err != nil {
			return err
		}
		got, _, err := d.storeAs(ctx, who, app, id)
		if err != nil || !got.Freed || !at.After(got.FreedAt) {
			return err
		}
	}
	return nil
}
