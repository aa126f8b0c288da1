package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"jari/db"
)

// The margin is what nodes export, and no more than what a node may be wrong by: one that knows nothing of the time excuses no disorder.
func TestTheMarginOfClocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bounds []time.Duration // of the nodes; 0: it cannot be read
		want   time.Duration
	}{
		"the least exact two":  {[]time.Duration{time.Millisecond, 3 * time.Millisecond, 2 * time.Millisecond}, 5 * time.Millisecond},
		"one node":             {[]time.Duration{time.Millisecond}, 0},
		"one is never read":    {[]time.Duration{time.Millisecond, 0}, time.Millisecond},
		"one was never set":    {[]time.Duration{time.Hour, time.Millisecond}, db.MaxBound + time.Millisecond},
		"none was ever set":    {[]time.Duration{time.Hour, time.Hour, time.Hour}, 2 * db.MaxBound},
		"one is just in bound": {[]time.Duration{db.MaxBound, 0}, db.MaxBound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clocks rushClocks
			read := make(chan struct{}, 100)
			for _, bound := range c.bounds {
				node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if bound == 0 {
						w.WriteHeader(http.StatusServiceUnavailable)
					} else {
						_, _ = fmt.Fprintf(w, "# HELP jari_clock_bound_seconds How wrong.\njari_clock_bound_seconds %g\n", bound.Seconds())
					}
					read <- struct{}{}
				}))
				defer node.Close()
				clocks.urls = append(clocks.urls, node.URL)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { defer close(done); clocks.watch(ctx) }()
			for range 2 * len(c.bounds) { // the second time everybody has been read once
				<-read
			}
			cancel()
			<-done
			if got := clocks.apart(); got != c.want {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}
