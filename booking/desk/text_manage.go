package desk

import (
	"context"
	"slices"
	"time"

	"jari/booking"
	"jari/booking/words"
)

// spokenFor is somebody for whom a phone speaks: with the phone on file, or as the helper.
type spokenFor struct {
	Entry
	person booking.Person
	helper int64 // 0: the phone is the one on file
}

// speaksFor lists for whom the sender speaks, in the order of arrival. others says that the phone made entries for other people's phones.
func (d *Desk) speaksFor(ctx context.Context, c *Campaign, in Inbound) (list []spokenFor, others bool, err error) {
	entries, err := d.ports.Phones.EntriesByPhone(ctx, c.ID, in.PhoneHash)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		if e.AliasOf != nil {
			others = true
			continue
		}
		p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
		switch {
		case err != nil:
			return nil, false, err
		case e.Withdrawn:
		case p.Phone == in.From:
			list = append(list, spokenFor{Entry: e, person: p})
		case e.Helper != nil && e.Helper.Phone == in.PhoneHash:
			list = append(list, spokenFor{e, p, e.Helper.ID})
		default:
			others = true
		}
	}
	return list, others, nil
}

// ManageByText does what somebody wants with an application that stands, or asks back. first is the first contact of an application that is
// under way, or the text's own arrival. known is false when the phone speaks for nobody: then there is nothing to manage.
//
// What cannot be taken back by the next text is read back with an answer number, and nothing changes before that comes: a text's origin
// can be forged, and a text misread; what we text can be read by the phone alone.
func (d *Desk) ManageByText(ctx context.Context, c *Campaign, in Inbound, w Want, first time.Time, lang booking.Lang) (replies []Message, known bool, err error) {
	list, others, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, false, err
	}
	switch {
	case w.Do == DeedCall:
		replies, err = d.callByText(ctx, in, list, first, lang)
		return replies, true, err
	case w.Do == DeedLang:
		replies, err = d.langByText(ctx, c, in, list, w.Lang)
		return replies, true, err
	case len(list) == 0 && others:
		return []Message{SayByText(in, words.ReceivedForOther, lang, nil)}, true, nil
	case len(list) == 0:
		return nil, false, nil
	case w.Do == DeedResend:
		return resend(c, in, list), true, nil
	}
	may := slices.DeleteFunc(slices.Clone(list), func(s spokenFor) bool { return !s.may(w.Do) })
	if len(may) == 0 {
		replies, err = d.mayNot(in, w.Do, list[0])
		return replies, true, err
	}
	replies, err = d.manageSome(ctx, c, in, narrowed(may, w.About), w)
	return replies, true, err
}

// ToldPhoneByText reads back a telephone number that somebody told, as the phone of whoever stands at this one: told is not asked for, but who has
// applied here and now names a number most likely means that the texts shall go there. Of several people it is asked whose it is. known is false where
// the phone speaks for nobody whose data it may put right: then the number belongs to an application to come.
func (d *Desk) ToldPhoneByText(ctx context.Context, c *Campaign, in Inbound, w Want) (replies []Message, known bool, err error) {
	list, _, err := d.speaksFor(ctx, c, in)
	if err != nil {
		return nil, false, err
	}
	list = slices.DeleteFunc(list, func(s spokenFor) bool { return !s.may(w.Do) })
	if len(list) == 0 {
		return nil, false, nil
	}
	replies, err = d.manageSome(ctx, c, in, list, w)
	return replies, true, err
}

// may reports whether the phone can want this for that person. A helper answers offers and may step back, and no more.
func (s spokenFor) may(do Deed) bool {
	switch do {
	case DeedNotMe:
		return true
	case DeedNoHelper:
		return s.Helper != nil
	case DeedCancel:
		return s.helper == 0 || s.ahead()
	case DeedKeep:
		return s.helper == 0 && s.SwapAsked
	}
	return s.helper == 0
}

// ahead reports whether there is an appointment that can be given back.
func (s spokenFor) ahead() bool { return s.Appointment != nil && s.Appointment.State.Open() }

