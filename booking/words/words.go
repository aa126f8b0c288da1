// Package words holds what people read in text messages, in each language. A message is stored as a kind and made into
// words only when it is sent, so that no text and no personal data lie in the outbox.
//
// How something is said stands in a catalogue, one file a language (catalogue/ko.toml; docs/translating.md); what is said, and when, stands here.
// A new kind is a constant below, a line in kinds (kinds.go), its text in every catalogue, and where it needs one a line in needed (lint.go); a new
// gap is a line in textValues (values.go). The tests say what is missing.
package words

import (
	"slices"
	"time"

	"jari/booking"
)

// Kind names a message.
type Kind string

const (
	// Told about an entry; the person on file reads these.
	Registered Kind = "registered" // received, and "answer First if it is you" (opens a verify question)
	Welcome    Kind = "welcome"    // registered and verified, with the place
	Code       Kind = "code"       // the verification code for an app
	Offer      Kind = "offer"      // site and time; First confirms, First+1 declines, First+2 "already booked" (opens an offer question)
	Confirmed  Kind = "confirmed"
	Declined   Kind = "declined"  // given back, the place is kept
	Cancelled  Kind = "cancelled" // the appointment was cancelled by us or by an agent
	Withdrawn  Kind = "withdrawn" // the entry was withdrawn as asked
	NoTime     Kind = "no_time"   // no time yet, because …; the place is kept
	Lapsed     Kind = "lapsed"    // nobody answered in time; the place is kept
	Missed     Kind = "missed"    // marked as not come
	// One text for an appointment that took another's place: from when and where, to when and where. It stands for the end of the old and
	// the beginning of the new one.
	Changed     Kind = "changed"      // as the person wished
	Moved       Kind = "moved"        // by us, with the cause
	Redated     Kind = "redated"      // by us: a series was shifted
	SwapNoted   Kind = "swap_noted"   // another time is looked for; until then everything stays
	SwapDropped Kind = "swap_dropped" // the wish was taken back; everything stays
	Corrected   Kind = "corrected"
	Status      Kind = "status"
	Why         Kind = "why"         // why this time, or none yet, as far as it is on record
	HelperSet   Kind = "helper_set"  // another phone gets copies from now on
	HelperGone  Kind = "helper_gone" // it gets none any more

	// Told to a helper.
	HelperNamed Kind = "helper_named" // who named them; First says no (opens a helper question)
	HelperOver  Kind = "helper_over"  // no more copies

	// What we understood, read back: nothing is done before the person answers First, or a number behind it (opens a choice question).
	WishRead      Kind = "wish_read"       // wishes
	SwapRead      Kind = "swap_read"       // another time by these wishes; until then the present one stays
	CorrectRead   Kind = "correct_read"    // new data
	HelperRead    Kind = "helper_read"     // who reads along
	HelperEndRead Kind = "helper_end_read" // nobody reads along any more
	TogetherRead  Kind = "together_read"   // who comes together
	CancelRead    Kind = "cancel_read"     // First gives the time back, First+1 withdraws, First+2 neither
	DeclineRead   Kind = "decline_read"    // to a helper: First gives the time back, First+1 does not
	WithdrawRead  Kind = "withdraw_read"   // First withdraws, First+1 does not
	WhichPerson   Kind = "which_person"    // First is the first of several people, and so on

	// Told to whoever manages an entry by text.
	AskWishes     Kind = "ask_wishes"     // what suits, and how to say it
	AskCorrection Kind = "ask_correction" // what is to be corrected, and how to say it
	AskHelper     Kind = "ask_helper"     // whose phone
	AskTogether   Kind = "ask_together"   // how many
	HouseholdCode Kind = "household_code" // what the others text to come along
	HelperMayNot  Kind = "helper_may_not" // only the person's own phone may
	LangSet       Kind = "lang_set"       // from now on in this language

	// Answers to a text whose sender may have no entry.
	CallOwed         Kind = "call_owed"      // somebody will call
	PhoneMoved       Kind = "phone_moved"    // to the number before: what there is to know goes to another one now
	AskMissing       Kind = "ask_missing"    // Params "missing": comma-separated, see the Missing constants
	NearRegion       Kind = "near_region"    // a place was nearly named: First says that it is Region (opens a region question)
	OneEach          Kind = "one_each"       // several people in one text who cannot be told apart
	WhichCampaign    Kind = "which_campaign" // First and those after it name Choices (opens a which question)
	NotOpenYet       Kind = "not_open_yet"   // First asks for a reminder (opens a remind question)
	ReminderNoted    Kind = "reminder_noted" // a text comes at the opening, At
	Opened           Kind = "opened"         // the reminder: one may apply now
	Closed           Kind = "closed"
	NotEligible      Kind = "not_eligible"
	ReceivedForOther Kind = "received_for_other" // what there is to know goes to the phone on file
	TooMany          Kind = "too_many"           // this phone carries as many people as it may; more by call
	NoEntry          Kind = "no_entry"
	Help             Kind = "help"
	HelpOwn          Kind = "help_own"       // a text that we did not understand, of a phone that has an application
	Noted            Kind = "noted"          // an agent will look; nothing was cancelled
	UnknownNumber    Kind = "unknown_number" // an answer number that belongs to no open question
	NotNow           Kind = "not_now"        // the answer no longer fits (already declined, already past)
	Refused          Kind = "refused"        // no more texts about an application that is not this phone's; First takes it back
)

