package phonesim

import (
	"cmp"
	"io"
	"net/http"
	"strconv"
	"time"
)

// protocol is what the network speaks with the program under test: Twilio's interface or docs/gateway.md's. The handsets, numbers and faults
// behind it are the same.
type protocol interface {
	// mount adds the paths by which texts are handed over and looked up.
	mount(mux *http.ServeMux)
	// textLetter and receiptLetter are webhooks as they are posted now: a phone's text, and a step of a text to a phone. The token is the same in
	// every try of one delivery.
	textLetter(m message, target, token string) letter
	receiptLetter(m message, at step, token string) letter
	// again says whether a phone's text is posted once more after a try, counted from 0, that was answered with a status (0: not at all), and when.
	again(status, try int) (wait time.Duration, ok bool)
	// replies are the texts that the answer to a phone's text wants shown.
	replies(body []byte) []string
	// obeys reports whether the provider itself takes STOP and its kin for orders.
	obeys() bool
}

// letter is a signed request to a webhook. Without a target there is nobody to tell.
type letter struct {
	target, body string
	header       http.Header // keys as http.CanonicalHeaderKey has them
}

// struck draws what becomes of a text that is handed over before anything in it is looked at. Whoever is not lucky is counted.
func (s *Server) struck() (fate, Faults) {
	f, faults := s.dice.nextCreate()
	switch {
	case f == fateSlowDown || s.network.full():
		s.store.count(func(c *Counts) { c.SlowedDown++ })
		return fateSlowDown, faults
	case f == fateBreak:
		s.store.count(func(c *Counts) { c.Broken++ })
	}
	return f, faults
}

// handOver takes a text that keeps the rules, unless its number may send no more now; that is counted.
func (s *Server) handOver(o order, faults Faults) (message, verdict) {
	l := s.lines.of(o.from)
	v := l.admit(s.config.Now(), o.body)
	if v == verdictSlow || v == verdictFull {
		s.store.count(func(c *Counts) { c.SlowedDown++ })
		return message{}, v
	}
	return s.accept(l, o, outbound, v, faults), v
}

// perhapsHang keeps silent about a text that was taken, if that is its fate; then it does not return.
func (s *Server) perhapsHang(r *http.Request, m message, faults Faults) {
	if s.dice.hangs(m.number) {
		s.store.count(func(c *Counts) { c.Hung++ })
		s.hang(r, cmp.Or(faults.HangFor, defaultHang))
	}
}

// hang is silent for a while and then closes the connection without an answer. The caller's going away or Stop ends the
// silence early.
func (s *Server) hang(r *http.Request, silence time.Duration) {
	timer := time.NewTimer(silence)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.done:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// setRetryAfter tells how long to hold back, in whole seconds.
func setRetryAfter(w http.ResponseWriter, faults Faults) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int((faults.RetryAfter+time.Second-1)/time.Second))))
}

// writeBroken answers as a machine in front of a provider does that cannot reach it.
func writeBroken(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, "<!doctype html><html><body><h1>503 Service Unavailable</h1></body></html>\n")
}
