package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"time"

	"jari/booking/desk"
)

// order is a text that is handed over.
type order struct {
	To    string `json:"to"`
	From  string `json:"from"`
	Text  string `json:"text"`
	Valid int    `json:"valid_seconds,omitempty"`
}

// Send hands one text over. A try whose outcome nobody knows is repeated under the same key, which the gateway takes for the same text; what
// stays unknown is repeated under text.Key when the message is sent again.
func (s *Sender) Send(ctx context.Context, text desk.OutgoingText) desk.SendResult {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	body, err := json.Marshal(order{To: text.To.E164(), From: s.config.From, Text: text.Body, Valid: wholeSeconds(text.ValidFor)})
	if err != nil {
		return desk.SendResult{Outcome: desk.SendNotSent}
	}
	key := text.Key
	if key == "" {
		key = rand.Text() // of this handing-over only
	}
	result := s.try(ctx, body, key)
	for _, pause := range [...]time.Duration{100 * time.Millisecond, 400 * time.Millisecond} {
		if result.Outcome != desk.SendUnknown || !wait(ctx, pause) {
			break
		}
		switch again := s.try(ctx, body, key); again.Outcome {
		case desk.SendAccepted, desk.SendRefused: // whoever refuses it now has not taken it before: a key is looked up first
			result = again
		default: // also "not sent" and "slow down" are about this try, and the one before may have arrived
		}
	}
	return result
}

// try hands the text over once, with half of the time at most, so that a silent try leaves time to ask what became of it.
func (s *Sender) try(ctx context.Context, body []byte, key string) desk.SendResult {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout/2)
	defer cancel()
	return s.outcome(s.call(ctx, http.MethodPost, "/messages", nil, body, key))
}

// wait reports false when the time is over first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// wholeSeconds rounds up; 0 stays "as long as the gateway tries by itself".
func wholeSeconds(d time.Duration) int {
	return int((max(d, 0) + time.Second - 1) / time.Second)
}
