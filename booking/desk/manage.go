package desk

import (
	"cmp"
	"slices"
	"time"

	"jari/booking"
)

// Deed is what somebody wants to be done with an application that stands.
type Deed string

// What a text asks for.
const (
	DeedWish     Deed = "wish"      // other wishes; with an appointment ahead, another time by them
	DeedSwap     Deed = "swap"      // another time
	DeedKeep     Deed = "keep"      // no other time after all
	DeedCorrect  Deed = "correct"   // a name, birth date, phone or region put right
	DeedCancel   Deed = "cancel"    // the time given back, or everything withdrawn: that is asked
	DeedWithdraw Deed = "withdraw"  // everything withdrawn
	DeedHelper   Deed = "helper"    // somebody reads along
	DeedNoHelper Deed = "no_helper" // nobody reads along any more
	DeedTogether Deed = "together"  // several people come together
	DeedLang     Deed = "lang"      // another language
	DeedCall     Deed = "call"      // somebody to talk to
	DeedResend   Deed = "resend"    // what we texted, once more
	DeedNotMe    Deed = "not_me"    // the application is not this phone's
)

// What only an answer number asks for.
const (
	deedDecline Deed = "decline" // the time is given back, the place stays
	deedNothing Deed = "nothing"
	deedMine    Deed = "mine"  // the application is this phone's after all
	deedGoOn    Deed = "go_on" // what was wanted, of this person
)

const (
	// AnswerNotMe is the answer number that always means "this is not about me". No question takes it.
	AnswerNotMe = 9
	// QuestionChoice is the kind of a question whose answers are those of a proposal.
	QuestionChoice = "choice"
	// MostChoices is how many answers a question has at most.
	MostChoices = 6
)

// Want is what a text asks for, and what it says about that. It may hold personal data.
type Want struct {
	Do    Deed   `json:"d"`
	About string `json:"a,omitempty"` // the name of whom it is about, as the text has it; "" when it says nothing
	// Of a correction: what is new; of a helper: the phone. Field says what is to be corrected where the text does not say to what.
	Field  string       `json:"f,omitempty"` // "name", "birth", "phone" or "region"
	Name   string       `json:"n,omitempty"`
	Born   string       `json:"b,omitempty"` // YYYY-MM-DD
	Phone  string       `json:"p,omitempty"` // E.164
	Region string       `json:"r,omitempty"` // code
	Lang   booking.Lang `json:"l,omitempty"`
	Wished Wished       `json:"w,omitzero"`
	Code   string       `json:"c,omitempty"` // of a household
	Size   int          `json:"s,omitempty"`
}

// Wished is what a text says of wishes. What it does not speak of stays as it is.
type Wished struct {
	Sites     []string          `json:"s,omitempty"`
	MaxKm     int               `json:"k,omitempty"`
	AnySite   bool              `json:"as,omitempty"`
	Weekdays  []time.Weekday    `json:"d,omitempty"`
	NotBefore booking.Date      `json:"f,omitzero"`
	NotAfter  booking.Date      `json:"t,omitzero"`
	AnyDay    bool              `json:"ad,omitempty"`
	Times     []booking.DayTime `json:"h,omitempty"`
	AnyTime   bool              `json:"ah,omitempty"`
}

// None reports whether nothing was said.
func (w Wished) None() bool {
	return len(w.Sites) == 0 && w.MaxKm == 0 && !w.AnySite && len(w.Weekdays) == 0 && w.NotBefore.IsZero() && w.NotAfter.IsZero() && !w.AnyDay &&
		len(w.Times) == 0 && !w.AnyTime
}

// On is what somebody wishes who wished for something before.
func (w Wished) On(old booking.Wishes) booking.Wishes {
	if w.AnySite || len(w.Sites) > 0 || w.MaxKm > 0 {
		old.Sites, old.MaxKm = w.Sites, w.MaxKm
	}
	if w.AnyDay {
		old.Weekdays, old.NotBefore, old.NotAfter = nil, booking.Date{}, booking.Date{}
	}
	if len(w.Weekdays) > 0 {
		old.Weekdays = slices.Clone(w.Weekdays)
		slices.SortFunc(old.Weekdays, func(a, b time.Weekday) int { return cmp.Compare((a+6)%7, (b+6)%7) }) // weeks begin on Monday
	}
	if !w.NotBefore.IsZero() || !w.NotAfter.IsZero() {
		old.NotBefore, old.NotAfter = w.dates(old)
	}
	if w.AnyTime || len(w.Times) > 0 {
		old.Times = w.Times
	}
	return old
}

// dates keeps an end that was said before, as long as it fits the new one.
func (w Wished) dates(old booking.Wishes) (from, to booking.Date) {
	from, to = w.NotBefore, w.NotAfter
	switch {
	case from.IsZero() && !to.Before(old.NotBefore):
		from = old.NotBefore
	case to.IsZero() && !old.NotAfter.IsZero() && !old.NotAfter.Before(from):
		to = old.NotAfter
	}
	return from, to
}

// Proposal is what we understood of a text, with the answers that the person has. Nothing of it is done before one of them comes. It is
// personal data and stored encrypted.
type Proposal struct {
	Kind    string   `json:"k"` // of the text that reads it back
	Choices []Choice `json:"c"`
}

// Choice is one answer: whose entry it is about, and what is done then.
type Choice struct {
	Do          Deed            `json:"d"`
	Entry       booking.ID      `json:"e"`
	Helper      int64           `json:"h,omitempty"` // the helper who answers; 0: the person
	Appointment int64           `json:"a,omitempty"`
	Want        Want            `json:"w,omitzero"`
	Region      string          `json:"r,omitempty"`
	Wishes      *booking.Wishes `json:"s,omitempty"`
	Was         *booking.Wishes `json:"o,omitempty"` // the wishes that these take the place of
	Others      []booking.ID    `json:"m,omitempty"` // who comes along
}
