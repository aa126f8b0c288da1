package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	visitKey = "jari/visit"

	// operationTime bounds one operation. It is below the write timeout of NewHTTPServer.
	operationTime = 10 * time.Second
)

// visit is what we note about one request.
type visit struct {
	received time.Time // our clock
	began    time.Time // this machine's, for spans
	id       string
}

// receive takes our instant of receipt before anything else is done, the body's reading included, and names the request.
func (s *Server) receive(c *gin.Context) {
	v := &visit{received: s.cfg.Desk.Now().Truncate(time.Microsecond), began: time.Now(), id: s.requests.prefix + strconv.FormatUint(s.requests.count.Add(1), 36)}
	c.Set(visitKey, v)
	c.Writer.Header()["X-Request-Id"] = []string{v.id}
}

func visitOf(c *gin.Context) *visit {
	if v, ok := c.Get(visitKey); ok {
		if v, ok := v.(*visit); ok {
			return v
		}
	}
	return &visit{}
}

// received is the instant that receive took.
func received(c *gin.Context) time.Time { return visitOf(c).received }

func requestID(c *gin.Context) string { return visitOf(c).id }

// observe counts the request and logs it: what failed as a warning, everything else for debugging only, because
// at the peak fifteen thousand lines a second help nobody and cost a tenth of the work. A line has the route's pattern,
// never the path, because a path holds a reference; and no address, because an address is personal data.
func (s *Server) observe(c *gin.Context) {
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	c.Next()

	route, method, status, took := routeOf(c), methodOf(c.Request), c.Writer.Status(), time.Since(visitOf(c).began)
	s.metrics.observe(route, method, status, took)
	level := slog.LevelDebug
	if status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable {
		level = slog.LevelWarn
	}
	if s.log.Enabled(c.Request.Context(), level) {
		s.logRequest(c, level, method, route, status, took)
	}
}

// logRequest stands apart from observe, whose frame lies on the stack of every request under way.
func (s *Server) logRequest(c *gin.Context, level slog.Level, method, route string, status int, took time.Duration) {
	s.log.LogAttrs(c.Request.Context(), level, "request",
		slog.String("request_id", requestID(c)), slog.String("method", method), slog.String("route", route),
		slog.Int("status", status), slog.Int("bytes", max(c.Writer.Size(), 0)), slog.Duration("took", took))
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
			slog.String("request_id", requestID(c)), slog.String("route", routeOf(c)),
			slog.String("panic", what), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			c.Abort()
			panic(http.ErrAbortHandler) // the answer is broken off, so that nobody takes it for whole
		}
		s.render(c, refusal{code: codeInternal})
	}()
	c.Next()
}

// headers makes what every answer carries. Public documents replace Cache-Control. The values are shared by all answers,
// which saves an allocation each; whoever sets a header replaces its value and leaves the shared one alone.
func headers() gin.HandlerFunc {
	noStore, noSniff, noReferrer := []string{"no-store"}, []string{"nosniff"}, []string{"no-referrer"}
	policy := []string{"default-src 'none'; frame-ancestors 'none'"}
	return func(c *gin.Context) {
		h := c.Writer.Header()
		h["Cache-Control"] = noStore
		h["X-Content-Type-Options"] = noSniff
		h["Referrer-Policy"] = noReferrer
		h["Content-Security-Policy"] = policy
	}
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
