package phonesim

import (
	"encoding/json"
	"time"

	"jari/booking"
)

// direction is Twilio's word for who sent a message.
type direction string

const (
	inbound       direction = "inbound"        // from a phone
	outbound      direction = "outbound-api"   // to a phone, by REST
	outboundReply direction = "outbound-reply" // to a phone, as the answer to an inbound webhook, or by the provider itself
)

// message is one text in either direction. phone is always the person's number.
type message struct {
	id       string
	phone    booking.Phone
	ours     string // the account's number
	body     string
	way      direction
	status   string
	code     int // Twilio's, for what went wrong
	created  time.Time
	sent     time.Time // zero until it left for the carrier
	updated  time.Time
	callback string // where receipts go, may be empty
	key      string // under which a gateway took it, may be empty
	full     bool   // of an undelivered one: the handset had no room
	number   uint64 // the how manieth of its direction, for the dice
	seq      uint64 // the how manieth of all
	shown    bool   // on the handset's screen
	hook     hook   // of a phone's text
}

// hook is what became of the webhook of a phone's text.
type hook int

const (
	hookWaits hook = iota
	hookTaken
	hookLost // stands in the list only
)

// final reports whether nothing can become of a message any more.
func (m *message) final() bool {
	return m.status == "delivered" || m.status == "undelivered" || m.status == "failed"
}

// ends returns the sender and the addressee.
func (m message) ends() (from, to string) {
	if m.way == inbound {
		return m.phone.E164(), m.ours
	}
	return m.ours, m.phone.E164()
}

// Entry is one text as a handset showed it.
type Entry struct {
	ID      string
	To      booking.Phone
	From    string
	Body    string
	Carrier string    // the line that the carrier put above it, such as [Web발신]; empty outside Korea
	At      time.Time // when the network accepted it
}

// MarshalJSON writes the whole number: the log is for the caller who counts doubles.
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID      string    `json:"id"`
		To      string    `json:"to"`
		From    string    `json:"from"`
		Body    string    `json:"body"`
		Carrier string    `json:"carrier,omitempty"`
		At      time.Time `json:"at"`
	}{e.ID, e.To.E164(), e.From, e.Body, e.Carrier, e.At})
}

func (m *message) entry() Entry {
	return Entry{ID: m.id, To: m.phone, From: m.ours, Body: m.body, Carrier: carrierLine(m.phone, m.ours), At: m.created}
}

// Violation is a text that no Korean carrier could have shown as written. It is accepted all the same, because Twilio
// accepts it too; Rune is the first character that is outside KS X 1001.
type Violation struct {
	MessageID string    `json:"message_id"`
	Reason    string    `json:"reason"`
	Rune      string    `json:"rune"`
	At        time.Time `json:"at"`
}

// maxViolations bounds what is kept of them; the first ones are the useful ones.
const maxViolations = 10_000

// Counts are totals since the start, also of messages that are no longer kept.
type Counts struct {
	Accepted     uint64 `json:"accepted"`      // texts for handsets
	Refused      uint64 `json:"refused"`       // by a rule
	SlowedDown   uint64 `json:"slowed_down"`   // 429, by a fault or because a number's rate or a queue was full
	Broken       uint64 `json:"broken"`        // 503 in HTML
	Hung         uint64 `json:"hung"`          // accepted, and the answer never came
	Undelivered  uint64 `json:"undelivered"`   // accepted, and the handset never showed it
	Inbound      uint64 `json:"inbound"`       // texts from handsets
	InboundLost  uint64 `json:"inbound_lost"`  // whose webhook never succeeded
	ReceiptsLost uint64 `json:"receipts_lost"` // that the callback did not take
	CrowdLost    uint64 `json:"crowd_lost"`    // texts that the OnText function never saw, because its queue was full
	Violations   uint64 `json:"violations"`
}
