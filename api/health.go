package api

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Check is the result of one named readiness check.
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Degraded, with OK, means that something is away which this process can do without for a while.
	Degraded bool   `json:"degraded,omitempty"`
	Detail   string `json:"detail,omitempty"` // for the operator; shown on the internal listener only
}

// readyTime bounds all checks together.
const readyTime = 3 * time.Second

type readyBody struct {
	Status string  `json:"status"` // ready, degraded or unready
	Checks []Check `json:"checks,omitempty"`
}

func summary(checks []Check) (int, string) {
	status := "ready"
	for _, c := range checks {
		if !c.OK {
			return http.StatusServiceUnavailable, "unready"
		}
		if c.Degraded {
			status = "degraded"
		}
	}
	return http.StatusOK, status
}

func writeHealth(w http.ResponseWriter, status int, body readyBody) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"status":"unready"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // whoever asked has gone
}

// alive says that the process answers; it asks nothing else.
func alive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, readyBody{Status: "alive"})
}

// Health is the handler for the operator's network, of any process: alive, ready in detail, and metrics.
func Health(ready func(ctx context.Context) []Check, registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		checks := ready(ctx)
		code, status := summary(checks)
		writeHealth(w, code, readyBody{Status: status, Checks: checks})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	return mux
}

// readiness keeps the last public result for a second, so that nobody outside can make the checks run at will.
type readiness struct {
	mu     sync.Mutex
	until  time.Time
	code   int
	status string
}

func (s *Server) readyOutside(c *gin.Context) {
	r := &s.readiness
	r.mu.Lock()
	if now := time.Now(); now.After(r.until) {
		// Not the request's context: a caller who hangs up must not decide for those who wait behind the lock.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), readyTime)
		r.code, r.status = summary(s.cfg.Ready(ctx))
		cancel()
		r.until = time.Now().Add(time.Second)
	}
	code, status := r.code, r.status
	r.mu.Unlock()
	writeHealth(c.Writer, code, readyBody{Status: status})
}
