package desk

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/words"
)

// TellByText tells the sender about every entry for which this phone is on file, or of which it is the helper: how it stands
// (words.Status), or why it has its time or none yet (words.Why). About entries that it made for other people's phones it only says that what there is to know
// goes there.
func (d *Desk) TellByText(ctx context.Context, c *Campaign, in Inbound, kind words.Kind, lang booking.Lang) ([]Message, error) {
	entries, err := d.ports.Phones.EntriesByPhone(ctx, c.ID, in.PhoneHash)
	if err != nil {
		return nil, err
	}
	var open, withdrawn, others []Message
	for _, e := range entries {
		if e.AliasOf != nil { // known under corrected data: its phone is told
			others = []Message{SayByText(in, words.ReceivedForOther, lang, nil)}
			continue
		}
		p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
		switch {
		case err != nil:
			return nil, err
		case p.Phone != in.From && e.Helper != nil && e.Helper.Phone == in.PhoneHash:
			open = append(open, sayToHelper(in, e.ID, e.Helper.ID, kind))
		case p.Phone != in.From:
			others = []Message{SayByText(in, words.ReceivedForOther, lang, nil)}
		case e.Withdrawn:
			withdrawn = []Message{sayOf(in, e.ID, kind)} // the last one says it all
		case kind == words.Status && StateTold(c, e) == StateReceived: // the question itself, with its numbers: the text that asked it may be gone
			open = append(open, sayOf(in, e.ID, words.Registered))
		default:
			open = append(open, sayOf(in, e.ID, kind))
		}
	}
	if len(open) == 0 {
		open = withdrawn
	}
	if open = append(open, others...); len(open) == 0 {
		open = []Message{SayByText(in, words.NoEntry, lang, nil)}
	}
	return open, nil
}

// textNamespace makes operation ids out of a provider's message ids, so that a text that is handled twice is one
// operation (RFC 9562, version 5). It is a constant of our own making and must never change.
var textNamespace = uuid.MustParse("6f1d4a52-3f0e-4a53-9c0f-8a1f2d7be6a4")

// Answer numbers, counted from the question's first. Asked who they are, people answer yes or no; a helper who was named can only say no, with
// the first.
const (
	answerYes = iota
	answerNo
	answerAlready // "already booked", of an offer
)

// Answerable is how long an open question keeps its numbers to itself.
const Answerable = 7 * 24 * time.Hour

// AnswerByText takes the answer to a question of ours. Only the phone on file answers, and the helper what the helper was asked: a
// question that was sent to a number which is no longer theirs gets NotNow, like every answer that no longer fits.
func (d *Desk) AnswerByText(ctx context.Context, c *Campaign, in Inbound, no int, lang booking.Lang) ([]Message, error) {
	q, ok, err := d.ports.Phones.Question(ctx, c.ID, in.PhoneHash, no)
	if err != nil {
		return nil, err
	}
	if no == AnswerNotMe && (!ok || in.Arrival.Sub(q.AskedAt) > Answerable) { // a question of long ago may have had it
		return d.NotMeByText(ctx, c, in, lang)
	}
	choice := no - q.FirstNo
	if !ok || choice < answerYes || choice >= q.Span {
		return []Message{SayByText(in, words.UnknownNumber, lang, nil)}, nil
	}
	if q.AnsweredBy == in.ID { // this text, handled once more
		q.Answered = false
	}
	switch q.Kind {
	case QuestionRemind:
		return d.remindByText(ctx, c, in, q, lang)
	case QuestionChoice:
		return d.acceptByText(ctx, c, in, q, choice, lang)
	}
	e, err := d.onFile(ctx, c, in, q)
	var replies []Message
	if err == nil {
		replies, err = d.answerQuestion(ctx, c, in, q, e, choice)
	}
	switch booking.CodeOf(err) {
	case booking.CodeConflict, booking.CodeUnauthorized:
		if asked := wanted(q, choice); e.Appointment != nil && e.Appointment.ID == q.Appointment && e.Appointment.State == asked && asked != "" {
			return []Message{sayToHelper(in, e.ID, q.Helper, words.Status)}, nil // the same answer again
		}
		return []Message{SayByText(in, words.NotNow, lang, nil)}, nil
	}
	return replies, err
}

