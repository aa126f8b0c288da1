// Package load is a small HTTP/1.1 client for load tools: one goroutine, one connection, prepared requests. It spends a
// tenth of what net/http's client spends, because generator and server share the processors, and it can do what a client
// on a bad line does: cut a connection before the answer came.
//
// It speaks only what Jari's servers answer: a status line, headers, and a body with a Content-Length.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
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
	return &Conn{conn: c, in: bufio.NewReaderSize(c, 2048)}, nil
}

// Close ends the connection.
func (c *Conn) Close() error { return c.conn.Close() }

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
	length := -1
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
		}
	}
	if r.Status == 304 || r.Status == 204 {
		length = 0
	}
	if length < 0 || length > maxAnswer {
		return r, ErrAnswer
	}
	if cap(c.body) < length {
		c.body = make([]byte, length)
	}
	r.Body = c.body[:length]
	_, err = io.ReadFull(c.in, r.Body)
	return r, err
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
