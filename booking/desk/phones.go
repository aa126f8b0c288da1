package desk

import (
	"context"
	"time"

	"jari/booking"
	"jari/booking/vault"
)

// Inbound is one text as it came in.
type Inbound struct {
	ID          int64
	Door        Door // as long as it stands in a journal; the table holds texts only
	Campaign    int32
	Provider    string
	ProviderSID string
	PhoneHash   vault.Hash
	From        booking.Phone
	Body        string
	Arrival     time.Time
	Via         Via // ViaJournal when it waited in a door's journal, ViaLog when only the provider's log had it
	// Found is when a provider's log gave us the text, or an earlier arrival for one that we had; zero for all others.
	Found   time.Time
	Handled bool
	// Heard: it had been handled before the log gave it that arrival, so its sender has been answered.
	Heard bool
	// Shared: it came to a number that several campaigns share, so that Campaign is not yet decided.
	Shared bool
}

// HeldText is a text that waits until its sender says which campaign is meant.
type HeldText struct {
	ID      int64
	Arrival time.Time
}

// OpenText is a kept text that nobody has handled.
type OpenText struct {
	ID    int64
	Phone vault.Hash // texts of one phone are handled one after the other
}

// Conversation is what was understood so far of somebody who is applying by text.
type Conversation struct {
	FirstAt time.Time // the first contact
	Expires time.Time
	Used    bool // somebody was completed on this contact already
	State   []byte
	Version int32 // 0 for a new one
}

// Question is something we asked by text, with answer numbers of its own.
type Question struct {
	ID          int64
	FirstNo     int
	Span        int    // how many numbers it takes
	Kind        string // one of the Question constants
	About       string // what the numbers mean, where the kind does not say it
	Inbound     int64  // the text whose proposal is asked about, with QuestionChoice
	AskedAt     time.Time
	Entry       booking.ID // zero where it is about none
	Appointment int64
	Answered    bool
	AnsweredBy  int64 // the text that did; 0: not known
	Helper      int64 // the helper who was asked; 0: the person
	Refused     bool  // this phone knows nothing of the application, as it said; nothing unasked goes to it
}

// Asked is a question with the message that asked it.
type Asked struct {
	Question
	Said   string            // the message's kind
	Params map[string]string // the message's
}

// Kinds of questions.
const (
	QuestionVerify = "verify" // it is me; I know of no such application
	QuestionOffer  = "offer"  // yes, no, already booked
	QuestionHelper = "helper" // no
	QuestionRegion = "region" // yes: About is the code of the region that was meant
	QuestionWhich  = "which"  // the n-th of the campaigns in About
	QuestionRemind = "remind" // yes, text me when the cohort in About may apply
)

// Message is an outbox row: something that must reach a person.
type Message struct {
	Campaign    int32
	Entry       *booking.ID // whose phone on file is told; nil for an answer to a phone without an entry
	Inbound     int64       // the text that this answers; its sender is told
	Appointment int64
	Kind        string
	Params      map[string]string // never personal data
	Dedup       string            // one message per campaign and purpose
	Urgent      bool
	Due         time.Time
	UsefulUntil time.Time // zero: as long as it takes
	Last        bool      // it leaves when nothing else waits
	Helper      int64     // who is told instead of the phone on file; 0: nobody
	HelperAsked bool      // the helper's copy is the answer to what the helper asked for, and as urgent
}

