package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// callByText promises a call by somebody to talk to: in the order of the first entry that the phone has, or else of its first contact.
func (d *Desk) callByText(ctx context.Context, in Inbound, list []spokenFor, first time.Time, lang booking.Lang) ([]Message, error) {
	var entry *booking.ID
	order := first
	if i := slices.IndexFunc(list, func(s spokenFor) bool { return s.helper == 0 }); i >= 0 {
		entry, order = &list[i].ID, list[i].Arrival
		lang = list[i].Lang
	} else if len(list) > 0 { // a helper is called at the helper's phone
		order = list[0].Arrival
	}
	if err := d.ports.Phones.OweCall(ctx, in, entry, order, CallAsked, in.Arrival); err != nil {
		return nil, err
	}
	return []Message{SayByText(in, words.CallOwed, lang, nil)}, nil
}

// langByText changes the language of everybody whose phone this is. It harms nobody, and the next text takes it back.
func (d *Desk) langByText(ctx context.Context, c *Campaign, in Inbound, list []spokenFor, lang booking.Lang) ([]Message, error) {
	if !slices.Contains(c.Langs, lang) {
		return []Message{SayByText(in, words.Help, c.Langs[0], nil)}, nil
	}
	own := slices.DeleteFunc(slices.Clone(list), func(s spokenFor) bool { return s.helper != 0 })
	for _, s := range own {
		err := d.ports.Book.SetLang(ctx, textChange(c, in, Question{Entry: s.ID}, "lang"), lang)
		if code := booking.CodeOf(err); err != nil && code != booking.CodeConflict && code != booking.CodeUnauthorized {
			return nil, err
		}
	}
	switch {
	case len(own) > 0:
		return []Message{sayOf(in, own[0].ID, words.LangSet)}, nil
	case len(list) > 0:
		return []Message{sayToHelper(in, list[0].ID, list[0].helper, words.HelperMayNot)}, nil
	}
	return []Message{SayByText(in, words.Help, lang, nil)}, nil
}

// asked is the question of ours that waits for this phone's answer: whether they come, or whether it is them; "" for none.
func (s spokenFor) asked(c *Campaign) words.Kind {
	switch {
	case s.ahead() && s.Appointment.State == booking.Offered:
		return words.Offer
	case s.helper == 0 && StateTold(c, s.Entry) == StateReceived:
		return words.Registered
	}
	return ""
}

// resend says once more what there is to say: the question that waits for an answer, with new numbers, or how it stands.
func resend(c *Campaign, in Inbound, list []spokenFor) []Message {
	var out []Message
	for _, s := range list {
		kind := s.asked(c)
		m := sayToHelper(in, s.ID, s.helper, cmp.Or(kind, words.Status))
		if kind == words.Offer {
			m.Appointment = s.Appointment.ID
		}
		out = append(out, m)
	}
	return out
}

// notMe stops what there is to tell a phone about somebody, and opens a call. It is no withdrawal: a number is easily mistyped. Of a helper
// it ends the part.
func (d *Desk) notMe(ctx context.Context, c *Campaign, in Inbound, s spokenFor) ([]Message, error) {
	about := Question{Entry: s.ID, Helper: s.helper}
	if s.helper != 0 {
		return d.orNotNow(in, s, d.ports.Book.EndHelper(ctx, textChange(c, in, about, "helper.decline"), s.helper, HelperDeclined))
	}
	if err := d.refuse(ctx, c, in, about, s.Entry); err != nil {
		return d.orNotNow(in, s, err)
	}
	return d.propose(ctx, c, in, words.Refused, Choice{Do: deedMine, Entry: s.ID})
}

// refuse writes down that a phone knows nothing of an application. Somebody calls there: perhaps it is a mistake.
func (d *Desk) refuse(ctx context.Context, c *Campaign, in Inbound, q Question, e Entry) error {
	if err := d.ports.Book.Refuse(ctx, textChange(c, in, q, "refuse"), in.PhoneHash); err != nil {
		return err
	}
	return d.ports.Phones.OweCall(ctx, in, &e.ID, e.Arrival, CallNotMe, in.Arrival)
}

// NotMeByText takes "this is not about me" where no question of ours has that number. known is false when the phone speaks for nobody.
func (d *Desk) NotMeByText(ctx context.Context, c *Campaign, in Inbound, lang booking.Lang) ([]Message, error) {
	replies, known, err := d.ManageByText(ctx, c, in, Want{Do: DeedNotMe}, in.Arrival, lang)
	if err == nil && !known {
		replies = []Message{SayByText(in, words.NoEntry, lang, nil)}
	}
	return replies, err
}

// StopByText takes the word by which a phone wants no more texts, or wants them again. We say nothing to the first: the provider does. Whoever
// comes back is told how it stands, because what was to be said meanwhile was not.
func (d *Desk) StopByText(ctx context.Context, c *Campaign, in Inbound, stop bool, lang booking.Lang) ([]Message, error) {
	news, err := d.ports.Phones.Stop(ctx, in, stop)
	if err != nil || stop || !news {
		return nil, err
	}
	if elsewhere, err := d.saidElsewhere(ctx, c, in); err != nil || elsewhere {
		return nil, err
	}
	return d.TellByText(ctx, c, in, words.Status, lang)
}

// saidElsewhere reports whether another campaign says how it stands, to a phone that has no application in this one: the text went to all that share a number,
// and "there is no application" would be untrue. Where none has any, the first says so.
func (d *Desk) saidElsewhere(ctx context.Context, c *Campaign, in Inbound) (bool, error) {
	if !passedOn(c, in) {
		return false, nil
	}
	has := func(c *Campaign) (bool, error) {
		entries, err := d.ports.Phones.EntriesByPhone(ctx, c.ID, c.Keys.Phone(in.From))
		return len(entries) > 0, err
	}
	if here, err := has(c); err != nil || here {
		return false, err
	}
	all := d.Sharing(in.From, in.Arrival)
	for _, k := range all {
		if there, err := has(k); err != nil || there {
			return there, err
		}
	}
	return len(all) > 0 && all[0].ID != c.ID, nil
}
