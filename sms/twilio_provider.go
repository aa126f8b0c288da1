package sms

import (
	"errors"
	"net/http"
	"net/url"

	"jari/sms/twilio"
)

// TwilioProvider reads Twilio's webhooks.
type TwilioProvider struct {
	publicBase string
	tokens     []string
}

// NewTwilioProvider makes the provider. publicBase is scheme and host under which Twilio reaches us, without a slash at
// the end: behind a proxy the request's own host is not what Twilio signed. Tokens are the present auth token and, while
// it is being changed, the one before; empty ones are left out, and without any no request is ever accepted.
func NewTwilioProvider(publicBase string, tokens ...string) TwilioProvider {
	p := TwilioProvider{publicBase: publicBase}
	for _, t := range tokens {
		if t != "" {
			p.tokens = append(p.tokens, t)
		}
	}
	return p
}

// Name implements Provider.
func (p TwilioProvider) Name() string { return "twilio" }

// VerifyInbound implements Provider.
func (p TwilioProvider) VerifyInbound(r *http.Request, form url.Values) bool {
	return twilio.VerifySignature(p.tokens, p.publicBase+r.RequestURI, form, r.Header.Get(twilio.SignatureHeader))
}

// VerifyReceipt implements Provider: Twilio signs both alike.
func (p TwilioProvider) VerifyReceipt(r *http.Request, form url.Values) bool {
	return p.VerifyInbound(r, form)
}

// ParseInbound implements Provider.
func (p TwilioProvider) ParseInbound(form url.Values) (Text, error) {
	in, err := twilio.ParseInbound(form)
	if err != nil {
		return Text{}, ErrUnusable
	}
	return Text{SID: in.MessageSID, From: in.From, To: in.To, Body: in.Body}, nil
}

// ParseReceipt implements Provider.
func (p TwilioProvider) ParseReceipt(form url.Values) (Receipt, error) {
	r, err := twilio.ParseReceipt(form)
	switch {
	case errors.Is(err, twilio.ErrStatus):
		return Receipt{}, ErrUnknownStatus
	case err != nil:
		return Receipt{}, ErrUnusable
	}
	return Receipt{SID: r.MessageSID, Status: r.Status, Code: r.Code}, nil
}

// Accepted implements Provider: an empty TwiML document. Replies go through the outbox, where their fate is known.
func (p TwilioProvider) Accepted() (string, []byte) {
	return "text/xml; charset=utf-8", twilio.Reply()
}