// onFile reads the question's entry. It returns CodeConflict when this phone may no longer answer for it.
func (d *Desk) onFile(ctx context.Context, c *Campaign, in Inbound, q Question) (Entry, error) {
	e, err := d.ports.Book.Entry(ctx, c.ID, q.Entry)
	if err != nil {
		return Entry{}, err
	}
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return Entry{}, err
	}
	may := p.Phone == in.From
	if q.Helper != 0 {
		may = !may && e.Helper != nil && e.Helper.ID == q.Helper
	}
	if e.Withdrawn || e.AliasOf != nil || !may {
		return Entry{}, booking.Fail(booking.CodeConflict, nil)
	}
	return e, nil
}

func wanted(q Question, choice int) booking.AppointmentState {
	switch {
	case q.Kind == QuestionOffer && choice == answerYes:
		return booking.Confirmed
	case q.Kind == QuestionOffer && choice == answerNo:
		return booking.Declined
	}
	return ""
}

// answerQuestion carries the answer out. Every step is safe to repeat, and the question is closed last.
func (d *Desk) answerQuestion(ctx context.Context, c *Campaign, in Inbound, q Question, e Entry, choice int) ([]Message, error) {
	var replies []Message
	var answer string
	var err error
	switch {
	case q.Kind == QuestionHelper:
		answer, err = "declined", d.ports.Book.EndHelper(ctx, textChange(c, in, q, "helper.decline"), q.Helper, HelperDeclined)
	case q.Kind == QuestionVerify && choice == answerNo:
		answer, err = "refused", d.refuse(ctx, c, in, q, e)
		replies = []Message{SayByText(in, words.Refused, e.Lang, map[string]string{ParamFirst: strconv.Itoa(q.FirstNo)})}
	case q.Kind == QuestionVerify:
		answer = "verified"
		replies, err = d.provenByText(ctx, c, in, q, e)
	default:
		answer, replies, err = d.answerOffer(ctx, c, in, q, e, choice)
	}
	if err != nil {
		return nil, err
	}
	return replies, d.ports.Phones.Answered(ctx, q.ID, in, answer)
}

// provenByText takes "yes, it is me", also from somebody who had refused before.
func (d *Desk) provenByText(ctx context.Context, c *Campaign, in Inbound, q Question, e Entry) ([]Message, error) {
	if err := d.ports.Book.Verify(ctx, textChange(c, in, q, "reply"), "reply", 0); err != nil {
		return nil, err
	}
	welcome := sayOf(in, e.ID, words.Welcome)
	welcome.Dedup = "welcome/" + hexID(e.ID)
	replies := []Message{welcome}
	if q.Answered { // welcomed before; whoever asks again still gets an answer
		replies = append(replies, sayOf(in, e.ID, words.Status))
	}
	return replies, nil
}

// answerOffer answers an offer. The person's answer proves the phone as well; a helper's proves nothing.
func (d *Desk) answerOffer(ctx context.Context, c *Campaign, in Inbound, q Question, e Entry, choice int) (string, []Message, error) {
	if q.Helper == 0 {
		if err := d.ports.Book.Verify(ctx, textChange(c, in, q, "offer"), "offer", 0); err != nil {
			return "", nil, err
		}
	}
	to := wanted(q, choice)
	if to == "" {
		const answer = "self_reported"
		if err := d.ports.Book.Note(ctx, textChange(c, in, q, answer), answer); err != nil {
			return "", nil, err
		}
		return answer, []Message{sayToHelper(in, e.ID, q.Helper, words.Noted)}, nil
	}
	a := e.Appointment
	already := a != nil && a.ID == q.Appointment && a.State == to // somebody, perhaps another, has said so before: nothing is queued
	// Book.Answer queues the message about it in its own transaction.
	if err := d.ports.Book.Answer(ctx, textChange(c, in, q, string(to)), q.Appointment, to); err != nil {
		return "", nil, err
	}
	if already || q.Refused { // whoever texts us is answered
		return string(to), []Message{sayToHelper(in, e.ID, q.Helper, words.Status)}, nil
	}
	return string(to), nil, nil
}

// textChange is a change that a text asks for. Its operation id comes from the provider's id of the text.
func textChange(c *Campaign, in Inbound, q Question, kind string) Change {
	actor := ActorPhone
	if q.Helper != 0 {
		actor = ActorHelper
	}
	return Change{
		Campaign: c.ID, ID: q.Entry, Kind: kind, Actor: actor, At: in.Arrival,
		Operation: uuid.NewSHA1(textNamespace, []byte(strings.Join([]string{in.Provider, in.ProviderSID, kind}, "\x00"))),
		Digest:    c.Keys.Digest(kind, []byte(strconv.FormatInt(q.ID, 10))),
	}
}
