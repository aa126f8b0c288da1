package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	receivedKey  = "jari/received"
	requestIDKey = "jari/request-id"

	// operationTime bounds one operation. It is below the write timeout of NewHTTPServer.
	operationTime = 10 * time.Second
)

// receive takes our instant of receipt before anything else is done, the body's reading included.
func (s *Server) receive(c *gin.Context) {
	c.Set(receivedKey, s.cfg.Desk.Now().Truncate(time.Microsecond))
}

// received is the instant that receive took.
func received(c *gin.Context) time.Time { return c.GetTime(receivedKey) }

// observe gives the request an id, logs it and counts it. A log line has the route's pattern, never the path, because a
// path holds a reference; and no address, because an address is personal data.
func (s *Server) observe(c *gin.Context) {
	began := time.Now()
	id := rand.Text()
	c.Set(requestIDKey, id)
	c.Header("X-Request-Id", id)
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c.Next()

	route, method, took := routeOf(c), methodOf(c.Request), time.Since(began)
	s.metrics.observe(route, method, c.Writer.Status(), took)
	s.log.LogAttrs(c.Request.Context(), slog.LevelInfo, "request",
		slog.String("request_id", id), slog.String("method", method), slog.String("route", route),
		slog.Int("status", c.Writer.Status()), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took))
}

func routeOf(c *gin.Context) string {
	if p := c.FullPath(); p != "" {
		return p
	}
	return "none"
}

// methodOf keeps invented methods out of labels and logs.
func methodOf(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

// recoverPanic answers 500 when something panics. Only the panic's type, a runtime error's own text and the stack are
// logged: a value could hold personal data.
func (s *Server) recoverPanic(c *gin.Context) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it in the same way
			panic(p)
		}
		what := fmt.Sprintf("%T", p)
		if e, ok := p.(runtime.Error); ok {
			what = e.Error()
		}
		s.log.LogAttrs(c.Request.Context(), slog.LevelError, "panic",
			slog.String("request_id", c.GetString(requestIDKey)), slog.String("route", routeOf(c)),
			slog.String("panic", what), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			c.Abort()
			panic(http.ErrAbortHandler) // the answer is broken off, so that nobody takes it for whole
		}
		s.render(c, refusal{code: codeInternal})
	}()
	c.Next()
}

// headers sets what every answer carries. Public documents replace Cache-Control.
func headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

func deadline(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), operationTime)
	defer cancel()
	c.Request = c.Request.WithContext(ctx)
	c.Next()
}

// address is the caller's network address as limits count it: for IPv6 the /64, because one household has all of it.
func address(c *gin.Context) string {
	ip, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return ""
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return ""
	}
	return p.String()
}
