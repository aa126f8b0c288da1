package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jari/booking"
	"jari/db/dbtest"
)

// bugNow is the six-hour bug as if it were happening: the announced opening was an hour ago, and the cohort's is five hours
// ahead.
func bugNow(t *testing.T, now time.Time) string {
	t.Helper()
	text, err := os.ReadFile(sixHourBug)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	now = now.In(zone)
	in := func(d time.Duration) string { return now.Add(d).Format("2006-01-02 15:04") }
	day := func(d int) string { return now.AddDate(0, 0, d).Format(time.DateOnly) }
	out := strings.NewReplacer("2021-07-12 00:00", in(-8*24*time.Hour), "2021-07-19 20:00", in(-time.Hour), "2021-07-20 02:00", in(5*time.Hour),
		"2021-07-24 18:00", in(72*time.Hour), "2021-07-26", day(10), "2021-08-07", day(24)).Replace(string(text))
	path := filepath.Join(t.TempDir(), "bug.yaml")
	if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The six-hour bug of July 2021, forced past the check: people of that group are refused, as the data says, and this time
// somebody hears of it: in the metrics, the log, the readiness, the database and the audit.
func TestTheSixHourBugRaisesTheAlarm(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var now time.Time
	w.db.Scan(t, `SELECT clock_timestamp()`, nil, &now)
	file := bugNow(t, now)
	if _, err := w.command("campaign", "check", file); err == nil {
		t.Fatal("the check lets the bug through")
	}
	if _, err := w.command("campaign", "apply", file); err == nil {
		t.Fatal("apply lets the bug through")
	}
	if out, err := w.command("campaign", "apply", "--force", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	logged, stop := w.serveAndLog()
	defer stop()
	apply := w.appliesToTheBug
	if r := apply(1, booking.Date{Year: 1964, Month: 5, Day: 5}); r.status != http.StatusOK && r.status != http.StatusCreated && r.status != http.StatusAccepted {
		t.Fatalf("a 57-year-old: %d %v", r.status, r.body)
	}
	if r := apply(2, booking.Date{Year: 1980, Month: 5, Day: 5}); r.body["code"] != "not_eligible" {
		t.Fatalf("a 41-year-old: %d %v", r.status, r.body)
	}
	if got := w.internal("/metrics"); strings.Contains(got, "jari_wrong_refusals_total{") {
		t.Error("an alarm about a refusal that is right")
	}
	for n := range 3 {
		if r := apply(3+n, booking.Date{Year: 1967, Month: 5, Day: 5 + n}); r.body["code"] != "not_open_yet" {
			t.Fatalf("a 53-year-old: %d %v", r.status, r.body)
		}
	}
	if got := w.internal("/metrics"); !strings.Contains(got, `jari_wrong_refusals_total{campaign="six-hour-bug",door="app"} 3`) {
		t.Errorf("the metric:\n%.3000s", got)
	}
	w.until("the alarm to be in the database", 10*time.Second, func() bool {
		var n int64
		w.db.Scan(t, `SELECT coalesce(sum(a.count), 0)::bigint FROM alarm a JOIN campaign c ON c.id = a.campaign_id
			WHERE c.slug = 'six-hour-bug' AND a.kind = 'wrong_refusal' AND a.last_at > $1`, []any{now}, &n)
		return n == 3
	})
	if got := w.internal("/readyz"); !strings.Contains(got, "six-hour-bug refused 3 times somebody who was announced to be eligible") || !strings.Contains(got, `"degraded"`) {
		t.Errorf("readiness: %s", got)
	}
	lines := strings.Count(logged.String(), "people are refused although it was announced that they may apply")
	if lines != 1 || strings.Contains(logged.String(), "1967") {
		t.Errorf("%d lines in the log, want one without anything personal:\n%s", lines, logged.String())
	}
	out, err := w.command("audit")
	if err == nil || !strings.Contains(out, "was refused although the announcement says eligible") {
		t.Errorf("the audit: %v\n%s", err, out)
	}
	// What was counted in the last moment before a stop is written by the stop.
	apply(9, booking.Date{Year: 1968, Month: 5, Day: 5})
	stop()
	var n int64
	w.db.Scan(t, `SELECT sum(count)::bigint FROM alarm`, nil, &n)
	if n != 4 {
		t.Errorf("%d refusals after the stop, want 4", n)
	}
}

// serveAndLog starts the API alone. stop stops it once.
func (w *town) serveAndLog() (logged *lockedBuffer, stop func()) {
	w.t.Helper()
	logged = &lockedBuffer{}
	w.config.InternalListen = freeAddress(w.t)
	api, err := newAPI(context.WithoutCancel(w.t.Context()), w.config, slog.New(slog.NewJSONHandler(logged, nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.untilServing()
	return logged, sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		if err := api.Stop(ctx); err != nil {
			w.t.Errorf("stop the API: %v", err)
		}
	})
}

// appliesToTheBug applies by app to the six-hour bug, with a birth date.
func (w *town) appliesToTheBug(n int, born booking.Date) reply {
	w.t.Helper()
	p := dbtest.Person(n)
	p.Born = born
	body := application(p)
	body["region"] = "town"
	return w.call(http.MethodPost, "/v1/campaigns/six-hour-bug/registrations", secretOf(fmt.Sprint("bug-", n)), body)
}

// internal asks the operator's listener.
func (w *town) internal(path string) string {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+w.config.InternalListen+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(b)
}

func TestTheBellLogsOnceAMinute(t *testing.T) {
	t.Parallel()
	b := &alarmBell{logged: map[int32]loggedAlarm{}}
	start := time.Now()
	for i, tt := range []struct {
		campaign int32
		after    time.Duration
		want     int
	}{{1, 0, 1}, {1, time.Second, 0}, {2, time.Second, 1}, {1, 59 * time.Second, 0}, {1, time.Minute, 3}, {1, 61 * time.Second, 0}, {1, 3 * time.Minute, 2}} {
		if got := b.due(tt.campaign, start.Add(tt.after)); got != tt.want {
			t.Errorf("%d: told of %d refusals, want %d", i, got, tt.want)
		}
	}
}
