package phonesim

import (
	"cmp"
	"slices"

	"jari/booking"
)

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

// oldest walks over the messages from the oldest on, behind a sequence number, until visit returns false.
func (s *store) oldest(behind uint64, visit func(*message) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.all[s.head:]
	begin, _ := slices.BinarySearchFunc(list, behind+1, func(m *message, seq uint64) int { return cmp.Compare(m.seq, seq) })
	for _, m := range list[begin:] {
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
