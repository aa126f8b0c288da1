package desk

import (
	"context"
	"crypto/rand"
	"reflect"
	"slices"
	"strings"

	"jari/booking"
	"jari/booking/words"
)

// proposeWishes reads wishes back as they would stand then. With an appointment ahead they are the wish for another one.
func (d *Desk) proposeWishes(ctx context.Context, c *Campaign, in Inbound, s spokenFor, choice Choice) ([]Message, error) {
	wishes := choice.Want.Wished.On(s.Wishes)
	choice.Do, choice.Region, choice.Wishes, choice.Was = DeedWish, s.Region, &wishes, &s.Wishes
	kind := words.WishRead
	if s.ahead() {
		choice.Do, kind = DeedSwap, words.SwapRead
		wishes.Household = nil // only one person's appointment is exchanged
	}
	if fit := checkWishes(c, s.Region, wishes) == nil; !fit {
		return []Message{sayOf(in, s.ID, words.AskWishes)}, nil
	}
	return d.propose(ctx, c, in, kind, choice)
}

// proposeCorrection reads back what is new. What could not stand is not offered: the person is asked again.
func (d *Desk) proposeCorrection(ctx context.Context, c *Campaign, in Inbound, s spokenFor, choice Choice) ([]Message, error) {
	p, region, err := choice.Want.correct(s)
	if err == nil {
		_, err = d.checkCorrection(c, DoorSMS, s.Entry, &p, region)
	}
	switch booking.CodeOf(err) {
	case "":
		if err != nil {
			return nil, err
		}
	case booking.CodeNotEligible, booking.CodeNotOpenYet, booking.CodeClosed:
		return []Message{SayByText(in, words.NotEligible, s.Lang, nil)}, nil
	default:
		return []Message{sayOf(in, s.ID, words.AskCorrection)}, nil
	}
	return d.propose(ctx, c, in, words.CorrectRead, choice)
}

// correct is the person as the text wants it.
func (w Want) correct(s spokenFor) (booking.Person, string, error) {
	p, region := s.person, s.Region
	var err error
	if w.Name != "" {
		p.Name = w.Name
	}
	if w.Born != "" {
		if p.Born, err = booking.ParseDate(w.Born); err != nil {
			return p, region, booking.Invalid("/person/birth_date")
		}
	}
	if w.Phone != "" {
		if p.Phone, err = booking.ParseE164(w.Phone); err != nil {
			return p, region, booking.Invalid("/person/phone")
		}
	}
	if w.Region != "" {
		region = w.Region
	}
	return p, region, nil
}

func (d *Desk) proposeHelper(ctx context.Context, c *Campaign, in Inbound, s spokenFor, choice Choice) ([]Message, error) {
	if _, err := helperPhone(c, s.person, choice.Want.Phone); booking.CodeOf(err) != "" {
		return []Message{sayOf(in, s.ID, words.AskHelper)}, nil
	}
	return d.propose(ctx, c, in, words.HelperRead, choice)
}

// helperPhone reads the phone of somebody who is to read along. It returns CodeInvalid.
func helperPhone(c *Campaign, person booking.Person, e164 string) (booking.Phone, error) {
	phone, err := booking.ParseE164(e164)
	if err != nil || !booking.PrefixAllowed(c.Campaign, phone) || !phone.CanText() || phone == person.Phone {
		return phone, booking.Invalid("/phone")
	}
	return phone, nil
}

// proposeCancel asks what is meant by "I cannot come": the time given back, which keeps the place, or everything.
func (d *Desk) proposeCancel(ctx context.Context, c *Campaign, in Inbound, s spokenFor, do Deed) ([]Message, error) {
	of := func(do Deed) Choice { return Choice{Do: do, Entry: s.ID, Helper: s.helper} }
	if do == DeedWithdraw || !s.ahead() {
		return d.propose(ctx, c, in, words.WithdrawRead, of(DeedWithdraw), of(deedNothing))
	}
	decline := of(deedDecline)
	decline.Appointment = s.Appointment.ID
	if s.helper != 0 { // who cannot withdraw for somebody else
		return d.propose(ctx, c, in, words.DeclineRead, decline, of(deedNothing))
	}
	return d.propose(ctx, c, in, words.CancelRead, decline, of(DeedWithdraw), of(deedNothing))
}

// togetherByText lets people come together: those of this phone, or one of them with people elsewhere, who name the same code.
func (d *Desk) togetherByText(ctx context.Context, c *Campaign, in Inbound, list []spokenFor, w Want) ([]Message, error) {
	free := slices.DeleteFunc(slices.Clone(list), func(s spokenFor) bool { return s.ahead() })
	size := w.Size
	if size == 0 {
		size = len(free)
	}
	if len(free) == 0 || size < 2 || size > booking.MaxHousehold || len(free) > size {
		return []Message{sayOf(in, list[0].ID, words.AskTogether)}, nil
	}
	code := w.Code
	if code == "" {
		code = newHouseholdCode()
	}
	first := free[0]
	wishes := first.Wishes
	wishes.Household = &booking.Household{Code: code, Size: size}
	if fit := checkWishes(c, first.Region, wishes) == nil; !fit {
		return []Message{sayOf(in, first.ID, words.AskTogether)}, nil
	}
	choice := Choice{Do: DeedTogether, Entry: first.ID, Wishes: &wishes, Was: &first.Wishes}
	for _, s := range free[1:] {
		choice.Others = append(choice.Others, s.ID)
	}
	return d.propose(ctx, c, in, words.TogetherRead, choice)
}

// newHouseholdCode is a code that nobody guesses and that can be read out: eight letters and digits, none like another.
func newHouseholdCode() string {
	const signs = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	var b strings.Builder
	for _, r := range raw {
		b.WriteByte(signs[int(r)%len(signs)])
	}
	return b.String()
}

// sameWishes reports whether two people wish for the same.
func sameWishes(a, b booking.Wishes) bool { return reflect.DeepEqual(a, b) }
