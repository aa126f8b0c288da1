package desk

import (
	"context"
	"slices"

	"jari/booking"
	"jari/booking/words"
)

// LostByText answers a text that we did not understand. A phone that speaks for nobody is told how to apply; to whoever has applied that would say that
// nothing is there. Where a phone is still to say whether it is them, that is asked once more: a stranger who asks who we are finds in it how to say no.
func (d *Desk) LostByText(ctx context.Context, c *Campaign, in Inbound, lang booking.Lang) ([]Message, error) {
	list, _, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return []Message{SayByText(in, words.Help, lang, nil)}, nil
	}
	unproven := slices.DeleteFunc(slices.Clone(list), func(s spokenFor) bool { return s.asked(c) != words.Registered })
	if len(unproven) > 0 {
		last, ok, err := d.ports.Phones.LastQuestion(ctx, c.ID, in.PhoneHash, in.Arrival.Add(-Answerable))
		if err != nil || ok && last.Said == string(words.Refused) { // it was just promised that no more comes
			return nil, err
		}
		return resend(c, in, unproven), nil
	}
	return []Message{SayByText(in, words.HelpOwn, lang, nil)}, nil
}
