package jobs

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of a worker. Labels are bounded: task names, outcomes, fates and states are fixed words.
type metrics struct {
	tasks    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	messages *prometheus.CounterVec
	done     *prometheus.CounterVec
	stuck    *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer, p *pulse) (*metrics, error) {
	m := &metrics{
		tasks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_tasks_total", Help: "Tasks by name and outcome (ok, failed, stale, overlap, not_enqueued).",
		}, []string{"task", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "jari_task_seconds", Help: "How long tasks ran.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 9),
		}, []string{"task"}),
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_messages_total", Help: "Messages by fate: what became of a turn to be sent, of a reconciliation or of a sweep.",
		}, []string{"fate"}),
		done: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_work_total", Help: "What the tasks did, in people or messages.",
		}, []string{"work"}),
		stuck: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "jari_stuck", Help: "Messages that have not moved for long, by state; open escalations; campaigns at their spend cap. Each up to 10,000.",
		}, []string{"state"}),
	}
	up := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "jari_redis_up", Help: "1 while Redis answers."}, func() float64 {
		if p.up() {
			return 1
		}
		return 0
	})
	var errs []error
	for _, c := range []prometheus.Collector{m.tasks, m.seconds, m.messages, m.done, m.stuck, up} {
		errs = append(errs, reg.Register(c))
	}
	return m, errors.Join(errs...)
}

// ran counts one run of a task.
func (m *metrics) ran(task string, began time.Time, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "failed"
	}
	m.tasks.WithLabelValues(task, outcome).Inc()
	m.seconds.WithLabelValues(task).Observe(time.Since(began).Seconds())
}

func (m *metrics) count(work string, n int) { m.done.WithLabelValues(work).Add(float64(n)) }

func (m *metrics) fate(fate string, n int) {
	if fate != "" && n > 0 {
		m.messages.WithLabelValues(fate).Add(float64(n))
	}
}
