package api

import (
	"fmt"
	"strconv"
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
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.inFlight, m.applications} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("register the HTTP metrics: %w", err)
		}
	}
	return m, nil
}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
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