// Switchboard keeps what the text door needs between two texts.
type Switchboard interface {
	// Keep stores a text before anything is done with it. A repeated delivery returns the first one's id and fresh=false; of
	// the two arrivals the earlier counts, unless the text is handled already. CodeOverloaded: too many wait to be stored.
	Keep(ctx context.Context, in Inbound) (id int64, fresh bool, err error)
	// KeepLogged keeps the texts of a provider's log that are not kept yet. One that our own door took only after an instant, though the log has it before, is
	// moved to its arrival in the log and handled again. It returns how many texts it kept or moved.
	KeepLogged(ctx context.Context, texts []Inbound, ended time.Time) (int, error)
	// LastCampaign is the campaign of the last text that a provider handed to us; ok is false when there was none, and when several campaigns share
	// the number. It says something only of a provider at which we have one number.
	LastCampaign(ctx context.Context, provider string) (id int32, ok bool, err error)
	// Inbound reads a kept text. It returns CodeUnauthorized when there is none.
	Inbound(ctx context.Context, id int64) (Inbound, error)
	// Conversation returns the phone's open conversation. When none lives at now, FirstAt is zero; Version is then that of
	// the expired one, if any, under which a new one replaces it.
	Conversation(ctx context.Context, campaign int32, phone vault.Hash, now time.Time) (Conversation, error)
	// Finish stores the conversation (nil: leave it as it is), the answers, and marks the text as handled, in one transaction.
	// It returns CodeConflict when another text of the phone was handled meanwhile, or an earlier delivery of this one came
	// in; the caller tries again.
	Finish(ctx context.Context, in Inbound, c *Conversation, answers []Message, at time.Time) error
	// EntriesByPhone lists the registrations that the phone made by text, is on file for or is helper of, oldest first, at most 20.
	EntriesByPhone(ctx context.Context, campaign int32, phone vault.Hash) ([]Entry, error)
	// Question finds the question an answer number belongs to, newest first; ok is false when there is none.
	Question(ctx context.Context, campaign int32, phone vault.Hash, no int) (q Question, ok bool, err error)
	// LastQuestion is the question that a phone was asked last, answered or not, without its numbers; ok is false when there is none since an instant.
	LastQuestion(ctx context.Context, campaign int32, phone vault.Hash, since time.Time) (q Asked, ok bool, err error)
	// AskedAs is a question of a phone as it was asked; ok is false when it is none of the phone's.
	AskedAs(ctx context.Context, campaign int32, phone vault.Hash, question int64) (q Asked, ok bool, err error)
	// Answered closes a question, which a text has answered.
	Answered(ctx context.Context, id int64, by Inbound, answer string) error
	// Propose keeps what was understood of a text, sealed, until it is answered. It returns what is kept: of several readings the first.
	Propose(ctx context.Context, in Inbound, content []byte, at time.Time) (kept []byte, err error)
	// Proposal returns what Propose kept of a text. It returns CodeUnauthorized when there is nothing.
	Proposal(ctx context.Context, inbound int64) ([]byte, error)
	// Stop keeps that the sender wants no more texts, or wants them again, as of the text's arrival; the latest word counts. news says that
	// this changed something.
	Stop(ctx context.Context, in Inbound, stop bool) (news bool, err error)
	// OweCall opens a call that we owe the sender of a text, or the person of an entry, or adds the reason to the one that is open. It keeps the
	// earliest order. Repeating it changes nothing.
	OweCall(ctx context.Context, in Inbound, entry *booking.ID, order time.Time, reason CallReason, at time.Time) error
	// Hold notes that a text waits until its sender says which campaign is meant. It is to be finished as well, with the question.
	Hold(ctx context.Context, in Inbound) error
	// Held lists the texts of a phone that wait for that since an instant, oldest first, a page of those behind one of them (zero: from the
	// first). An empty page is the end.
	Held(ctx context.Context, campaign int32, phone vault.Hash, since time.Time, behind HeldText) ([]HeldText, error)
	// CloseWhich closes every open question of a phone in a campaign that asks which campaign is meant: a text has said it.
	CloseWhich(ctx context.Context, campaign int32, phone vault.Hash, by Inbound, answer string) error
	// PassOn keeps a text for other campaigns, with its own arrival, and marks it as handled where it stood. The copies are as they are to be kept, but
	// for their ids, which are returned. Repeating it finds them. It returns CodeConflict when an earlier delivery of the text came in meanwhile.
	PassOn(ctx context.Context, in Inbound, copies []Inbound, at time.Time) (ids []int64, err error)
	// Made notes that a phone made an entry by text. It returns CodeTooMany when the phone carries limit entries already.
	Made(ctx context.Context, campaign int32, phone vault.Hash, entry booking.ID, limit int, at time.Time) error
}
