package desk

import (
	"context"
	"slices"

	"jari/booking"
	"jari/booking/words"
)

// acceptByText carries out what somebody chose of what we had read back. Nothing is done twice: an answer that comes again is told how it
// stands.
func (d *Desk) acceptByText(ctx context.Context, c *Campaign, in Inbound, q Question, choice int, lang booking.Lang) ([]Message, error) {
	ct, err := d.ports.Phones.Proposal(ctx, q.Inbound)
	if err != nil {
		return nil, err
	}
	p, err := OpenProposal(c.Keys, q.Inbound, ct)
	if err != nil {
		return nil, err
	}
	list, _, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, err
	}
	notNow := []Message{SayByText(in, words.NotNow, lang, nil)}
	if choice >= len(p.Choices) {
		return notNow, nil
	}
	chosen := p.Choices[choice]
	i := slices.IndexFunc(list, func(s spokenFor) bool { return s.ID == chosen.Entry && s.helper == chosen.Helper })
	switch {
	case i < 0 && q.AnsweredBy != in.ID: // withdrawn, or the phone is no longer theirs
		return notNow, nil
	case i < 0 && chosen.Want.Phone != "": // this text moved it, and is handled once more
		return []Message{SayByText(in, words.PhoneMoved, lang, nil)}, nil
	case i < 0:
		return nil, nil
	}
	s := list[i]
	if chosen.Do == deedGoOn {
		return d.manageOne(ctx, c, in, s, chosen.Want)
	}
	if q.Answered && chosen.Do != deedMine {
		return []Message{sayToHelper(in, s.ID, s.helper, words.Status)}, nil
	}
	q.Entry, q.Helper = chosen.Entry, chosen.Helper
	replies, err := d.carryOut(ctx, c, in, q, s, list, chosen)
	if err != nil {
		return d.orNotNow(in, s, err)
	}
	return replies, d.ports.Phones.Answered(ctx, q.ID, in, string(chosen.Do))
}

// carryOut does what was chosen. The answer came from the phone that we texted, and proves it as the answer to an offer does.
func (d *Desk) carryOut(ctx context.Context, c *Campaign, in Inbound, q Question, s spokenFor, list []spokenFor, chosen Choice) ([]Message, error) {
	switch chosen.Do {
	case deedNothing:
		return []Message{sayToHelper(in, s.ID, s.helper, words.Status)}, nil
	case DeedNotMe:
		return d.notMe(ctx, c, in, s)
	case deedMine:
		err := d.ports.Book.Verify(ctx, textChange(c, in, q, "reply"), "reply", 0)
		return []Message{sayOf(in, s.ID, words.Status)}, err
	}
	proves := func() error {
		if s.helper != 0 || s.Verified {
			return nil
		}
		return d.ports.Book.Verify(ctx, textChange(c, in, q, "offer"), "offer", 0)
	}
	wishes := chosen.Do == DeedWish || chosen.Do == DeedSwap || chosen.Do == DeedTogether
	if !wishes {
		if err := proves(); err != nil {
			return nil, err
		}
	}
	replies, err := d.changeChosen(ctx, c, in, q, s, list, chosen)
	if err == nil && wishes { // after them, so that no round gives a time in between that does not suit
		err = proves()
	}
	if err == nil && q.Refused && len(replies) == 0 { // what Book says goes unasked, and nothing unasked goes to who refused
		replies = []Message{sayOf(in, s.ID, words.Status)}
	}
	return replies, err
}

