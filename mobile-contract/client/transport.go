package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is an HTTP answer, whole.
type Answer struct {
	Status     int
	RetryAfter int // seconds; 0 when it was not said
	ETag       string
	Date       time.Time // the server's clock; zero when it was not said
	JSON       bool      // it says that it is JSON or problem details
	Body       []byte
}

// Transport carries one request and brings its answer. An error means that there was no whole answer; the request may have arrived.
type Transport interface {
	Sync(ctx context.Context, body []byte) (Answer, error)
	// Get fetches a public document. etag is that of the copy at hand, or empty.
	Get(ctx context.Context, path, etag string) (Answer, error)
	// Own fetches what only the holder of a secret may read.
	Own(ctx context.Context, path, secret string) (Answer, error)
}

// HTTP speaks to a server. It follows no redirects: a request carries secrets.
type HTTP struct {
	Base   string       // such as https://example.org, without a slash at its end
	Lang   string       // for Accept-Language
	Client *http.Client // its Timeout should be set; nil means one with 20 seconds
}

// Bounds of answers, in bytes.
const (
	mostAnswer   = 1 << 20
	mostDocument = 32 << 20
)

// ErrTooLong is an answer beyond its bound.
var ErrTooLong = errors.New("an answer that is too long")

// NewHTTP speaks to one server.
func NewHTTP(base, lang string) *HTTP {
	return &HTTP{Base: strings.TrimSuffix(base, "/"), Lang: lang, Client: &http.Client{Timeout: 20 * time.Second}}
}

// Sync posts a batch.
func (h *HTTP) Sync(ctx context.Context, body []byte) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.Base+"/v1/sync", bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.GetBody = nil // repeating is the protocol's business: what comes twice must be meant
	return h.do(req, mostAnswer)
}

// Get fetches a document.
func (h *HTTP) Get(ctx context.Context, path, etag string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Base+path, http.NoBody)
	if err != nil {
		return Answer{}, fmt.Errorf("make a request: %w", err)
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	return h.do(req, mostDocument)
}

// Own fetches what is the holder's.
func (h *HTTP) Own(ctx context.Context, path, secret string) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Base+path, http.NoBody)
	if err != nil {
		return Answer{}, fmt.Errorf("make a request: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	return h.do(req, mostAnswer)
}

func (h *HTTP) do(req *http.Request, most int64) (Answer, error) {
	if h.Lang != "" {
		req.Header.Set("Accept-Language", h.Lang)
	}
	var c http.Client
	if h.Client != nil {
		c = *h.Client
	} else {
		c.Timeout = 20 * time.Second
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("reach the server: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > most {
		return Answer{}, ErrTooLong
	}
	a := Answer{Status: res.StatusCode, ETag: res.Header.Get("ETag"), Body: body}
	a.RetryAfter, _ = strconv.Atoi(res.Header.Get("Retry-After")) // a date there is not the contract's
	a.Date, _ = http.ParseTime(res.Header.Get("Date"))
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	a.JSON = kind == "application/json" || kind == "application/problem+json"
	return a, nil
}
