package gateway

import (
	"cmp"
	"errors"
	"strings"
	"time"

	"jari/booking/desk"
)

// errMessage is returned for a message whose id, number, state or time cannot be read. It never holds the value.
var errMessage = errors.New("unreadable message")

// maxID bounds the gateway's ids, which must be printable and may not end a path.
const maxID = 100

// message is a text that we sent, as the gateway has it.
type message struct {
	ID      string    `json:"id"`
	State   string    `json:"state"`
	Reason  string    `json:"reason"`
	To      string    `json:"to"`
	Text    string    `json:"text"`
	Created time.Time `json:"created_at"`
}

// state reads the gateway's word for what became of a text. The words are ours.
func state(word string) (desk.ReceiptStatus, bool) {
	s := desk.ReceiptStatus(word)
	return s, s.Rank() > 0
}

// reasonCode turns the gateway's word for why a text did not arrive into a code, and says whether the number will never accept a text from us. The codes
// are those that Twilio has for the same, so that what follows from a code is decided in one place; a word that we do not know, or none, is
// Twilio's code for "unknown".
func reasonCode(word string) (code int, permanent bool) {
	switch word {
	case "not_a_number":
		return 21211, true
	case "not_mobile":
		return 21614, true
	case "opted_out":
		return 21610, true
	case "landline":
		return 30006, true
	case "unknown_number":
		return 30005, true
	case "unreachable", "full":
		return 30003, false
	case "blocked":
		return 30004, false
	case "filtered":
		return 30007, false
	case "expired":
		return 30036, false
	case "queue_full":
		return 30001, false
	case "country":
		return 21408, false
	case "sender":
		return 21606, false
	case "too_long":
		return 21617, false
	}
	return 30008, false
}

// failureCode is reasonCode for a text that failed, and 0 for another.
func failureCode(s desk.ReceiptStatus, reason string) int {
	if s != desk.ReceiptUndelivered && s != desk.ReceiptFailed {
		return 0
	}
	code, _ := reasonCode(reason)
	return code
}

// goodID reports whether an id of the gateway can be kept and asked about.
func goodID(id string) bool {
	if id == "" || len(id) > maxID || strings.Trim(id, ".") == "" {
		return false
	}
	return !strings.ContainsFunc(id, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.'
	})
}

// separator stands between a provider's name and its id. Twilio's ids have none, and names have none.
const separator = ":"

// ours is an id as we keep it, which no other provider's can be; theirs is the way back, and ok is false for another provider's.
func (s *Sender) ours(id string) string { return s.config.Name + separator + id }

func (s *Sender) theirs(id string) (string, bool) {
	id, ok := strings.CutPrefix(id, s.config.Name+separator)
	return id, ok && goodID(id)
}

// sent reads a message.
func (s *Sender) sent(m message) (desk.SentText, error) {
	to, err := parseNumber(s.config.Country, m.To)
	st, known := state(m.State)
	if err != nil || !known || !goodID(m.ID) || m.Created.IsZero() {
		return desk.SentText{}, errMessage
	}
	return desk.SentText{ProviderID: s.ours(m.ID), To: to, Body: m.Text, Status: st, Code: failureCode(st, m.Reason), CreatedAt: m.Created.UTC()}, nil
}

// newestFirst orders messages as desk.Sender promises.
func newestFirst(a, b desk.SentText) int {
	return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ProviderID, a.ProviderID))
}
