package desk

import (
	"context"
	"time"

	"jari/booking"
)

// OutgoingText is one text message ready for a provider.
type OutgoingText struct {
	To   booking.Phone
	Body string // as the person will read it; carries the message's 4-character reference
	// ValidFor is how long the provider may try; 0 means the provider's default.
	ValidFor time.Duration
	// Key names this copy of the message: the same however often the copy is handed over while nobody knows what became of it, another for a
	// further copy, and never another message's. A provider that knows keys takes a text once however often it comes; the others ignore it.
	// Empty: there is none.
	Key string
}

// SendOutcome says what is known after a call to a provider. The sender must never guess: when it cannot tell whether
// the provider took the message, the outcome is SendUnknown, and reconcile finds out.
type SendOutcome int

const (
	// SendAccepted means that the provider took the message and gave it an id.
	SendAccepted SendOutcome = iota + 1
	// SendNotSent means that the provider surely does not have it (connection refused, name not found): safe to retry.
	SendNotSent
	// SendSlowDown means 429: never processed, safe to retry after RetryAfter.
	SendSlowDown
	// SendRefused means a 4xx: the same message would be refused again. Code says why.
	SendRefused
	// SendUnknown means a time-out, a broken connection or a 5xx: the message may or may not have gone out.
	SendUnknown
)

// SendResult is the answer of Sender.Send.
type SendResult struct {
	Outcome    SendOutcome
	ProviderID string        // set when accepted
	Code       int           // the provider's error code or the HTTP status, 0 when there is none
	RetryAfter time.Duration // set with SendSlowDown when the provider said so
	Permanent  bool          // with SendRefused: this number will never accept a text from us (opted out, landline …)
}

// SentText is a message as the provider knows it.
type SentText struct {
	ProviderID string
	To         booking.Phone
	Body       string
	Status     ReceiptStatus
	Code       int // the provider's error code, 0 when there is none
	CreatedAt  time.Time
}

// ReceiptStatus is what became of a text, in the order in which the states follow each other. A later receipt with a
// lower rank is old news and changes nothing.
type ReceiptStatus string

const (
	ReceiptAccepted    ReceiptStatus = "accepted"    // at the provider
	ReceiptSent        ReceiptStatus = "sent"        // handed to the carrier
	ReceiptDelivered   ReceiptStatus = "delivered"   // on the handset; final
	ReceiptUndelivered ReceiptStatus = "undelivered" // the carrier gave up; final
	ReceiptFailed      ReceiptStatus = "failed"      // the provider gave up; final
)

// IncomingText is a text from a person, as a provider delivered it.
type IncomingText struct {
	ProviderID string // the same in every delivery of this text
	From       booking.Phone
	Body       string
}

// Receipt is what a provider says became of a text that we sent.
type Receipt struct {
	ProviderID string
	Status     ReceiptStatus
	Code       int // the provider's error code, 0 when there is none
}

// Rank orders the states; 0 is none of them. Final ones have the same rank, so that none replaces another.
func (s ReceiptStatus) Rank() int {
	switch s {
	case ReceiptAccepted:
		return 1
	case ReceiptSent:
		return 2
	case ReceiptDelivered, ReceiptUndelivered, ReceiptFailed:
		return 3
	}
	return 0
}

// Sender is an outgoing text provider. Implementations are safe for concurrent use, keep to the context's deadline and
// never log a number or a body.
type Sender interface {
	// Send hands one text over. It never returns an error: everything that can happen is a SendOutcome. A provider that knows keys may be asked more
	// than once within one call.
	Send(ctx context.Context, text OutgoingText) SendResult
	// Fetch reads one message by the provider's id. It returns an error when the provider cannot be asked, and a zero
	// SentText when the provider does not know the id.
	Fetch(ctx context.Context, providerID string) (SentText, error)
	// List returns the messages to a number created at or after since, newest first, at most 200. Providers list with a
	// delay of seconds, so an absent message proves nothing before two readings. It returns an error when the provider
	// cannot be asked.
	List(ctx context.Context, to booking.Phone, since time.Time) ([]SentText, error)
}
