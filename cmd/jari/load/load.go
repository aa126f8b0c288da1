// Package load is what load tools share: invented people, a count of latencies, and a small HTTP/1.1 client: one goroutine,
// one connection, prepared requests. The client spends a tenth of what net/http's spends, because generator and server share
// the processors, and it can do what a client on a bad line does: cut a connection before the answer came.
//
// It speaks only what Jari's servers answer: a status line, headers, and a body with a Content-Length or in chunks.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"time"
)

// Response is one answer. Body is valid until the connection's next request.
type Response struct {
	Status     int
	RetryAfter int // seconds; 0 when the answer did not say
	Close      bool
	Body       []byte
}

// Conn is one keep-alive connection. It is not safe for concurrent use.
type Conn struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// maxAnswer bounds an answer's body, in bytes.
const maxAnswer = 1 << 20

// Dial connects to a server. local is the address to come from ("127.0.0.7"), for more connections than one address has
// ports; empty: any.
func Dial(ctx context.Context, addr, local string) (*Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	if local != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(local)}
	}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &Conn{conn: c, in: newReader(c)}, nil
}

// newReader is small because there are thousands: a line of an answer's head must fit.
func newReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 2048) }

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

// Abort ends the connection at once, with what is still under way thrown away: a line that broke.
func (c *Conn) Abort() error {
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	return c.conn.Close()
}

// Send writes a prepared request.
func (c *Conn) Send(request []byte, deadline time.Time) error {
	if err := c.conn.SetDeadline(deadline); err != nil {
		return err
	}
	_, err := c.conn.Write(request)
	return err
}

// Do writes a prepared request and reads the answer. After an error the connection is of no further use.
func (c *Conn) Do(request []byte, deadline time.Time) (Response, error) {
	if err := c.Send(request, deadline); err != nil {
		return Response{}, err
	}
	return c.Receive()
}

// ErrAnswer is returned for an answer that this client cannot read.
var ErrAnswer = errors.New("an answer that cannot be read")

// Receive reads the answer to the last request.
func (c *Conn) Receive() (Response, error) {
	var r Response
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return r, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return r, ErrAnswer
	}
	if r.Status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return r, ErrAnswer
	}
	length, chunked := -1, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return r, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil {
				return r, ErrAnswer
			}
		case bytes.EqualFold(name, []byte("Retry-After")):
			r.RetryAfter, _ = strconv.Atoi(string(value))
		case bytes.EqualFold(name, []byte("Connection")):
			r.Close = bytes.EqualFold(value, []byte("close"))
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	c.body = c.body[:0]
	switch {
	case r.Status == 304 || r.Status == 204:
	case chunked:
		err = c.readChunks()
	default:
		err = c.readBody(length)
	}
	r.Body = c.body
	return r, err
}

// readBody adds length bytes to the body.
func (c *Conn) readBody(length int) error {
	had := len(c.body)
	if length < 0 || had+length > maxAnswer {
		return ErrAnswer
	}
	c.body = slices.Grow(c.body, length)[:had+length]
	_, err := io.ReadFull(c.in, c.body[had:])
	return err
}

// readChunks reads a body that was written before its length was known (RFC 9112, 7.1). Trailers are passed over.
func (c *Conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(";"))
		length, err := strconv.ParseUint(string(size), 16, 31)
		if err != nil {
			return ErrAnswer
		}
		if length == 0 {
			break
		}
		if err := c.readBody(int(length)); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil {
			return err
		}
	}
	for {
		if line, err := c.in.ReadSlice('\n'); err != nil || len(bytes.TrimRight(line, "\r\n")) == 0 {
			return err
		}
	}
}

// Post prepares a POST request with a JSON body. secret is the bearer token; extra are whole header lines without the
// line's end.
func Post(host, path, secret string, body []byte, extra ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", path, host, secret, len(body))
	for _, line := range extra {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(body)
	return b.Bytes()
}

// Get prepares a GET request. secret may be empty.
func Get(host, path, secret string, extra ...string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
	if secret != "" {
		b.WriteString("Authorization: Bearer " + secret + "\r\n")
	}
	for _, line := range extra {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("\r\n")
	return b.Bytes()
}

// Pause waits, or returns the context's error when that ends before.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
