package conformance

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// cutAfter says how much of a request is sent before the connection is cut.
type cutAfter int

const (
	cutHalfway  cutAfter = iota // in the middle of the body
	cutUnread                   // all of it is sent, and no answer read
	cutInAnswer                 // after the answer's first byte
)

func (c cutAfter) String() string {
	return [...]string{"in the middle of the request", "after the request", "at the answer's first byte"}[c]
}

// cut sends a request on a connection of its own and cuts that. What the server makes of it is not known, as on a train.
func (t *trial) cut(r request, after cutAfter) {
	if t.over() {
		return
	}
	if err := t.session.sendAndCut(t.ctx, r, after); err != nil {
		t.fail("a connection to send on, and to cut "+after.String(), err.Error())
	}
}

func (s *session) sendAndCut(ctx context.Context, r request, after cutAfter) error {
	req, err := s.newRequest(ctx, r)
	if err != nil {
		return err
	}
	conn, err := s.dial(ctx, req)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(requestTime)); err != nil {
		return err
	}
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return err
	}
	all := wire.Bytes()
	if after == cutHalfway {
		all = all[:len(all)-int(max(req.ContentLength, 2))/2]
	}
	if _, err := conn.Write(all); err != nil {
		return err
	}
	if after == cutInAnswer {
		_, err = io.ReadFull(conn, make([]byte, 1))
		if errors.Is(err, io.EOF) { // the server has cut it itself
			return nil
		}
	}
	return err
}

func (s *session) dial(ctx context.Context, req *http.Request) (net.Conn, error) {
	host := req.URL.Host
	if req.URL.Port() == "" {
		host = net.JoinHostPort(req.URL.Hostname(), map[string]string{"http": "80", "https": "443"}[req.URL.Scheme])
	}
	if req.URL.Scheme == "https" {
		d := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}}
		return d.DialContext(ctx, "tcp", host)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", host)
}
