package desk

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/words"
)

// actorPhone is who acts when a text comes in: the phone that sent it, whose number stands with the text.
const actorPhone = "phone"

// Parameters of a message that answers a phone without an entry. A message that names an entry needs none: its language
// and everything else come from the entry when the text is made.
const (
	ParamLang    = "lang"    // the language to answer in
	ParamAt      = "at"      // RFC 3339: the opening or the closing
	ParamMissing = "missing" // comma-separated: words.Missing…
)

// textNamespace makes operation ids out of a provider's message ids, so that a text that is handled twice is one
// operation (RFC 9562, version 5). It is a constant of our own making and must never change.
var textNamespace = uuid.MustParse("6f1d4a52-3f0e-4a53-9c0f-8a1f2d7be6a4")

// KeepText stores a text before anything is done with it. The body must already be free of resident numbers. fresh is
// false when the provider delivered it before. Any error means that it was not stored.
func (d *Desk) KeepText(ctx context.Context, c *Campaign, provider, sid string, from booking.Phone, body string, at time.Time) (id int64, fresh bool, err error) {
	hash := c.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: from}))
	return d.phones.Keep(ctx, Inbound{
		Campaign: c.ID, Provider: provider, ProviderSID: sid, PhoneHash: hash, From: from, Body: body, Arrival: at.Truncate(time.Microsecond),
	})
}

// Text reads a kept text and finds its campaign. It returns CodeUnauthorized when there is no such text.
func (d *Desk) Text(ctx context.Context, id int64) (Inbound, *Campaign, error) {
	in, err := d.phones.Inbound(ctx, id)
	if err != nil {
		return Inbound{}, nil, err
	}
	c, err := d.campaigns.ByID(in.Campaign)
	return in, c, err
}

