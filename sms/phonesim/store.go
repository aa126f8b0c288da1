package phonesim

import (
	"encoding/json"
	"sync"
	"time"

	"jari/booking"
)

// direction is Twilio's word for who sent a message.
type direction string

const (
	inbound       direction = "inbound"        // from a phone
	outbound      direction = "outbound-api"   // to a phone, by REST
	outboundReply direction = "outbound-reply" // to a phone, as the answer to an inbound webhook
)

// message is one text in either direction. phone is always the person's number.
type message struct {
	id       string
	phone    booking.Phone
	ours     string // the account's number
	body     string
	way      direction
	status   string
	created  time.Time
	sent     time.Time // zero until it left for the carrier
	updated  time.Time
	callback string // where receipts go, may be empty
	number   uint64 // the how manieth of its direction, for the dice
}

// Entry is one text as a handset showed it.
type Entry struct {
	ID   string
	To   booking.Phone
	From string
	Body string
	At   time.Time // when the network accepted it
}

// MarshalJSON writes the whole number: the log is for the caller who counts doubles.
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID   string    `json:"id"`
		To   string    `json:"to"`
		From string    `json:"from"`
		Body string    `json:"body"`
		At   time.Time `json:"at"`
	}{e.ID, e.To.E164(), e.From, e.Body, e.At})
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
	SlowedDown   uint64 `json:"slowed_down"`   // 429, by a fault or because the queue was full
	Broken       uint64 `json:"broken"`        // 503 in HTML
	Hung         uint64 `json:"hung"`          // accepted, and the answer never came
	Inbound      uint64 `json:"inbound"`       // texts from handsets
	InboundLost  uint64 `json:"inbound_lost"`  // whose webhook never succeeded
	ReceiptsLost uint64 `json:"receipts_lost"` // that the callback did not take
	CrowdLost    uint64 `json:"crowd_lost"`    // texts that the OnText function never saw, because its queue was full
	Violations   uint64 `json:"violations"`
}

// store keeps the newest messages. The oldest message of all is also the oldest of its phone, so that dropping it means
// cutting the head of two lists.
type store struct {
	maxMessages, maxBytes int

	mu         sync.Mutex
	all        []*message // oldest first, from head on
	head       int
	bytes      int
	byID       map[string]*message
	threads    map[booking.Phone][]*message
	optedOut   map[booking.Phone]bool
	violations []Violation
	counts     Counts
}

func newStore(maxMessages, maxBytes int) *store {
	return &store{
		maxMessages: maxMessages, maxBytes: maxBytes,
		byID: map[string]*message{}, threads: map[booking.Phone][]*message{}, optedOut: map[booking.Phone]bool{},
	}
}

// add keeps a message, gives it its number and drops the oldest ones when there are too many. It returns a copy; the
// message itself belongs to the store from now on.
func (s *store) add(m *message) message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.way == inbound {
		m.number = s.counts.Inbound
		s.counts.Inbound++
	} else {
		m.number = s.counts.Accepted
		s.counts.Accepted++
	}
	s.all = append(s.all, m)
	s.byID[m.id] = m
	s.threads[m.phone] = append(s.threads[m.phone], m)
	s.bytes += len(m.body)
	for len(s.all)-s.head > 1 && (len(s.all)-s.head > s.maxMessages || s.bytes > s.maxBytes) {
		s.dropOldest()
	}
	return *m
}

func (s *store) dropOldest() {
	m := s.all[s.head]
	s.all[s.head] = nil
	s.head++
	if s.head > len(s.all)/2 {
		s.all = append([]*message(nil), s.all[s.head:]...)
		s.head = 0
	}
	delete(s.byID, m.id)
	s.bytes -= len(m.body)
	thread := s.threads[m.phone]
	thread[0] = nil
	if len(thread) == 1 {
		delete(s.threads, m.phone)
	} else {
		s.threads[m.phone] = thread[1:]
	}
}

// get returns a copy of a message.
func (s *store) get(id string) (message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[id]
	if !ok {
		return message{}, false
	}
	return *m, true
}

// advance moves a message on to a later status; "delivered" is final.
func (s *store) advance(id, status string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[id]
	if !ok || m.status == "delivered" {
		return
	}
	m.status, m.updated = status, now
	if m.sent.IsZero() {
		m.sent = now
	}
}

// thread returns copies of a phone's messages, oldest first.
func (s *store) thread(phone booking.Phone) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]message, 0, len(s.threads[phone]))
	for _, m := range s.threads[phone] {
		list = append(list, *m)
	}
	return list
}

// newest walks over copies from the newest message back, until visit returns false. A phone narrows it to one thread.
func (s *store) newest(phone booking.Phone, visit func(message) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all[s.head:]
	if !phone.IsZero() {
		list = s.threads[phone]
	}
	for i := len(list) - 1; i >= 0; i-- {
		if !visit(*list[i]) {
			return
		}
	}
}

// log returns what handsets showed, oldest first.
func (s *store) log() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	entries := make([]Entry, 0, len(s.all)-s.head)
	for _, m := range s.all[s.head:] {
		if m.way != inbound {
			entries = append(entries, m.entry())
		}
	}
	return entries
}

func (m *message) entry() Entry {
	return Entry{ID: m.id, To: m.phone, From: m.ours, Body: m.body, At: m.created}
}

func (s *store) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

func (s *store) setOptedOut(phone booking.Phone, out bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if out {
		s.optedOut[phone] = true
	} else {
		delete(s.optedOut, phone)
	}
}

func (s *store) isOptedOut(phone booking.Phone) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.optedOut[phone]
}

func (s *store) violate(v Violation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Violations++
	if len(s.violations) < maxViolations {
		s.violations = append(s.violations, v)
	}
}
