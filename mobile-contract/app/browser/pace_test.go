//go:build browser

package browser

import (
	"context"
	"net"
	"time"

	"golang.org/x/time/rate"
)

// pace is how slow a line is, for all its connections together.
type pace struct {
	down, up *rate.Limiter // bytes in a second
	trip     time.Duration // there and back
}

// packet is what goes over a slow line at once, in bytes.
const packet = 1400

// secondGeneration is a good 2G line (EDGE): 30 KB/s down, 6 KB/s up, 400 ms there and back. Nothing is easier on it than on a real one: what a real
// server's TLS costs is counted in the connection's beginning.
func secondGeneration() *pace {
	return &pace{rate.NewLimiter(30_000, packet), rate.NewLimiter(6_000, packet), 400 * time.Millisecond}
}

// slow makes a line slow; nil makes it fast again.
func (l *line) slow(p *pace) { l.pace.Store(p) }

type pacedListener struct {
	net.Listener
	line *line
}

func (p *pacedListener) Accept() (net.Conn, error) {
	connection, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &pacedConn{Conn: connection, line: p.line, fresh: true}, nil
}

// pacedConn is a connection of the line. A connection is read and written by one goroutine at a time.
type pacedConn struct {
	net.Conn
	line  *line
	fresh bool // nothing was read yet
	asked bool // something was read since the last write: the answer takes a trip
}

func (c *pacedConn) Read(b []byte) (int, error) {
	p := c.line.pace.Load()
	if p == nil {
		return c.Conn.Read(b)
	}
	n, err := c.Conn.Read(b[:min(len(b), packet)])
	if n > 0 {
		if c.fresh {
			wait(2 * p.trip) // TCP's greeting, and that of TLS 1.3
		}
		c.fresh, c.asked = false, true
		_ = p.up.WaitN(context.Background(), n)
	}
	return n, err
}

func (c *pacedConn) Write(b []byte) (written int, err error) {
	p := c.line.pace.Load()
	if p == nil {
		n, err := c.Conn.Write(b)
		c.line.bytes.Add(int64(n))
		return n, err
	}
	if c.asked {
		wait(p.trip)
	}
	c.asked = false
	for len(b) > 0 && err == nil {
		part := b[:min(len(b), packet)]
		_ = p.down.WaitN(context.Background(), len(part))
		var n int
		n, err = c.Conn.Write(part)
		c.line.bytes.Add(int64(n))
		written, b = written+n, b[n:]
	}
	return written, err
}

// wait is the time that bytes take on their way.
func wait(d time.Duration) { <-time.After(d) }