// Conversation returns the conversation that was open when the text came, or a new one that begins with it.
func (d *Desk) Conversation(ctx context.Context, c *Campaign, in Inbound) (Conversation, error) {
	v, err := d.phones.Conversation(ctx, c.ID, in.PhoneHash, in.Arrival)
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

// FinishText marks a text as handled and stores the conversation (nil: it stays as it is) with the replies. It returns
// CodeConflict when another text of the phone was handled meanwhile: read the conversation again and repeat.
func (d *Desk) FinishText(ctx context.Context, in Inbound, v *Conversation, replies []Message) error {
	return d.phones.Finish(ctx, in, v, replies, d.clock.Now())
}

// SayByText is a reply to a phone that may have no entry.
func (d *Desk) SayByText(in Inbound, kind words.Kind, lang booking.Lang, params map[string]string) Message {
	all := map[string]string{ParamLang: string(lang)}
	for k, v := range params {
		all[k] = v
	}
	return Message{Campaign: in.Campaign, Inbound: in.ID, Kind: string(kind), Params: all, Urgent: true, Due: in.Arrival}
}

// sayOf is a reply about an entry, to the phone on file, which is the sender's.
func sayOf(in Inbound, id booking.ID, kind words.Kind) Message {
	return Message{Campaign: in.Campaign, Entry: &id, Inbound: in.ID, Kind: string(kind), Urgent: true, Due: in.Arrival}
}

// Numbered gives every reply that has no purpose of its own the purpose "the n-th reply to this text", so that handling
// a text twice sends nothing twice.
func Numbered(in Inbound, replies []Message) []Message {
	for i := range replies {
		if replies[i].Dedup == "" {
			replies[i].Dedup = fmt.Sprintf("reply/%d/%d", in.ID, i+1)
		}
	}
	return replies
}

func hexID(id booking.ID) string { return hex.EncodeToString(id[:]) }

// RegisterByText stores an application by text. contacts are the instants of the conversation's texts that count for
// this person; the first one at which the person could apply is the arrival. completed says that the person now has an
// entry. Whatever the sender may know is a reply; an error means that nothing was decided and the text must be handled
// again (CodeOverloaded and internal errors).
func (d *Desk) RegisterByText(ctx context.Context, in Inbound, contacts []time.Time, a Applying) (replies []Message, completed bool, err error) {
	c, err := d.campaigns.ByID(in.Campaign)
	if err != nil {
		return nil, false, err
	}
	other := a.Person.Phone != in.From
	replies, err = d.registerByText(ctx, c, in, contacts, a)
	if err == nil {
		return replies, true, nil
	}
	say := func(kind words.Kind, params map[string]string) ([]Message, bool, error) {
		return []Message{d.SayByText(in, kind, a.Lang, params)}, false, nil
	}
	var e *booking.Error
	if !errors.As(err, &e) {
		return nil, false, err
	}
	switch e.Code {
	case booking.CodeNotOpenYet:
		return say(words.NotOpenYet, map[string]string{ParamAt: e.At})
	case booking.CodeClosed:
		return say(words.Closed, map[string]string{ParamAt: e.At})
	case booking.CodeNotEligible:
		return say(words.NotEligible, nil)
	case booking.CodeTooMany:
		return say(words.TooMany, nil)
	case booking.CodeInvalid:
		if e.Field == "/person/phone" && !other {
			return nil, false, nil // a number that the campaign does not text: there is no way to answer
		}
		return say(words.AskMissing, map[string]string{ParamMissing: missingField(e.Field)})
	}
	return nil, false, err
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
	identity, err := d.checkPerson(c, a.Person)
	if err != nil {
		return nil, err
	}
	if err := checkWishes(c, a.Region, a.Wishes); err != nil {
		return nil, err
	}
	cohort, arrival, err := firstContact(c.Campaign, a.Person.Born, contacts, in.Arrival)
	if err != nil {
		return nil, d.refused(c, DoorSMS, a.Person.Born, in.Arrival, err)
	}
	who := identify(c, identity, a.Secret)
	// A person counts once for this phone, however often they withdraw and apply again.
	limit := c.Limits.WithDefaults().PeoplePerPhone
	if err := d.phones.Made(ctx, c.ID, in.PhoneHash, who.id, limit, in.Arrival); err != nil {
		return nil, err
	}
	got, err := d.store(ctx, c, cohort, Entrance{Door: DoorSMS, Actor: actorPhone, Received: arrival, Own: in.Arrival, Via: in.Via}, a, who)
	if err != nil {
		return nil, err
	}
	if a.Person.Phone != in.From {
		// The same words whether or not that person had applied; the phone on file is told by itself.
		return []Message{d.SayByText(in, words.ReceivedForOther, a.Lang, nil)}, nil
	}
	return d.registered(ctx, c, in, got, arrival, a.Lang)
}

// firstContact finds the first instant at which somebody born on the day could apply: contacts before the opening count
// from the first one after it. The error is that of the last instant.
func firstContact(c *booking.Campaign, born booking.Date, contacts []time.Time, last time.Time) (booking.Cohort, time.Time, error) {
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
	e, err := d.book.Entry(ctx, c.ID, got.Entry)
	if err != nil {
		return nil, err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	switch {
	case err != nil:
		return nil, err
	case p.Phone != in.From: // corrected since: another phone is on file, and this one learns nothing
		return []Message{d.SayByText(in, words.ReceivedForOther, lang, nil)}, nil
	case e.Arrival.Equal(arrival) && e.Door == DoorSMS && !e.Verified && !got.Withdrawn:
		return []Message{fresh}, nil
	}
	return []Message{sayOf(in, e.ID, words.Status)}, nil
}

// StatusByText tells the sender how every entry stands for which this phone is on file. About entries that it made for other
// people's phones it only says that what there is to know goes there.
func (d *Desk) StatusByText(ctx context.Context, in Inbound, lang booking.Lang) ([]Message, error) {
	return d.tellByText(ctx, in, lang, words.Status)
}

// WhyByText tells the sender in the same way why each has its time, or none yet.
func (d *Desk) WhyByText(ctx context.Context, in Inbound, lang booking.Lang) ([]Message, error) {
	return d.tellByText(ctx, in, lang, words.Why)
}

func (d *Desk) tellByText(ctx context.Context, in Inbound, lang booking.Lang, kind words.Kind) ([]Message, error) {
	c, err := d.campaigns.ByID(in.Campaign)
	if err != nil {
		return nil, err
	}
	entries, err := d.phones.EntriesByPhone(ctx, c.ID, in.PhoneHash)
	if err != nil {
		return nil, err
	}
	var open, withdrawn, others []Message
	for _, e := range entries {
		if e.AliasOf != nil { // known under corrected data: its phone is told
			others = []Message{d.SayByText(in, words.ReceivedForOther, lang, nil)}
			continue
		}
		p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
		switch {
		case err != nil:
			return nil, err
		case p.Phone != in.From:
			others = []Message{d.SayByText(in, words.ReceivedForOther, lang, nil)}
		case e.Withdrawn:
			withdrawn = []Message{sayOf(in, e.ID, kind)} // the last one says it all
		default:
			open = append(open, sayOf(in, e.ID, kind))
		}
	}
	if len(open) == 0 {
		open = withdrawn
	}
	if open = append(open, others...); len(open) == 0 {
		open = []Message{d.SayByText(in, words.NoEntry, lang, nil)}
	}
	return open, nil
}

// Answer numbers of an offer, counted from the question's first.
const (
	answerYes = iota
	answerNo
	answerAlready // "already booked"
)

// AnswerByText takes the answer to a question of ours. Only the phone on file answers: a question that was sent to a
// number which is no longer the person's gets NotNow, like every answer that no longer fits.
func (d *Desk) AnswerByText(ctx context.Context, in Inbound, no int, lang booking.Lang) ([]Message, error) {
	c, err := d.campaigns.ByID(in.Campaign)
	if err != nil {
		return nil, err
	}
	q, ok, err := d.phones.Question(ctx, c.ID, in.PhoneHash, no)
	if err != nil {
		return nil, err
	}
	choice := no - q.FirstNo
	if !ok || choice < answerYes || choice > answerAlready || q.Kind == "verify" && choice != answerYes {
		return []Message{d.SayByText(in, words.UnknownNumber, lang, nil)}, nil
	}
	e, err := d.onFile(ctx, c, in, q)
	var replies []Message
	if err == nil {
		replies, err = d.answerQuestion(ctx, c, in, q, e, choice)
	}
	switch booking.CodeOf(err) {
	case booking.CodeConflict, booking.CodeUnauthorized:
		if asked := wanted(q, choice); e.Appointment != nil && e.Appointment.ID == q.Appointment && e.Appointment.State == asked && asked != "" {
			return []Message{sayOf(in, e.ID, words.Status)}, nil // the same answer again
		}
		return []Message{d.SayByText(in, words.NotNow, lang, nil)}, nil
	}
	return replies, err
}

// onFile reads the question's entry. It returns CodeConflict when this phone may no longer answer for it.
func (d *Desk) onFile(ctx context.Context, c *Campaign, in Inbound, q Question) (Entry, error) {
	e, err := d.book.Entry(ctx, c.ID, q.Entry)
	if err != nil {
		return Entry{}, err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return Entry{}, err
	}
	if e.Withdrawn || e.AliasOf != nil || p.Phone != in.From {
		return Entry{}, booking.Fail(booking.CodeConflict, nil)
	}
	return e, nil
}

func wanted(q Question, choice int) booking.AppointmentState {
	switch {
	case q.Kind == "offer" && choice == answerYes:
		return booking.Confirmed
	case q.Kind == "offer" && choice == answerNo:
		return booking.Declined
	}
	return ""
}

// answerQuestion carries the answer out. Every step is safe to repeat, and the question is closed last.
func (d *Desk) answerQuestion(ctx context.Context, c *Campaign, in Inbound, q Question, e Entry, choice int) ([]Message, error) {
	method := "reply"
	if q.Kind == "offer" {
		method = "offer" // answering an offer proves the phone as well
	}
	if err := d.book.Verify(ctx, textChange(c, in, q, method), method, 0); err != nil {
		return nil, err
	}
	var replies []Message
	answer, to := "verified", wanted(q, choice)
	switch {
	case q.Kind == "verify":
		welcome := sayOf(in, e.ID, words.Welcome)
		welcome.Dedup = "welcome/" + hexID(e.ID)
		replies = append(replies, welcome)
		if q.Answered { // welcomed before; whoever asks again still gets an answer
			replies = append(replies, sayOf(in, e.ID, words.Status))
		}
	case to != "":
		answer = string(to)
		// Book.Answer queues the message about it in its own transaction.
		if err := d.book.Answer(ctx, textChange(c, in, q, answer), q.Appointment, to); err != nil {
			return nil, err
		}
	default:
		answer = "self_reported"
		if err := d.book.Note(ctx, textChange(c, in, q, answer), answer); err != nil {
			return nil, err
		}
		replies = append(replies, sayOf(in, e.ID, words.Noted))
	}
	return replies, d.phones.Answered(ctx, q.ID, answer, in.Arrival)
}

// textChange is a change that a text asks for. Its operation id comes from the provider's id of the text.
func textChange(c *Campaign, in Inbound, q Question, kind string) Change {
	return Change{
		Campaign: c.ID, ID: q.Entry, Kind: kind, Actor: actorPhone, At: in.Arrival,
		Operation: uuid.NewSHA1(textNamespace, []byte(strings.Join([]string{in.Provider, in.ProviderSID, kind}, "\x00"))),
		Digest:    c.Keys.Digest(kind, []byte(strconv.FormatInt(q.ID, 10))),
	}
}
