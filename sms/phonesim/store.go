package phonesim

import (
	"sync"
	"sync/atomic"
	"time"

	"jari/booking"
)

// store keeps the newest messages. The oldest message of all is also the oldest of its phone, so that dropping it means
// cutting the head of two lists.
type store struct {
	maxMessages, maxBytes int

	version atomic.Uint64 // of all that the wall shows; rises with every change

	mu         sync.Mutex
	all        []*message // oldest first, from head on
	head       int
	seq        uint64
	bytes      int
	byID       map[string]*message
	byKey      map[string]string // ids of what a gateway took under a key
	threads    map[booking.Phone]*thread
	handsets   map[booking.Phone]*Handset // that are not as handsets are by default
	violations []Violation
	counts     Counts
}

// thread are one phone's messages, oldest first.
type thread struct {
	messages []*message
	read     uint64 // the last message that was on the screen when somebody looked
}

func newStore(maxMessages, maxBytes int) *store {
	return &store{
		maxMessages: maxMessages, maxBytes: maxBytes,
		byID: map[string]*message{}, byKey: map[string]string{}, threads: map[booking.Phone]*thread{}, handsets: map[booking.Phone]*Handset{},
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
	s.seq++
	m.seq = s.seq
	s.all = append(s.all, m)
	s.byID[m.id] = m
	if m.key != "" {
		s.byKey[m.key] = m.id
	}
	t := s.threads[m.phone]
	if t == nil {
		t = &thread{}
		s.threads[m.phone] = t
	}
	t.messages = append(t.messages, m)
	if m.way == inbound { // whoever texts has read
		t.read = m.seq
	}
	s.bytes += len(m.body)
	for len(s.all)-s.head > 1 && (len(s.all)-s.head > s.maxMessages || s.bytes > s.maxBytes) {
		s.dropOldest()
	}
	s.changed()
	return *m
}

// changed tells the wall that there is something new.
func (s *store) changed() { s.version.Add(1) }

func (s *store) dropOldest() {
	m := s.all[s.head]
	s.all[s.head] = nil
	s.head++
	if s.head > len(s.all)/2 {
		s.all = append([]*message(nil), s.all[s.head:]...)
		s.head = 0
	}
	delete(s.byID, m.id)
	delete(s.byKey, m.key)
	s.bytes -= len(m.body)
	t := s.threads[m.phone]
	t.messages[0] = nil
	if t.messages = t.messages[1:]; len(t.messages) == 0 {
		delete(s.threads, m.phone)
	}
}

// keyed returns a copy of the message that was taken under a key.
func (s *store) keyed(key string) (message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[s.byKey[key]]
	if !ok {
		return message{}, false
	}
	return *m, true
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

// advance moves a message on to a later status; a final one stays.
func (s *store) advance(id string, to step, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[id]
	if !ok || m.final() {
		return
	}
	m.status, m.code, m.updated = to.status, to.code, now
	if m.sent.IsZero() && to.status != "failed" {
		m.sent = now
	}
	s.changed()
}

// leave decides whether the handset shows a text, which counts from now on. It returns what the carrier will tell.
func (s *store) leave(m *message, filtered, landline bool) (code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code = s.handsets[m.phone].carries(m.ours, filtered, landline)
	if code != 0 {
		s.counts.Undelivered++
	}
	m.shown, m.full = code == 0, code == codeUnreachable && !s.handsets[m.phone].Off
	if kept, ok := s.byID[m.id]; ok {
		if kept.shown, kept.full = m.shown, m.full; m.shown {
			s.changed()
		}
	}
	return code
}

// hooked notes whether the webhook took a phone's text.
func (s *store) hooked(id string, to hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.byID[id]; ok && m.hook != hookTaken {
		m.hook = to
		s.changed()
	}
}

func (s *store) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

// handset copies a phone's state.
func (s *store) handset(phone booking.Phone) Handset {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handsets[phone].clone()
}

// change changes a phone's state.
func (s *store) change(phone booking.Phone, by func(*Handset)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.handsets[phone].clone()
	by(&h)
	if h.plain() {
		delete(s.handsets, phone)
	} else {
		s.handsets[phone] = &h
	}
	s.changed()
}

func (s *store) violate(v Violation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Violations++
	if len(s.violations) < maxViolations {
		s.violations = append(s.violations, v)
	}
}
