//go:build browser

package browser

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"time"
)

// exchange is one request under way.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	line *line
	body []byte
}

// accident is what happens to a request.
type accident func(*exchange)

// waiting is an accident that takes the next request that it matches.
type waiting struct {
	match   string
	happens accident
}

// next lets something happen to the next request that a match names, once. Several are taken in their order.
func (l *line) next(match string, happens accident) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, waiting{match, happens})
}

// from now on the accident happens to all requests; nil ends it.
func (l *line) from(happens accident) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.always = happens
}

// take is what happens to a request; the lock is held.
func (l *line) take(r request) accident {
	for i, w := range l.waiting {
		if r.is(w.match) {
			l.waiting = append(l.waiting[:i:i], l.waiting[i+1:]...)
			return w.happens
		}
	}
	return l.always
}

// through is no accident: the server answers.
func through(e *exchange) {
	a, err := e.line.fetch(e.r, e.body)
	if err != nil {
		e.hangUp()
		return
	}
	maps.Copy(e.w.Header(), a.header)
	e.w.WriteHeader(a.code)
	_, _ = e.w.Write(a.body)
}

// lost is a request that never arrives.
func lost(e *exchange) { e.hangUp() }

// cut lets the request arrive and the answer break off after so many bytes of its body; less than none: before its first byte.
func cut(after int) accident {
	return func(e *exchange) {
		a, err := e.line.fetch(e.r, e.body)
		if err != nil || after < 0 {
			e.hangUp()
			return
		}
		connection, buffered, err := http.NewResponseController(e.w).Hijack()
		if err != nil {
			return
		}
		defer connection.Close()
		_, _ = fmt.Fprintf(buffered, "HTTP/1.1 %s\r\n", a.status)
		_ = a.header.Write(buffered)
		_, _ = buffered.WriteString("\r\n")
		_, _ = buffered.Write(a.body[:min(after, len(a.body)-1)])
		_ = buffered.Flush()
	}
}

// gate keeps requests back until it is opened.
type gate struct{ came, opened chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}, 100), make(chan struct{})} }

// hold is the accident; then what happens once the gate is open.
func (g *gate) hold(then accident) accident {
	return func(e *exchange) {
		g.came <- struct{}{}
		select {
		case <-g.opened:
			then(e)
		case <-e.line.s.Context().Done():
			e.hangUp()
		}
	}
}

// waits until a request stands at the gate.
func (g *gate) waits(s *stage) {
	s.Helper()
	select {
	case <-g.came:
	case <-time.After(patience):
		s.Fatalf("nothing has come to the gate in %s", patience)
	}
}

func (g *gate) open() { close(g.opened) }

// answered is an answer of somebody else's.
func answered(status int, kind, body string) accident {
	return func(e *exchange) {
		e.w.Header().Set("Content-Type", kind)
		e.w.WriteHeader(status)
		_, _ = e.w.Write([]byte(body))
	}
}

// portal is what a café's network answers to everything until somebody has logged in.
func portal() accident {
	return answered(http.StatusOK, "text/html; charset=utf-8", "<!doctype html><title>Free Wi-Fi</title><h1>Welcome!</h1><form><button>Log in</button></form>")
}

// hangUp breaks the connection without a word.
func (e *exchange) hangUp() {
	connection, _, err := http.NewResponseController(e.w).Hijack()
	if err != nil {
		return
	}
	if paced, ok := connection.(*pacedConn); ok {
		if tcp, ok := paced.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	}
	_ = connection.Close()
}