// mayNot answers somebody who wants what they cannot want.
func (d *Desk) mayNot(in Inbound, do Deed, s spokenFor) ([]Message, error) {
	kind := words.Status // nothing to keep, nobody who reads along: how it stands says so
	if s.helper != 0 && do != DeedKeep && do != DeedNoHelper {
		kind = words.HelperMayNot
	}
	return []Message{sayToHelper(in, s.ID, s.helper, kind)}, nil
}

// narrowed keeps whom the text names, if it names one of them.
func narrowed(list []spokenFor, name string) []spokenFor {
	if name == "" {
		return list
	}
	named := slices.DeleteFunc(slices.Clone(list), func(s spokenFor) bool { return booking.FoldName(s.person.Name) != booking.FoldName(name) })
	if len(named) == 0 {
		return list
	}
	return named
}

// manageSome asks whom of several people the text is about.
func (d *Desk) manageSome(ctx context.Context, c *Campaign, in Inbound, list []spokenFor, w Want) ([]Message, error) {
	if w.Do == DeedTogether {
		return d.togetherByText(ctx, c, in, list, w)
	}
	if len(list) == 1 {
		return d.manageOne(ctx, c, in, list[0], w)
	}
	if ask, ok := asksBack(w); ok { // the same question whoever it is about
		return []Message{sayOf(in, list[0].ID, ask)}, nil
	}
	choices := make([]Choice, len(list))
	for i, s := range list {
		choices[i] = Choice{Do: deedGoOn, Entry: s.ID, Helper: s.helper, Want: w}
		if w.Do == DeedNotMe { // which of them is all there is to ask
			choices[i].Do = DeedNotMe
		}
	}
	return d.propose(ctx, c, in, words.WhichPerson, choices...)
}

// asksBack reports whether a text lacks what it is about, and what is asked then.
func asksBack(w Want) (words.Kind, bool) {
	switch {
	case (w.Do == DeedWish || w.Do == DeedSwap) && w.Wished.None():
		return words.AskWishes, true
	case w.Do == DeedCorrect && w.Name == "" && w.Born == "" && w.Phone == "" && w.Region == "":
		return words.AskCorrection, true
	case w.Do == DeedHelper && w.Phone == "":
		return words.AskHelper, true
	}
	return "", false
}

// manageOne is for one person, whom the phone may speak for in this.
func (d *Desk) manageOne(ctx context.Context, c *Campaign, in Inbound, s spokenFor, w Want) ([]Message, error) {
	if ask, ok := asksBack(w); ok {
		return []Message{sayOf(in, s.ID, ask)}, nil
	}
	choice := Choice{Do: w.Do, Entry: s.ID, Helper: s.helper, Want: w}
	switch w.Do {
	case DeedWish, DeedSwap:
		return d.proposeWishes(ctx, c, in, s, choice)
	case DeedCorrect:
		return d.proposeCorrection(ctx, c, in, s, choice)
	case DeedHelper:
		return d.proposeHelper(ctx, c, in, s, choice)
	case DeedNoHelper:
		return d.propose(ctx, c, in, words.HelperEndRead, choice)
	case DeedCancel, DeedWithdraw:
		return d.proposeCancel(ctx, c, in, s, w.Do)
	case DeedKeep:
		err := d.ports.Book.DropSwap(ctx, textChange(c, in, Question{Entry: s.ID}, "swap.drop"))
		return d.orNotNow(in, s, err)
	case DeedNotMe:
		return d.notMe(ctx, c, in, s)
	}
	return []Message{sayToHelper(in, s.ID, s.helper, words.Status)}, nil
}

// orNotNow answers where the state of things has changed meanwhile.
func (d *Desk) orNotNow(in Inbound, s spokenFor, err error) ([]Message, error) {
	switch booking.CodeOf(err) {
	case booking.CodeConflict, booking.CodeUnauthorized, booking.CodeInvalid, booking.CodeNotEligible, booking.CodeNotOpenYet, booking.CodeClosed:
		return []Message{SayByText(in, words.NotNow, s.Lang, nil)}, nil
	}
	return nil, err
}