// What may be missing from an application by text (Data.Missing).
const (
	MissingName    = "name"
	MissingBirth   = "birth"
	MissingCentury = "birth_century" // the year of birth was given with two digits and could be either century
	MissingRegion  = "region"
	MissingNumber  = "number" // the official or list number, where a campaign goes by one
	MissingPhone   = "phone"  // the person's own phone was named, but not as a number that we can reach
)

// allMissing lists them.
func allMissing() []string {
	return []string{MissingName, MissingBirth, MissingCentury, MissingRegion, MissingNumber, MissingPhone}
}

func known(missing string) bool { return slices.Contains(allMissing(), missing) }

// Data is what a text may speak of. Fields that a kind does not use are ignored.
type Data struct {
	Masked    string // the person's name, masked
	Reference string // the message's four characters
	Campaign  string // the campaign's name in the language
	Phone     string // the number to call
	Code      string
	First     int    // the first answer number of the question
	Helper    string // the helper's phone, masked
	Words     string // an operator's own, for Correction
	Site      string
	Starts    time.Time // in the campaign's zone
	// WasSite and WasStarts are the appointment's before, in the campaign's zone.
	WasSite     string
	WasStarts   time.Time
	ChangeCause string // why we changed something: CauseSiteClosed, CauseCapacity; otherwise nothing is said
	NewTime     bool   // of somebody who did not come: a new time follows
	State       string // desk.State, for Status
	Place       int64
	AfterDraw   bool   // there is no place yet: lots decide it
	Ticket      string // in groups
	Reason      booking.Reason
	// Sites is how many sites the person ranked, and LastDay the last day with slots there, for "no free time at your 3 sites up
	// to 30 August". Zero: not known, and not said.
	Sites   int
	LastDay booking.Date

	// For Why.
	Rank       int           // which of the person's sites it became, from 1; 0: not recorded
	Order      booking.Order // in what order they were tried
	Cause      string        // why the appointment was made, when it was not for the first time (booking.Given)
	Looked     time.Time     // when the round that decided looked at the person, in the campaign's zone; zero: none has
	FirstRound time.Time     // the queue's first round, as long as it has not come, in the campaign's zone
	Through    int64         // places up to this were looked at
	Again      bool          // something changed, and the next round looks again

	// What is read back.
	Wished Wish     // the wishes as they would stand
	Said   Wish     // what of them the text spoke of; the others stay
	News   NewData  // what is new of a person, or the phone of somebody who is to read along
	Names  []string // of several people, masked, in the order of their numbers
	Size   int      // of a household

	At      time.Time // opening or closing, in the campaign's zone
	Missing []string
	Years   []int    // with MissingCentury: the two years that were written with two digits, the older first; empty where they are not known
	Region  string   // the place that may be meant
	Choices []string // what the campaigns are called that may be meant
	Sample  string   // an example region of the campaign, for questions
}

// NewData is what is new of a person. It is not masked: whoever has just texted it must see whether we read it right. What is zero stays.
type NewData struct {
	Name   string
	Born   booking.Date
	Phone  string
	Region string
}

// Causes that a text explains.
const (
	CauseSiteClosed = "site_closed"
	CauseCapacity   = "capacity"
)
