package phonesim

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"jari/booking"
	"jari/sms/gateway"
)

// maxKey bounds an Idempotency-Key, in bytes.
const maxKey = 200

// gatewayOrder is a text that is handed over to a gateway.
type gatewayOrder struct {
	To    string `json:"to"`
	From  string `json:"from"`
	Text  string `json:"text"`
	Valid int    `json:"valid_seconds"`
}

// take takes a text once under its key.
func (g *asGateway) take(w http.ResponseWriter, r *http.Request, body []byte) {
	var in gatewayOrder
	key, ok := readKey(r.Header.Get(gateway.KeyHeader))
	if !ok || json.Unmarshal(body, &in) != nil || in.Text == "" || in.Valid < 0 {
		writeProblem(w, http.StatusBadRequest, "expected a JSON object with to, from and text, and a quoted Idempotency-Key")
		return
	}
	known, before, mine := g.claim(key)
	switch {
	case before:
		writeJSON(w, http.StatusOK, newGatewayText(known))
		return
	case !mine:
		writeProblem(w, http.StatusConflict, "a request with this key is being worked on")
		return
	}
	m, faults, taken := g.takeNew(w, key, in)
	g.release(key) // before any silence: whoever asks again meanwhile is told of it
	if taken {
		g.perhapsHang(r, m, faults)
		writeJSON(w, http.StatusCreated, newGatewayText(m))
	}
}

// takeNew takes a text that was not there before. What is not taken it answers.
func (g *asGateway) takeNew(w http.ResponseWriter, key string, in gatewayOrder) (m message, faults Faults, taken bool) {
	fate, faults := g.struck()
	switch fate {
	case fateSlowDown:
		setRetryAfter(w, faults)
		writeProblem(w, http.StatusTooManyRequests, "too fast")
		return m, faults, false
	case fateBreak:
		writeBroken(w)
		return m, faults, false
	}
	wanted, reason := g.checkGatewayOrder(in)
	if reason != "" {
		g.store.count(func(c *Counts) { c.Refused++ })
		writeJSON(w, http.StatusUnprocessableEntity, map[string]string{"reason": reason})
		return m, faults, false
	}
	wanted.key = key
	m, v := g.handOver(wanted, faults)
	if v == verdictSlow || v == verdictFull {
		w.Header().Set("Retry-After", "1") // the next second
		writeProblem(w, http.StatusTooManyRequests, "this number sends no more now")
		return m, faults, false
	}
	return m, faults, true
}

// checkGatewayOrder says, by the interface's word, why a text will never be taken.
func (g *asGateway) checkGatewayOrder(in gatewayOrder) (o order, reason string) {
	to, err := booking.ParseE164(in.To)
	if err != nil {
		return o, "not_a_number"
	}
	if g.lines.of(in.From) == nil {
		return o, "sender"
	}
	if utf8.RuneCountInString(in.Text) > maxBody {
		return o, "too_long"
	}
	if r := g.checkPhone(to, in.From); r != nil {
		return o, gatewayReason(r.code, false)
	}
	valid := time.Duration(min(in.Valid, int(maxQueueFor/time.Second))) * time.Second
	return order{to: to, from: in.From, body: in.Text, callback: g.config.Gateway.ReceiptsURL, validFor: valid}, ""
}

// claim takes a key for one request. before says that a text was taken under it, which is returned; mine that it is this request's until release.
func (g *asGateway) claim(key string) (known message, before, mine bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if known, before = g.store.keyed(key); before || g.busy[key] {
		return known, before, false
	}
	g.busy[key] = true
	return known, false, true
}

func (g *asGateway) release(key string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.busy, key)
}

// readKey takes the quotes off a key.
func readKey(header string) (key string, ok bool) {
	key, begun := strings.CutPrefix(header, `"`)
	key, ended := strings.CutSuffix(key, `"`)
	bad := func(c rune) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' }
	return key, begun && ended && key != "" && len(key) <= maxKey && !strings.ContainsFunc(key, bad)
}
