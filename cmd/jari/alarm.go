package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/api"
	"jari/booking/desk"
	"jari/db"
)

const (
	// alarmEvery is how often counted alarms are written: a crash loses no more than these.
	alarmEvery = time.Second
	// alarmLogEvery is how often one campaign's wrong refusals are logged at most.
	alarmLogEvery = time.Minute
	// alarmRecent is how long an alarm shows in the readiness.
	alarmRecent = 10 * time.Minute
)

// alarmBell hears of wrong refusals from the desk: it counts them for the metrics and for the database, and logs them. It
// tells nothing of the person.
type alarmBell struct {
	alarms *db.Alarms
	clock  desk.Clock
	log    *slog.Logger
	total  *prometheus.CounterVec

	mu     sync.Mutex
	logged map[int32]loggedAlarm
}

type loggedAlarm struct {
	at    time.Time // this node's clock: it only spaces the lines out
	since int       // refusals that were not logged
}

// newAlarmBell makes the bell and its metrics. Labels are bounded: campaigns that are stored, and the five doors.
func newAlarmBell(h *house, registry prometheus.Registerer, log *slog.Logger) (*alarmBell, error) {
	b := &alarmBell{
		alarms: db.NewAlarms(h.pool), clock: h.clock, log: log, logged: map[int32]loggedAlarm{},
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "jari_wrong_refusals_total", Help: "Refusals of people who, by what was announced, may apply. Anything above zero is an alarm.",
		}, []string{"campaign", "door"}),
	}
	return b, registry.Register(b.total)
}

// WronglyRefused implements desk.Alarm.
func (b *alarmBell) WronglyRefused(c *desk.Campaign, door desk.Door) {
	b.total.WithLabelValues(c.Slug, string(door)).Inc()
	b.alarms.Raise(c.ID, db.WrongRefusal, b.clock.Now())
	if n := b.due(c.ID, time.Now()); n > 0 {
		b.log.Error("people are refused although it was announced that they may apply: look at the campaign's cohorts (jari campaign check)",
			"campaign", c.Slug, "door", string(door), "refusals", n)
	}
}

// due says how many refusals a line in the log has to tell of now; 0: none, because the last line is too fresh.
func (b *alarmBell) due(campaign int32, now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, before := b.logged[campaign]
	l.since++
	if before && now.Sub(l.at) < alarmLogEvery {
		b.logged[campaign] = l
		return 0
	}
	b.logged[campaign] = loggedAlarm{at: now}
	return l.since
}

// run writes what was counted until the context ends.
func (b *alarmBell) run(ctx context.Context) {
	b.alarms.Run(ctx, alarmEvery, func(err error) { b.log.Warn("alarms", "error", err) })
}

// alarmCheck shows recent wrong refusals of all nodes. They degrade a process and do not make it unready: taking it away
// would turn away everybody.
func (h *house) alarmCheck(ctx context.Context) api.Check {
	c := api.Check{Name: "refusals", OK: true}
	recent, err := db.RecentAlarms(ctx, h.pool, h.clock.Now().Add(-alarmRecent))
	if err != nil {
		c.Degraded, c.Detail = true, err.Error()
		return c
	}
	var parts []string
	for _, a := range recent {
		parts = append(parts, fmt.Sprintf("%s refused %d times somebody who was announced to be eligible", a.Slug, a.Count))
	}
	if len(parts) > 0 {
		c.Degraded, c.Detail = true, fmt.Sprintf("in the last %s: %s", alarmRecent, strings.Join(parts, "; "))
	}
	return c
}

var _ desk.Alarm = (*alarmBell)(nil)
