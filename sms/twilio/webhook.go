package twilio

import (
	"cmp"
	"encoding/xml"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"

	"jari/booking"
	"jari/booking/desk"
	"jari/sms/wire"
)

// MaxBody is the longest text that Twilio takes or hands over, in characters.
const MaxBody = 1600

var (
	// ErrForm is returned for a webhook that lacks a message id, our number or a usable sender. It never holds the value.
	ErrForm = errors.New("not a Twilio message webhook")
	// ErrStatus is returned for a receipt whose state we do not know. Answer it with success, or Twilio reports an
	// error; the next receipt or Fetch tells what became of the message.
	ErrStatus = errors.New("unknown message status")
)

// Webhooks checks and reads what Twilio posts: texts from people, and receipts.
type Webhooks struct {
	name       string
	publicBase string
	tokens     []string
}

// NewWebhooks makes the reader. publicBase is scheme and host under which Twilio reaches us, without a slash at the end:
// behind a proxy the request's own host is not what Twilio signed. Tokens are the present auth token and, while it is
// being changed, the one before; an empty one never matches, so without any no request is ever accepted.
func NewWebhooks(publicBase string, tokens ...string) Webhooks {
	return Webhooks{publicBase: publicBase, tokens: tokens}
}

// Named gives the account another name than "twilio", for an installation that has several.
func (w Webhooks) Named(name string) Webhooks {
	w.name = name
	return w
}

// Name is what is stored with every text.
func (w Webhooks) Name() string { return cmp.Or(w.name, "twilio") }

// Verify reports whether Twilio made the request. Of a form the fields are signed; of any other body (JSON) only its digest, which stands in the
// address.
func (w Webhooks) Verify(r *http.Request, body []byte) bool {
	var form url.Values
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		var err error
		if form, err = url.ParseQuery(string(body)); err != nil {
			return false
		}
	} else if !sameDigest(r.URL.Query().Get(digestParameter), body) {
		return false
	}
	return VerifySignature(w.tokens, w.publicBase+r.RequestURI, form, r.Header.Get(SignatureHeader))
}

// ParseInbound reads the form of an inbound message webhook; verify its signature first. Twilio may add parameters at
// any time, so unknown ones are ignored. A body that PostgreSQL could not store is repaired and an overlong one is cut,
// because refusing it would lose a person's text: it becomes valid UTF-8 without NUL, at most MaxBody characters. It
// returns ErrForm when the id or our number is missing or the sender is not a telephone number (a short code, a name,
// another channel).
func (Webhooks) ParseInbound(form url.Values) (desk.IncomingText, error) {
	sid, err := messageSID(form)
	if err != nil {
		return desk.IncomingText{}, err
	}
	from, err := booking.ParseE164(form.Get("From"))
	if err != nil || form.Get("To") == "" {
		return desk.IncomingText{}, ErrForm
	}
	return desk.IncomingText{ProviderID: sid, From: from, Body: wire.Clean(form.Get("Body"), MaxBody)}, nil
}

// ParseReceipt reads the form of a status callback; verify its signature first. Receipts come out of order and more
// than once. It returns ErrForm without a message id, and ErrStatus for a state that is not one of an outgoing text.
// An error code that is not a number is taken as 0.
func (Webhooks) ParseReceipt(form url.Values) (desk.Receipt, error) {
	sid, err := messageSID(form)
	if err != nil {
		return desk.Receipt{}, err
	}
	word := form.Get("MessageStatus")
	if word == "" {
		word = form.Get("SmsStatus") // the older name
	}
	status, known := Status(word)
	if !known {
		return desk.Receipt{}, ErrStatus
	}
	code, err := strconv.Atoi(form.Get("ErrorCode"))
	if err != nil || code < 0 || code > 999_999 {
		code = 0
	}
	return desk.Receipt{ProviderID: sid, Status: status, Code: code}, nil
}

// Accepted is an empty TwiML document: we have it, say nothing. Twilio tells no receipts for texts that are sent in this
// answer, so everything that we say goes through the outbox, where its fate is known.
func (Webhooks) Accepted() (contentType string, body []byte) {
	return "text/xml; charset=utf-8", []byte(xml.Header + "<Response></Response>")
}

// messageSID reads the id under its present or its older names.
func messageSID(form url.Values) (string, error) {
	for _, key := range []string{"MessageSid", "SmsMessageSid", "SmsSid"} {
		if sid := form.Get(key); isMessageSID(sid) {
			return sid, nil
		}
	}
	return "", ErrForm
}
