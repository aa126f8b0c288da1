package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// An operator notes a time in which the provider could not reach us; the workers read the log of it.
func TestAnOperatorNotesAnOutage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	now := time.Now()
	at := func(ago time.Duration) string { return now.Add(-ago).Format(time.RFC3339) }
	fetch := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(t.Context(), append([]string{"texts", "fetch"}, args...), func(name string) string {
			for _, v := range environment(w.config) {
				if key, value, _ := strings.Cut(v, "="); key == name {
					return value
				}
			}
			return ""
		}, &out, &out)
		return out.String(), err
	}
	for _, wrong := range [][]string{{}, {"--from", at(time.Hour)}, {"--from", at(time.Minute), "--to", at(time.Hour)}, {"--from", at(time.Hour), "--to", at(-time.Hour)}} {
		if _, err := fetch(wrong...); err == nil || !strings.Contains(err.Error(), "--") {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	for range 2 { // repeating it is safe
		if out, err := fetch("--from", at(time.Hour), "--to", at(50*time.Minute)); err != nil || !strings.Contains(out, "twilio") {
			t.Fatalf("%v: %s", err, out)
		}
	}
	var n int
	if w.db.Scan(t, `SELECT count(*) FROM text_outage WHERE noted_by LIKE 'operator%' AND next_at <= clock_timestamp() + interval '1 second'`, nil, &n); n != 1 {
		t.Errorf("%d outages are noted", n)
	}
}
