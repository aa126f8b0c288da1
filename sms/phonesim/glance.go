package phonesim

import (
	"slices"

	"jari/booking"
)

// glance is what the wall shows of a phone.
type glance struct {
	phone    booking.Phone
	messages []message // the last ones that were on its screen, oldest first
	unread   int
	trouble  bool // something that was sent to it lately did not arrive
	state    Handset
}

// glance looks at the last messages of a phone, at most so many on its screen.
func (s *store) glance(phone booking.Phone, most int) glance {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := glance{phone: phone, state: s.handsets[phone].clone()}
	t := s.threads[phone]
	if t == nil {
		return g
	}
	looked := 0
	for _, m := range slices.Backward(t.messages) {
		if looked++; looked > shownMessages {
			break
		}
		switch {
		case m.way == inbound, m.shown:
			if len(g.messages) < most {
				g.messages = append(g.messages, *m)
			}
			if m.shown && m.seq > t.read {
				g.unread++
			}
		case m.code != 0:
			g.trouble = true
		}
	}
	slices.Reverse(g.messages)
	return g
}

// markRead notes that somebody has looked at a phone.
func (s *store) markRead(phone booking.Phone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.threads[phone]; t != nil && t.read < s.seq {
		if last := t.messages[len(t.messages)-1]; t.read < last.seq {
			s.changed()
		}
		t.read = s.seq
	}
}

// recent lists phones, the one with the newest message first, until it has enough of them or has looked at so many messages.
func (s *store) recent(enough, most int) (order []booking.Phone) {
	seen := map[booking.Phone]bool{}
	s.newest(booking.Phone{}, 0, func(m *message) bool {
		if !seen[m.phone] {
			seen[m.phone] = true
			order = append(order, m.phone)
		}
		most--
		return most > 0 && len(order) < enough
	})
	return order
}
