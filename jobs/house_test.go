package jobs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"jari/booking"
	"jari/booking/desk"
	"jari/db/dbtest"
	"jari/jobs"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// until waits for a condition, and fails the test when it does not come.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

type wall struct{}

func (wall) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// counted are ports that count what is asked of them.
type counted struct {
	sealed, enrolled, rounds, lapsed, reminded, news, swept, texts, asked, due, recovered atomic.Int64
	pools                                                                                 []int32
	fail                                                                                  error
}

func (c *counted) Seal(context.Context) (int, error) { c.sealed.Add(1); return 1, c.fail }

func (c *counted) Count(context.Context) (int, error) { return 1, c.fail }

func (c *counted) Enrol(context.Context, int) (int, error) { c.enrolled.Add(1); return 0, c.fail }

func (c *counted) Pools(context.Context) ([]int32, error) { return c.pools, nil }

func (c *counted) Round(_ context.Context, _ int32, actor string) (int, error) {
	if actor != "job:assign" {
		panic("a round without its actor")
	}
	c.rounds.Add(1)
	return 0, c.fail
}

func (c *counted) Lapse(_ context.Context, actor string, now time.Time) (int, error) {
	if actor != "job:lapse" || now.IsZero() {
		panic("a lapse without its actor or its instant")
	}
	c.lapsed.Add(1)
	return 2, c.fail
}

func (c *counted) Remind(context.Context, time.Time) (int, error) {
	c.reminded.Add(1)
	return 1, c.fail
}

func (c *counted) News(context.Context, time.Time) (int, error) { c.news.Add(1); return 1, c.fail }

func (c *counted) OpenTexts(context.Context, time.Time, time.Time) ([]desk.OpenText, error) {
	if c.asked.Add(1)%2 == 1 { // one, and then none
		return []desk.OpenText{{ID: 7}}, c.fail
	}
	return nil, c.fail
}

func (c *counted) ForgetTexts(context.Context, time.Time) error { return c.fail }

func (c *counted) HandleText(context.Context, int64) error { c.texts.Add(1); return c.fail }

func (c *counted) RecoverTexts(context.Context, desk.Outage) (int, error) { return 3, c.fail }

func (c *counted) Find(context.Context, time.Time, time.Duration) error { return c.fail }

func (c *counted) Due(context.Context, time.Time, time.Duration) (desk.Outage, bool, error) {
	return desk.Outage{}, c.due.Add(1)%2 == 1, c.fail // one, and then none
}

func (c *counted) Read(_ context.Context, _ desk.Outage, kept int, _ time.Time, _ time.Duration) error {
	c.recovered.Add(int64(kept))
	return c.fail
}

func (c *counted) Release(context.Context, time.Time, desk.Routes, int, time.Duration, func(context.Context, []desk.Released) (int, error)) (int, error) {
	return 0, c.fail
}

func (c *counted) Deliver(context.Context, []desk.Turn, desk.Routes, desk.Clock, time.Duration, func(context.Context, desk.Letter) desk.SendResult) (map[string]int, error) {
	return nil, c.fail
}

func (c *counted) Reconcile(context.Context, desk.Clock, desk.Routes, time.Duration, time.Duration, time.Duration) (map[string]int, error) {
	return nil, c.fail
}

func (c *counted) Sweep(context.Context, time.Time, time.Duration, time.Duration) (int, int, error) {
	c.swept.Add(1)
	return 0, 0, c.fail
}

func (c *counted) CloseTold(context.Context, time.Time) (int, error) { return 0, c.fail }

func (c *counted) Stuck(context.Context, time.Time, time.Duration) (map[string]int, error) {
	return map[string]int{"pending": 3}, c.fail
}

// by is the only route.
func by(s desk.Sender) desk.Routes { return desk.Routes{{Name: "test", Sender: s}} }

// provider accepts everything, and counts each reference.
type provider struct {
	mu    sync.Mutex
	sent  map[string]int
	total int
	hold  chan struct{} // calls wait until it is closed; nil: they do not
	calls atomic.Int64
}

func (p *provider) Send(_ context.Context, text desk.OutgoingText) desk.SendResult {
	p.calls.Add(1)
	if p.hold != nil {
		<-p.hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total++
	p.sent[text.Body[strings.LastIndex(text.Body, "("):]]++
	return desk.SendResult{Outcome: desk.SendAccepted, ProviderID: fmt.Sprintf("SM%d", p.total)}
}

func (p *provider) Fetch(context.Context, string) (desk.SentText, error) { return desk.SentText{}, nil }

func (p *provider) List(context.Context, booking.Phone, time.Time) ([]desk.SentText, error) {
	return nil, nil
}

// lines keeps what was logged.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func openRedis(t *testing.T, url string) *redis.Client {
	t.Helper()
	rdb, err := jobs.OpenRedis(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func ports(c *counted) jobs.Ports {
	return jobs.Ports{
		Seal: c.Seal, Count: c.Count, Enrol: c.Enrol, Pools: c.Pools, Round: c.Round, Lapse: c.Lapse, Remind: c.Remind, News: c.News, OpenTexts: c.OpenTexts, HandleText: c.HandleText,
		ForgetTexts: c.ForgetTexts, RecoverTexts: c.RecoverTexts, Outages: c,
		Outbox: c, Routes: by(&provider{}), Clock: wall{},
	}
}

// startWorker starts a worker that is stopped with the test.
func startWorker(t *testing.T, rdb *redis.Client, c jobs.Config, p jobs.Ports) (*jobs.Worker, *prometheus.Registry, *lines) {
	t.Helper()
	log, reg := &lines{}, prometheus.NewRegistry()
	w, err := jobs.New(c, rdb, p, reg, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopWorker(t, w) })
	return w, reg, log
}

func stopWorker(t *testing.T, w *jobs.Worker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := w.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// metric reads one series: its name and the labels' values in the order of their names.
func metric(t *testing.T, reg *prometheus.Registry, name string, values ...string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var have []string
			for _, l := range m.GetLabel() {
				have = append(have, l.GetValue())
			}
			if strings.Join(have, "\x00") == strings.Join(values, "\x00") {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}
