package main

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"jari/db"
)

// rushClocks reads how wrong the nodes say that their clocks can be, and remembers the most: order between nodes is claimed to that
// and not further (docs/decisions/0005-clock.md).
type rushClocks struct {
	urls []string // of the nodes' metrics
	mu   sync.Mutex
	most []time.Duration
}

// watch reads until the context ends. A node that is too busy to answer is asked again.
func (c *rushClocks) watch(ctx context.Context) {
	c.mu.Lock()
	c.most = make([]time.Duration, len(c.urls))
	c.mu.Unlock()
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		for i, url := range c.urls {
			bound := clockBound(ctx, client, url)
			c.mu.Lock()
			c.most[i] = max(c.most[i], bound)
			c.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// apart is how far two of the nodes' clocks may have been apart. A node whose bound is above db.MaxBound is unready and must take nobody:
// what it says beyond that excuses nothing.
func (c *rushClocks) apart() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	bounds := slices.Sorted(slices.Values(c.most))
	if len(bounds) < 2 {
		return 0
	}
	return min(bounds[len(bounds)-1], db.MaxBound) + min(bounds[len(bounds)-2], db.MaxBound)
}

// clockBound is what one node exports; 0 when it could not be read.
func clockBound(ctx context.Context, client *http.Client, url string) time.Duration {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "jari_clock_bound_seconds "); ok {
			seconds, _ := strconv.ParseFloat(value, 64)
			return time.Duration(seconds * float64(time.Second))
		}
	}
	return 0
}
