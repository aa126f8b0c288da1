package phonesim

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

// maxReply bounds what is read of a webhook's answer.
const maxReply = 64 << 10

// accept takes a text for a handset that its number's line has admitted: it is kept, and leaves at once or when its turn comes.
func (s *Server) accept(l *line, o order, way direction, v verdict, faults Faults) message {
	now := s.config.Now()
	m := &message{
		id: newSID(), phone: o.to, ours: o.from, body: o.body, way: way, status: "queued",
		created: now, updated: now, callback: o.callback, key: o.key,
	}
	if strings.HasPrefix(o.to.E164(), "+82") {
		if r, bad := unsendableInKorea(o.body); bad {
			s.store.violate(Violation{MessageID: m.id, Reason: "not sendable in Korea", Rune: string(r), At: now})
		}
	}
	snapshot := s.store.add(m)
	if v == verdictWait {
		s.wait(l, snapshot, o.validFor, faults)
	} else {
		s.leave(snapshot, faults)
	}
	return snapshot
}

// leave hands a text to its carrier: the handset shows it, or never will, and its receipts are ordered.
func (s *Server) leave(m message, faults Faults) {
	l := s.lines.of(m.ours)
	code := s.store.leave(&m, l != nil && l.current().Filtered, s.landline(m.phone) != "")
	last := step{"delivered", 0}
	if code != 0 {
		last = step{"undelivered", code}
	}
	steps := []step{{"sent", 0}, last}
	if s.dice.draw(drawShuffled, m.number) < faults.RateReceiptShuffled {
		steps[0], steps[1] = steps[1], steps[0]
	}
	s.orderReceipts(m, steps, faults)
	if code == 0 {
		s.tellCrowd(m)
	}
}

// step is one that a message takes at the provider.
type step struct {
	status string
	code   int
}

// orderReceipts moves the message on, one step after the other, each after its delay.
func (s *Server) orderReceipts(m message, steps []step, faults Faults) {
	times := 1
	if s.dice.draw(drawTwice, m.number) < faults.RateReceiptTwice {
		times = 2
	}
	var take func(i int)
	take = func(i int) {
		if i == len(steps) {
			return
		}
		span := float64(faults.ReceiptDelayMax - faults.ReceiptDelayMin)
		delay := faults.ReceiptDelayMin + time.Duration(span*s.dice.draw(drawDelay+uint64(i), m.number))
		ordered := s.network.add(delay, func(ctx context.Context) {
			s.store.advance(m.id, steps[i], s.config.Now())
			for range times {
				s.postReceipt(ctx, m, steps[i])
			}
			take(i + 1)
		})
		if !ordered && m.callback != "" {
			s.store.count(func(c *Counts) { c.ReceiptsLost += uint64((len(steps) - i) * times) })
		}
	}
	take(0)
}

// postReceipt posts one receipt. As at Twilio by default, only a broken connection is tried once more; a receipt that
// was answered with an error is lost.
func (s *Server) postReceipt(ctx context.Context, m message, at step) {
	if m.callback == "" {
		return
	}
	token := newSID()
	answer, _ := s.post(ctx, s.speaks.receiptLetter(m, at, token))
	if answer == 0 && ctx.Err() == nil {
		answer, _ = s.post(ctx, s.speaks.receiptLetter(m, at, token))
	}
	if answer < 200 || answer >= 300 {
		s.store.count(func(c *Counts) { c.ReceiptsLost++ })
		s.config.Log.Debug("receipt lost", "message", m.id, "status", answer)
	}
}

// orderInbound posts a phone's text to the webhook. The try counts from 0; one that failed is repeated, under the same id, as the protocol
// has it. Texts of one phone may overtake each other, as they do at Twilio.
func (s *Server) orderInbound(m message, token string, try int, wait time.Duration) {
	target := s.inboundURL(m.ours)
	if target == "" {
		s.loseInbound(m.id)
		return
	}
	ordered := s.network.add(wait, func(ctx context.Context) {
		status, body := s.post(ctx, s.speaks.textLetter(m, target, token))
		if status >= 200 && status < 300 {
			s.store.hooked(m.id, hookTaken)
			s.deliverReplies(m, body)
			return
		}
		if wait, again := s.speaks.again(status, try); again && ctx.Err() == nil {
			s.orderInbound(m, token, try+1, wait)
			return
		}
		s.loseInbound(m.id)
		s.config.Log.Warn("inbound text lost", "message", m.id, "status", status, "tries", try+1)
	})
	if !ordered {
		s.loseInbound(m.id)
	}
}

// loseInbound notes that a phone's text stands in the list only.
func (s *Server) loseInbound(id string) {
	s.store.count(func(c *Counts) { c.InboundLost++ })
	s.store.hooked(id, hookLost)
}

// inboundURL is where texts to one of our numbers are posted.
func (s *Server) inboundURL(ours string) string {
	if l := s.lines.of(ours); l != nil {
		if own := l.current().InboundURL; own != "" {
			return own
		}
	}
	return s.config.InboundURL
}

// deliverReplies shows the phone what a webhook answered. Replies obey the same rules as other texts and get no receipts, because no
// status callback was given.
func (s *Server) deliverReplies(to message, body []byte) {
	for _, text := range s.speaks.replies(body) {
		if text == "" || utf8.RuneCountInString(text) > maxBody || s.checkPhone(to.phone, to.ours) != nil {
			s.store.count(func(c *Counts) { c.Refused++ })
			continue
		}
		s.answer(to, text)
	}
}

// answer texts back to a phone without a request: nobody can be told to slow down, so all wait that cannot go.
func (s *Server) answer(to message, body string) {
	l := s.lines.of(to.ours)
	if l == nil {
		return
	}
	v := l.admit(s.config.Now(), body)
	if v != verdictGo && v != verdictWait {
		s.store.count(func(c *Counts) { c.Refused++ })
		return
	}
	s.accept(l, order{to: to.phone, from: to.ours, body: body}, outboundReply, v, s.dice.current())
}

// post sends a letter. It returns the status, 0 when there was no answer, and the answer's body up to maxReply.
// It uses the transport itself: there are two posts for each text, and an
// http.Client's work of cookies and redirects, none of which are wanted, would be a quarter of what a text costs.
func (s *Server) post(ctx context.Context, l letter) (int, []byte) {
	ctx, cancel := context.WithTimeout(ctx, s.config.HookTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.target, strings.NewReader(l.body))
	if err != nil {
		return 0, nil
	}
	req.Header = l.header
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	if resp.ContentLength == 0 {
		return resp.StatusCode, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply))
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, body
}
