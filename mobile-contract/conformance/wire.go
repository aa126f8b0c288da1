package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// request is one call. A body is sent as it is when it is text, and as JSON otherwise; nil is none.
type request struct {
	method string
	path   string // from the contract's root
	what   string // for people, where the path holds a reference; empty: the path itself
	secret string
	body   any
	header []string // names and values in turn
}

// longestAnswer bounds what is read of an answer, in bytes.
const longestAnswer = 32 << 20

// do sends a request and reads the answer, which is also held against the contract. What goes wrong on the way fails the trial.
func (t *trial) do(r request) answer {
	a := answer{what: r.method + " " + r.path, header: http.Header{}}
	if r.what != "" {
		a.what = r.method + " " + r.what
	}
	if t.over() {
		return a
	}
	t.mu.Lock()
	t.request = a.what
	t.mu.Unlock()
	got, err := t.session.send(t.ctx, r)
	if err != nil {
		t.fail(a.what+": an answer", strings.ReplaceAll(err.Error(), r.path, "…"))
		return a
	}
	got.what = a.what
	t.session.judge.look(t.ctx, r.method, r.path, got)
	return got
}

// errTooLong: an answer of more than longestAnswer.
var errTooLong = errors.New("an answer without end")

func (s *session) send(ctx context.Context, r request) (answer, error) {
	req, err := s.newRequest(ctx, r)
	if err != nil {
		return answer{}, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	if err == nil && len(raw) > longestAnswer {
		err = errTooLong
	}
	if err != nil {
		return answer{}, fmt.Errorf("read the answer: %w", err)
	}
	return answer{status: resp.StatusCode, header: resp.Header, raw: raw, body: decoded(raw)}, nil
}

func (s *session) newRequest(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader = http.NoBody
	switch b := r.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, s.base+r.path, body)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.secret != "" {
		req.Header.Set("Authorization", "Bearer "+r.secret)
	}
	for i := 0; i+1 < len(r.header); i += 2 {
		if r.header[i+1] == "" {
			req.Header.Del(r.header[i])
			continue
		}
		req.Header.Set(r.header[i], r.header[i+1])
	}
	return req, nil
}

func (t *trial) get(path string, header ...string) answer {
	return t.do(request{method: http.MethodGet, path: path, header: header})
}

// requestTime is how long one answer may take.
const requestTime = 20 * time.Second

// newClient makes a client that follows no redirect: the contract has none.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       requestTime,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
