package twilio

import (
	"errors"
	"time"

	api "github.com/twilio/twilio-go/rest/api/v2010"

	"jari/booking"
	"jari/booking/desk"
)

// ErrMessage is returned for a message whose id, number or creation time cannot be read.
var ErrMessage = errors.New("unreadable message")

// sidLength is two letters and 32 hexadecimal digits.
const sidLength = 34

// PermanentCode reports whether a Twilio error code means that this number will never accept a text from us: not a
// number, opted out, not a mobile, blocked, unknown handset, landline, filtered. The way on is a call, not a retry.
func PermanentCode(code int) bool {
	switch code {
	case 21211, 21610, 21614, 30004, 30005, 30006, 30007:
		return true
	}
	return false
}

// Status translates Twilio's word for a message's state. It returns false for words that are not about an outgoing
// text, or that Twilio added later.
func Status(twilioStatus string) (desk.ReceiptStatus, bool) {
	switch twilioStatus {
	case "queued", "accepted", "scheduled", "sending":
		return desk.ReceiptAccepted, true
	case "sent":
		return desk.ReceiptSent, true
	case "delivered", "read":
		return desk.ReceiptDelivered, true
	case "undelivered":
		return desk.ReceiptUndelivered, true
	case "failed", "canceled":
		return desk.ReceiptFailed, true
	}
	return "", false
}

// parseMessage reads a message of Twilio's REST interface. An unknown state still proves that Twilio has the message,
// so it counts as accepted.
func parseMessage(m api.ApiV2010Message) (desk.SentText, error) {
	to, err := booking.ParseE164(text(m.To))
	if err != nil {
		return desk.SentText{}, ErrMessage
	}
	created, err := time.Parse(time.RFC1123Z, text(m.DateCreated))
	if err != nil || text(m.Sid) == "" {
		return desk.SentText{}, ErrMessage
	}
	status, known := Status(text(m.Status))
	if !known {
		status = desk.ReceiptAccepted
	}
	sent := desk.SentText{
		ProviderID: text(m.Sid), To: to, Body: text(m.Body), Status: status, CreatedAt: created.UTC(),
	}
	if m.ErrorCode != nil {
		sent.Code = *m.ErrorCode
	}
	return sent, nil
}

// text reads an optional text.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// isMessageSID reports whether s has the form of a Twilio message id ("SM" or "MM" and 32 hexadecimal digits).
func isMessageSID(s string) bool {
	return len(s) == sidLength && (s[:2] == "SM" || s[:2] == "MM") && hexadecimal(s[2:])
}

func hexadecimal(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}

func alphanumeric(s string) bool {
	for _, c := range s {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}
