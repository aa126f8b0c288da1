package phonesim

import (
	"context"
	"slices"
	"unicode/utf8"

	"jari/booking"
)

// Text sends a text from a phone to the account's number; the webhook gets it in the background. It returns the
// message's id, or "" when it was not taken: no number, longer than 1,600 characters, the queue full or the simulator
// stopped. STOP and its kin opt the phone out at once, START and its kin back in; the webhook sees those texts too.
func (s *Server) Text(from booking.Phone, body string) (sid string) {
	if from.IsZero() || !utf8.ValidString(body) || utf8.RuneCountInString(body) > maxBody || s.network.full() {
		return ""
	}
	if out, in := optWord(body); out || in {
		s.store.setOptedOut(from, out)
	}
	now := s.config.Now()
	m := &message{
		id: newSID(), phone: from, ours: s.config.From, body: body, way: inbound, status: "received",
		created: now, sent: now, updated: now,
	}
	snapshot := s.store.add(m)
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
		if m.way != inbound {
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
