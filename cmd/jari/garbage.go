package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The collector's usual setting lets garbage grow to the size of what is alive. An API process has some ten megabytes alive
// and makes a hundred of garbage a second at the peak, so it would collect twenty times a second, and each time shrink the
// stacks of a thousand connections that the next request grows again: a fifth of all its work. With many connections
// open the same factor would cost too much memory. So what is bounded is the garbage.
const (
	garbageBudget  = 160 << 20 // bytes
	mostGarbage    = 400       // percent of what is alive
	leastGarbage   = 50
	garbageControl = time.Second
)

// garbagePercent is the collector's setting for so many bytes alive.
func garbagePercent(alive uint64) int {
	return int(min(max(garbageBudget*100/max(alive, 1), leastGarbage), mostGarbage))
}

// boundGarbage keeps the collector's setting in step until the context ends. Whoever sets GOGC or GOMEMLIMIT decides instead.
func boundGarbage(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	alive := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	now := debug.SetGCPercent(mostGarbage)
	defer debug.SetGCPercent(now)
	set := mostGarbage
	tick := time.NewTicker(garbageControl)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(alive)
		if next := garbagePercent(alive[0].Value.Uint64()); next != set {
			debug.SetGCPercent(next)
			set = next
		}
	}
}
