package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// cli runs a command of an operator and returns what it printed.
func (w *town) cli(args ...string) string {
	w.t.Helper()
	out := &lockedBuffer{}
	env := map[string]string{}
	for _, e := range environment(w.config) {
		k, v, _ := strings.Cut(e, "=")
		env[k] = v
	}
	if err := run(w.t.Context(), args, func(k string) string { return env[k] }, out, out); err != nil {
		w.t.Errorf("jari %s: %v", strings.Join(args, " "), err)
	}
	return out.String()
}

// Every brake is pulled and released again while a crowd applies and is answered by two workers: nobody is lost, nothing is done
// twice.
func TestBrakesInTheMiddleOfEverything(t *testing.T) {
	t.Parallel()
	faultRun(t, 120, func(ctx context.Context, w *town, _ []*process) {
		for _, what := range []booking.Brake{booking.BrakeSending, booking.BrakeRounds, booking.BrakeIntake, booking.BrakeSending, booking.BrakeCalls} {
			pause(ctx, time.Second)
			w.cli("brake", "on", dbtest.Slug, string(what), "--reason", "a test")
			pause(ctx, 3*time.Second)
			w.cli("brake", "off", dbtest.Slug, string(what))
		}
	})
}

func TestBrakeAndRoundCommands(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.open()
	says := func(text string, pieces ...string) {
		t.Helper()
		for _, p := range pieces {
			if !strings.Contains(text, p) {
				t.Errorf("%q is missing in:\n%s", p, text)
			}
		}
	}
	says(w.cli("brake", "show"), "nothing stands still")
	says(w.cli("brake", "on", dbtest.Slug, "rounds", "--reason", "wrong distances"), "rounds of campaign "+dbtest.Slug+" stand still", "from now on")
	says(w.cli("brake", "on", dbtest.Slug, "rounds"), "already", "wrong distances")
	says(w.cli("brake", "on", dbtest.Slug, "calls"), "nothing calls yet")
	says(w.cli("brake", "show", dbtest.Slug), "rounds", "calls", "operator", "wrong distances")
	for n := range 3 {
		w.applies("device", dbtest.Person(n))
	}
	w.until("everybody to have a place", time.Minute, func() bool {
		var n int
		w.db.Scan(t, `SELECT count(*) FROM place`, nil, &n)
		return n == 3
	})
	var v db.RoundView
	if err := json.Unmarshal([]byte(w.cli("round", "show", dbtest.Slug, dbtest.Pool, "--json")), &v); err != nil || v.Looked != 3 || !v.Braked {
		t.Fatalf("%v, %+v", err, v)
	}
	shown := w.cli("round", "show", dbtest.Slug, dbtest.Pool)
	says(shown, "people looked at", "free before", "median", "beyond 20 km", v.Fingerprint)
	fingerprint := regexp.MustCompile(`--fingerprint ([0-9a-f]{32})`).FindStringSubmatch(shown)
	if fingerprint == nil {
		t.Fatalf("no fingerprint in:\n%s", shown)
	}
	says(w.cli("round", "approve", dbtest.Slug, dbtest.Pool, "--fingerprint", fingerprint[1]), "3 have a time now")
	if err := w.campaigns.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	seven := int64(7)
	got := gauges(t, newBrakeGauge(w.campaigns), newSeatGauges(func() []db.QueueFigure {
		return []db.QueueFigure{{Campaign: "c", Queue: "a", Pool: "p", AssuredTo: &seven, SeatsFree: &seven}, {Campaign: "c", Queue: "b", Pool: "p"}}
	}))
	want := map[string]float64{
		"jari_brake clinic calls": 1, "jari_brake clinic intake": 0, "jari_brake clinic rounds": 1, "jari_brake clinic sending": 0,
		"jari_assured_to c a": 7, "jari_seats_free c p": 7,
	}
	if !maps.Equal(got, want) {
		t.Errorf("the gauges are %v, not %v", got, want)
	}
	says(w.cli("brake", "off", dbtest.Slug, "rounds"), " go on")
	says(w.cli("brake", "off", dbtest.Slug, "rounds"), "nothing changed")
	w.cli("brake", "on", dbtest.Slug, "intake")
	w.until("applications to be refused with a stamp", 10*time.Second, func() bool {
		r := w.call("POST", w.registrations(), secretOf("late"), application(dbtest.Person(9)))
		return r.status == http.StatusServiceUnavailable && r.body["stamp"] != nil && r.body["code"] == "overloaded"
	})
}

// gauges reads collectors as "name label label" and value, labels in the order of their names.
func gauges(t *testing.T, collectors ...prometheus.Collector) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors...)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				name += " " + l.GetValue()
			}
			out[name] = m.Gauge.GetValue()
		}
	}
	return out
}
