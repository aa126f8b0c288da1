package api

import (
	"fmt"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/booking/desk"
)

// metrics are what this door counts. Every label has a fixed set of values.
type metrics struct {
	requests     *prometheus.CounterVec
	seconds      *prometheus.HistogramVec
	inFlight     prometheus.Gauge
	applications *prometheus.CounterVec

	known atomic.Pointer[map[route]counters] // read without a lock; replaced when something new comes
	mu    sync.Mutex                         // guards replacing
}

// route is a combination of labels that has occurred. There are few: patterns, known methods and statuses.
type route struct {
	pattern, method string
	status          int
}

type counters struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

func newMetrics(r *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "jari_http_request_seconds", Help: "Time from receipt to answer, by route pattern.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "jari_http_requests_in_flight", Help: "Requests being answered now.",
		}),
		applications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_applications_total",
			Help: "Applications by door and outcome: new, again (same device), other (entered already from elsewhere), or why refused.",
		}, []string{"door", "outcome"}),
	}
	m.known.Store(&map[route]counters{})
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.inFlight, m.applications} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register the HTTP metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) observe(pattern, method string, status int, took time.Duration) {
	r := route{pattern, method, status}
	k, ok := (*m.known.Load())[r]
	if !ok {
		k = m.learn(r)
	}
	k.requests.Inc()
	k.seconds.Observe(took.Seconds())
}

// learn finds the counters of a combination once: looking them up by label for every request costs more than counting.
func (m *metrics) learn(r route) counters {
	k := counters{m.requests.WithLabelValues(r.pattern, r.method, strconv.Itoa(r.status)), m.seconds.WithLabelValues(r.pattern)}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := maps.Clone(*m.known.Load())
	next[r] = k
	m.known.Store(&next)
	return k
}

// applied counts an application. Whether it was new is told to nobody but the operator.
func (m *metrics) applied(door desk.Door, r desk.Received, err error) {
	outcome := "other"
	switch {
	case err != nil:
		r, _ := refusalOf(err)
		outcome = string(r.code)
	case r.New:
		outcome = "new"
	case r.Own:
		outcome = "again"
	}
	m.applications.WithLabelValues(string(door), outcome).Inc()
}