// changeChosen makes the change. Book tells the person of it in the same transaction.
func (d *Desk) changeChosen(ctx context.Context, c *Campaign, in Inbound, q Question, s spokenFor, list []spokenFor, chosen Choice) ([]Message, error) {
	by := func(kind string) Change { return textChange(c, in, q, kind) }
	switch chosen.Do {
	case DeedWish, DeedSwap:
		return nil, d.wishByText(ctx, by, s, chosen)
	case DeedCorrect:
		return d.correctByText(ctx, c, in, by("correct"), s, chosen.Want)
	case DeedHelper:
		phone, err := helperPhone(c, s.person, chosen.Want.Phone)
		if err != nil {
			return nil, err
		}
		h, err := sealHelper(c.Keys, s.ID, phone)
		if err != nil {
			return nil, err
		}
		return nil, d.ports.Book.SetHelper(ctx, by("helper"), h, c.Limits.WithDefaults().PeoplePerPhone)
	case DeedNoHelper:
		if s.helper != 0 {
			return nil, d.ports.Book.EndHelper(ctx, by("helper.decline"), s.helper, HelperDeclined)
		}
		return nil, d.ports.Book.EndHelper(ctx, by("helper.remove"), 0, HelperRemoved)
	case deedDecline:
		return nil, d.ports.Book.Answer(ctx, by("declined"), chosen.Appointment, booking.Declined)
	case DeedWithdraw:
		return nil, d.ports.Book.Withdraw(ctx, by("cancel"))
	case DeedTogether:
		return d.bringTogether(ctx, c, in, q, s, list, chosen)
	}
	return nil, booking.Fail(booking.CodeConflict, nil)
}

// wishByText changes wishes. With an appointment ahead, which may have come since they were read back, they are the wish for another one: until
// then it stays. With whom somebody wants to come is no part of that wish, and stays where the appointment is gone by then.
func (d *Desk) wishByText(ctx context.Context, by func(kind string) Change, s spokenFor, chosen Choice) error {
	wishes := *chosen.Wishes
	switch {
	case s.ahead():
		wishes.Household = nil
	case chosen.Do == DeedSwap:
		wishes.Household = chosen.Was.Household
	}
	if !sameWishes(s.Wishes, *chosen.Was) && !sameWishes(s.Wishes, wishes) || s.Region != chosen.Region {
		return booking.Fail(booking.CodeConflict, nil) // changed since
	}
	if s.ahead() {
		return d.ports.Book.AskSwap(ctx, by("swap"), chosen.Region, wishes)
	}
	return d.ports.Book.SetWishes(ctx, by("wishes"), chosen.Region, wishes)
}

// correctByText corrects. Whose phone it is no longer is told so there: somebody else may have asked for it in their name.
func (d *Desk) correctByText(ctx context.Context, c *Campaign, in Inbound, change Change, s spokenFor, w Want) ([]Message, error) {
	p, region, err := w.correct(s)
	if err != nil {
		return nil, err
	}
	to, err := d.checkCorrection(c, DoorSMS, s.Entry, &p, region)
	if err != nil {
		return nil, err
	}
	if err := d.ports.Book.Correct(ctx, change, to); err != nil || p.Phone == in.From {
		return nil, err
	}
	return []Message{SayByText(in, words.PhoneMoved, s.Lang, nil)}, nil
}

// bringTogether gives everybody of this phone who comes along the same household, if all of them still can: whoever gave up since would be waited for
// for ever, and a time that somebody has got since would stay as it is.
func (d *Desk) bringTogether(ctx context.Context, c *Campaign, in Inbound, q Question, s spokenFor, list []spokenFor, chosen Choice) ([]Message, error) {
	together := chosen.Wishes.Household
	var all []spokenFor
	for _, id := range append([]booking.ID{s.ID}, chosen.Others...) {
		i := slices.IndexFunc(list, func(s spokenFor) bool { return s.ID == id && s.helper == 0 })
		if i < 0 || list[i].ahead() && (list[i].Wishes.Household == nil || *list[i].Wishes.Household != *together) { // otherwise this text did it, and is handled once more
			return nil, booking.Fail(booking.CodeConflict, nil)
		}
		all = append(all, list[i])
	}
	for _, one := range all {
		q.Entry = one.ID
		wishes := one.Wishes
		wishes.Household = together
		if err := d.ports.Book.SetWishes(ctx, textChange(c, in, q, "wishes"), one.Region, wishes); err != nil {
			return nil, err
		}
	}
	if len(chosen.Others)+1 >= together.Size {
		return nil, nil
	}
	return []Message{sayOf(in, s.ID, words.HouseholdCode)}, nil
}
