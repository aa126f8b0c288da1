package sms

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"jari/booking"
	"jari/booking/desk"
)

// Text is a text as a provider delivered it.
type Text struct {
	SID  string // the provider's id, the same in every delivery of this text
	From booking.Phone
	To   string
	Body string
}

// Receipt is what a provider says became of a text that we sent.
type Receipt struct {
	SID    string
	Status desk.ReceiptStatus
	Code   int // the provider's error code, 0 when there is none
}

var (
	// ErrUnusable is returned for a webhook that was signed but is not about a text from a telephone number.
	ErrUnusable = errors.New("a webhook that is not about a text from a telephone number")
	// ErrUnknownStatus is returned for a receipt with a state that we do not know.
	ErrUnknownStatus = errors.New("a receipt with a state that we do not know")
)

// Provider is how one provider's webhooks are checked and read. Implementations keep no state and never log a number or
// a body.
type Provider interface {
	// Name is a short fixed word, stored with every text and used as a metric's label.
	Name() string
	// VerifyInbound and VerifyReceipt report whether the provider made the request. form is the request's body.
	VerifyInbound(r *http.Request, form url.Values) bool
	VerifyReceipt(r *http.Request, form url.Values) bool
	// ParseInbound reads a text. It returns ErrUnusable.
	ParseInbound(form url.Values) (Text, error)
	// ParseReceipt reads a receipt. It returns ErrUnusable or ErrUnknownStatus.
	ParseReceipt(form url.Values) (Receipt, error)
	// Accepted is the answer that tells the provider "we have it, say nothing".
	Accepted() (contentType string, body []byte)
}

// Receipts takes what became of the texts that we sent. An error means that the receipt was not stored.
type Receipts interface {
	Receive(ctx context.Context, providerID string, status desk.ReceiptStatus, code int, at time.Time) error
}
