// Package wire is what the adapters of providers have in common, whatever their providers' words are: the transport of their requests, whether
// a request can have arrived, and what a text from a person must be before it is kept.
package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"
)

// idleConnections is kept above net/http's default of 2 so that parallel workers do not reconnect on every call.
const idleConnections = 32

// Transport is an adapter's own. A handshake takes as long as a call may.
func Transport(timeout time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: timeout,
	}
}

// Watch is a context for one request, and tells whether the request got a connection to write to.
func Watch(ctx context.Context) (watched context.Context, connected func() bool) {
	var got atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }}
	return httptrace.WithClientTrace(ctx, trace), got.Load
}

// SurelyNotSent reports whether nothing of a request that failed can have reached the provider: the name was not found, the connection was refused,
// or (with net/http's own transport, whose trace can be trusted) there never was a connection to write to, because the handshake failed or
// the time ran out first.
func SurelyNotSent(err error, connected bool, by http.RoundTripper) bool {
	if connected {
		return false
	}
	var op *net.OpError
	var name *net.DNSError
	if (errors.As(err, &op) && op.Op == "dial") || errors.As(err, &name) {
		return true
	}
	_, standard := by.(*http.Transport)
	return standard
}

// Clean repairs a text from a person so that PostgreSQL can store it, because refusing it would lose it: it drops NUL, replaces bytes that are not
// UTF-8 and cuts to so many characters.
func Clean(s string, most int) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	count := 0
	for i := range s {
		if count == most {
			return s[:i]
		}
		count++
	}
	return s
}
