package sms

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"jari/booking/desk"
)

// Provider is how one provider's webhooks are checked and read. It is handed in, so that the door knows none by name.
// Implementations keep no state and never log a number or a body.
type Provider interface {
	// Name is a short fixed word, stored with every text and used as a metric's label.
	Name() string
	// Verify reports whether the provider made the request. body is the request's, byte for byte.
	Verify(r *http.Request, body []byte) bool
	// ParseInbound reads a text, and ParseReceipt a receipt, from the fields of a form or of a JSON object. An error, which never holds the value,
	// means that the webhook was signed but is of no use, now or later.
	ParseInbound(form url.Values) (desk.IncomingText, error)
	ParseReceipt(form url.Values) (desk.Receipt, error)
	// Accepted is the answer that tells the provider "we have it, say nothing".
	Accepted() (contentType string, body []byte)
}

// Receipts takes what became of the texts that we sent. An error means that the receipt was not stored.
type Receipts interface {
	Receive(ctx context.Context, providerID string, status desk.ReceiptStatus, code int, at time.Time) error
}
