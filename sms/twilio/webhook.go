package twilio

import (
	"encoding/xml"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"jari/booking"
	"jari/booking/desk"
)

// MaxBody is the longest text that Twilio takes or hands over, in characters.
const MaxBody = 1600

// maxTo bounds the addressed number: E.164 has 16 characters, a channel prefix such as "whatsapp:" comes before it.
const maxTo = 64

var (
	// ErrForm is returned for a webhook that lacks a message id or a usable number. It never holds the value.
	ErrForm = errors.New("not a Twilio message webhook")
	// ErrStatus is returned for a receipt whose state we do not know. Answer it with success, or Twilio reports an
	// error; the next receipt or Fetch tells what became of the message.
	ErrStatus = errors.New("unknown message status")
)

// Inbound is a text from a person.
type Inbound struct {
	MessageSID string // the same in every delivery of this text: use it to recognise repeats
	From       booking.Phone
	To         string // our number, as Twilio writes it
	Body       string // valid UTF-8 without NUL, at most MaxBody characters
}

// Receipt says what became of a text that we sent.
type Receipt struct {
	MessageSID string
	Status     desk.ReceiptStatus
	Code       int // Twilio's error code, 0 when there is none
}

// ParseInbound reads the form of an inbound message webhook; verify its signature first. Twilio may add parameters at
// any time, so unknown ones are ignored. A body that PostgreSQL could not store is repaired and an overlong one is cut,
// because refusing it would lose a person's text. It returns ErrForm when the id is missing or the sender is not a
// telephone number (a short code, a name, another channel).
func ParseInbound(form url.Values) (Inbound, error) {
	sid, err := messageSID(form)
	if err != nil {
		return Inbound{}, err
	}
	from, err := booking.ParseE164(form.Get("From"))
	if err != nil {
		return Inbound{}, ErrForm
	}
	to := form.Get("To")
	if to == "" || len(to) > maxTo {
		return Inbound{}, ErrForm
	}
	return Inbound{MessageSID: sid, From: from, To: clean(to, maxTo), Body: clean(form.Get("Body"), MaxBody)}, nil
}

// ParseReceipt reads the form of a status callback; verify its signature first. Receipts come out of order and more
// than once. It returns ErrForm without a message id, and ErrStatus for a state that is not one of an outgoing text.
// An error code that is not a number is taken as 0.
func ParseReceipt(form url.Values) (Receipt, error) {
	sid, err := messageSID(form)
	if err != nil {
		return Receipt{}, err
	}
	word := form.Get("MessageStatus")
	if word == "" {
		word = form.Get("SmsStatus") // the older name
	}
	status, known := Status(word)
	if !known {
		return Receipt{}, ErrStatus
	}
	code, err := strconv.Atoi(form.Get("ErrorCode"))
	if err != nil || code < 0 || code > 999_999 {
		code = 0
	}
	return Receipt{MessageSID: sid, Status: status, Code: code}, nil
}

// Reply writes the answer to an inbound webhook: one text back to the sender for each body, none for no body. Send it
// with the content type "text/xml; charset=utf-8". Twilio tells no receipts for such texts, so nothing that must reach
// the person may be sent this way.
func Reply(bodies ...string) []byte {
	type response struct {
		XMLName  xml.Name `xml:"Response"`
		Messages []string `xml:"Message"`
	}
	out, err := xml.Marshal(response{Messages: bodies})
	if err != nil {
		return []byte(xml.Header + "<Response></Response>") // text always marshals; kept as a safe answer
	}
	return append([]byte(xml.Header), out...)
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

// clean drops NUL, replaces bytes that are not UTF-8 and cuts to a number of characters.
func clean(s string, characters int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	count := 0
	for i := range s {
		if count == characters {
			return s[:i]
		}
		count++
	}
	return s
}
