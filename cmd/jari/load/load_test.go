package load

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestConn(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 20_000) // longer than what net/http holds back to count it
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/long":
			_, _ = w.Write([]byte(long))
		case "/busy":
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("later"))
		case "/same":
			w.WriteHeader(http.StatusNotModified)
		default:
			var b bytes.Buffer
			_, _ = b.ReadFrom(r.Body)
			_, _ = w.Write([]byte(r.Header.Get("Authorization") + " " + b.String()))
		}
	}))
	t.Cleanup(srv.Close)
	addr := strings.TrimPrefix(srv.URL, "http://")
	c, err := Dial(t.Context(), addr, "127.0.0.9")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Abort() }()
	for _, want := range []struct {
		request []byte
		status  int
		retry   int
		body    string
	}{
		{Post(addr, "/", "secret", []byte(`{"a":1}`)), 200, 0, `Bearer secret {"a":1}`},
		{Get(addr, "/long", ""), 200, 0, long},
		{Get(addr, "/busy", ""), 503, 7, "later"},
		{Get(addr, "/same", "", `If-None-Match: "x"`), 304, 0, ""},
		{Post(addr, "/", "secret", []byte(`2`), "X-More: 1"), 200, 0, `Bearer secret 2`},
	} {
		got, err := c.Do(want.request, time.Now().Add(10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != want.status || got.RetryAfter != want.retry || string(got.Body) != want.body {
			t.Errorf("%d, retry after %d, %d bytes; want %d, %d, %d", got.Status, got.RetryAfter, len(got.Body), want.status, want.retry, len(want.body))
		}
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	var h Histogram
	if got := h.Quantile(0.5); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
	for i := range 1000 {
		h.Add(time.Duration(i+1) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second} {
		if got := h.Quantile(q); math.Abs(float64(got-want)) > 0.035*float64(want) {
			t.Errorf("%.2f: got %v, want %v", q, got, want)
		}
	}
	h.Add(1000 * time.Hour) // beyond the last step
	if h.Total() != 1001 {
		t.Errorf("%d were counted", h.Total())
	}
	var sum Histogram
	sum.Add(time.Millisecond)
	sum.AddAll(&h)
	if sum.Total() != 1002 || sum.Quantile(0.99) != h.Quantile(0.99) {
		t.Errorf("%d were counted in both, 99 %% within %v, want 1002 and %v", sum.Total(), sum.Quantile(0.99), h.Quantile(0.99))
	}
}

func FuzzReceive(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 304 Same\r\n\r\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		c := Conn{in: newReader(bytes.NewReader(answer))}
		r, err := c.Receive()
		if err == nil && (r.Status < 0 || r.Status > 999 || len(r.Body) > len(answer)) {
			t.Errorf("status %d, %d bytes of %d", r.Status, len(r.Body), len(answer))
		}
	})
}
