package phonesim

import (
	"context"
	"slices"
	"unicode/utf8"

	"jari/booking"
)

// Text sends a text from a phone to the number of the account that it last had to do with, or the first; see TextTo.
func (s *Server) Text(from booking.Phone, body string) (sid string) {
	return s.textTo(from, "", body)
}

// textTo sends a text to a number of the account; to none: to the one that the phone last had to do with.
func (s *Server) textTo(from booking.Phone, to, body string) string {
	if to == "" {
		to = s.store.lastOurs(from)
	}
	if to == "" {
		to = s.config.From
	}
	return s.TextTo(from, to, body)
}

// TextTo sends a text from a phone to one of the account's numbers; the webhook gets it in the background. It returns the
// message's id, or "" when it was not taken: no number, the phone switched off, longer than 1,600 characters, the queue full or the
// simulator stopped. STOP and its kin opt the phone out of that number at once, START and its kin back in, and the provider
// answers; the webhook sees those texts too.
func (s *Server) TextTo(from booking.Phone, to, body string) (sid string) {
	if from.IsZero() || s.lines.of(to) == nil || !utf8.ValidString(body) || utf8.RuneCountInString(body) > maxBody || s.network.full() ||
		s.store.handset(from).Off {
		return ""
	}
	now := s.config.Now()
	m := &message{
		id: newSID(), phone: from, ours: to, body: body, way: inbound, status: "received",
		created: now, sent: now, updated: now,
	}
	snapshot := s.store.add(m)
	if reply := s.obey(from, to, body); reply != "" {
		s.answer(snapshot, reply)
	}
	s.orderInbound(snapshot, newSID(), 0, 0)
	return snapshot.id
}

// Redeliver posts a phone's text to the webhook once more, with the same MessageSid, as a network does that missed the
// first answer. It returns false when there is no such text, or no longer.
func (s *Server) Redeliver(sid string) bool {
	m, found := s.store.get(sid)
	if !found || m.way != inbound {
		return false
	}
	s.orderInbound(m, newSID(), 0, 0)
	return true
}

// OnText sets the function that reads every text a handset shows, and may answer it: a reply that is not empty is sent
// as a text from that phone. It runs in CrowdWorkers goroutines at once and must return by itself. nil switches it off.
func (s *Server) OnText(react func(to booking.Phone, body string) (reply string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onText = react
}

// tellCrowd hands a shown text to the OnText function.
func (s *Server) tellCrowd(m message) {
	s.mu.Lock()
	react := s.onText
	s.mu.Unlock()
	if react == nil {
		return
	}
	ordered := s.crowd.add(0, func(context.Context) {
		if reply := react(m.phone, m.body); reply != "" {
			s.Text(m.phone, reply)
		}
	})
	if !ordered {
		s.store.count(func(c *Counts) { c.CrowdLost++ })
	}
}

// Log returns every kept text that was accepted for a handset, oldest first: exactly what the phones showed.
func (s *Server) Log() []Entry { return s.store.log() }

// Inbox returns what one phone showed, oldest first.
func (s *Server) Inbox(phone booking.Phone) []Entry {
	var entries []Entry
	for _, m := range s.store.thread(phone) {
		if m.shown {
			entries = append(entries, m.entry())
		}
	}
	return entries
}

// Counts returns the totals since the start.
func (s *Server) Counts() Counts {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.counts
}

// Violations returns the first 10,000 texts that no Korean carrier could have shown as written.
func (s *Server) Violations() []Violation {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return slices.Clone(s.store.violations)
}
