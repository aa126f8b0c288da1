package desk

import (
	"context"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// Underway is what a conversation knows when somebody says a bare yes.
type Underway struct {
	Begun bool      // an application is under way
	Since time.Time // when that began; zero where it is not known
	Place bool      // a place may still be named for it, or for a new one
}

// AskAgainByText asks the sender once more what waits for an answer: what was asked last, if that has a number of its own and was not answered, or
// else of an entry whether it is them or whether they come. nil where nothing waits.
func (d *Desk) AskAgainByText(ctx context.Context, c *Campaign, in Inbound, u Underway) ([]Message, error) {
	list, _, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, err
	}
	last, ok, err := d.ports.Phones.LastQuestion(ctx, c.ID, in.PhoneHash, in.Arrival.Add(-Answerable))
	if err != nil {
		return nil, err
	}
	if ok && !last.Answered {
		if m, ok, err := d.askedLast(ctx, c, in, last, list, u); ok || err != nil {
			return []Message{m}, err
		}
	}
	if u.Begun { // the yes is a part of what they are telling us
		return nil, nil
	}
	return resend(c, in, slices.DeleteFunc(list, func(s spokenFor) bool { return s.asked(c) == "" })), nil
}

// askedLast is the question that was asked last, to be asked once more; false where it no longer is one, and for those that the state of an entry tells.
func (d *Desk) askedLast(ctx context.Context, c *Campaign, in Inbound, q Asked, list []spokenFor, u Underway) (Message, bool, error) {
	again := SayByText(in, words.Kind(q.Said), "", q.Params)
	switch q.Kind {
	case QuestionRegion:
		_, ok := c.Region(q.About)
		return again, ok && u.Place && !q.AskedAt.Before(u.Since), nil
	case QuestionRemind:
		cohort, ok := c.Cohort(q.About)
		switch {
		case !ok || u.Begun || !in.Arrival.Before(cohort.Closes):
			return again, false, nil
		case !in.Arrival.Before(cohort.Opens): // as the number would be answered
			return SayByText(in, words.Opened, booking.Lang(q.Params[ParamLang]), nil), true, nil
		}
		again.Params[ParamAt] = cohort.Opens.Format(time.RFC3339) // it may have moved
		return again, true, nil
	case QuestionWhich:
		held, err := d.Held(ctx, in, d.Sharing(in.From, in.Arrival), Answerable, 1)
		return again, len(held) > 0, err
	case QuestionChoice:
		if q.Said == string(words.Refused) { // yes is no answer to "nothing more is texted here"
			return again, false, nil
		}
		ok := slices.ContainsFunc(list, func(s spokenFor) bool { return s.ID == q.Entry && s.helper == q.Helper })
		again = sayToHelper(in, q.Entry, q.Helper, words.Kind(q.Said))
		again.Inbound = q.Inbound // whose proposal is read back
		return again, ok, nil
	}
	return again, false, nil
}
