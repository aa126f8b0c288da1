package phonesim

import (
	"slices"
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
		byID: map[string]*message{}, threads: map[booking.Phone]*thread{}, handsets: map[booking.Phone]*Handset{},
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
	s.bytes -= len(m.body)
	t := s.threads[m.phone]
	t.messages[0] = nil
	if t.messages = t.messages[1:]; len(t.messages) == 0 {
		delete(s.threads, m.phone)
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
	if kept, ok := s.byID[m.id]; ok && code == 0 {
		kept.shown = true
		s.changed()
	}
	m.shown = code == 0
	return code
}

// thread returns copies of a phone's messages, oldest first.
func (s *store) thread(phone booking.Phone) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[phone]
	if t == nil {
		return nil
	}
	list := make([]message, 0, len(t.messages))
	for _, m := range t.messages {
		list = append(list, *m)
	}
	return list
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

// lastOurs is the number of the account that a phone last heard from or texted to; empty when there is none.
func (s *store) lastOurs(phone booking.Phone) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[phone]
	if t == nil {
		return ""
	}
	for _, m := range slices.Backward(t.messages) {
		if m.way == inbound || m.shown {
			return m.ours
		}
	}
	return ""
}

// newest walks over copies from the newest message back, until visit returns false: from below a sequence number on, where there is one. A
// phone narrows it to one thread.
func (s *store) newest(phone booking.Phone, below uint64, visit func(*message) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all[s.head:]
	if !phone.IsZero() {
		list = nil
		if t := s.threads[phone]; t != nil {
			list = t.messages
		}
	}
	if below > 0 {
		end, _ := slices.BinarySearchFunc(list, below, func(m *message, seq uint64) int { return int(int64(m.seq) - int64(seq)) })
		list = list[:end]
	}
	for _, m := range slices.Backward(list) {
		if !visit(m) {
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
		if m.shown {
			entries = append(entries, m.entry())
		}
	}
	return entries
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
