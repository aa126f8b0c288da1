package assignbench

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
	"jari/cmd/jari/bench"
	"jari/db"
)

// Work is what one worker did, alone on the machine with PostgreSQL.
type Work struct {
	Seconds     float64 `json:"seconds"`      // from the first look to the last commit
	SealSeconds float64 `json:"seal_seconds"` // until the last place; rounds run at the same time
	Rounds      int     `json:"rounds"`
	Assigned    int     `json:"assigned"`
	Unmatched   int     `json:"unmatched"`
	PeakMiB     int64   `json:"peak_mib"`
	CPUSeconds  float64 `json:"cpu_seconds"` // the worker's own, PostgreSQL's not
}

// Pages are the sizes of the worker's transactions.
type Pages struct{ Seal, Assign int }

// RunWorker seals and assigns, both at once as a worker does, until everybody of the pool has been looked at.
func RunWorker(ctx context.Context, pool *pgxpool.Pool, campaigns *db.Campaigns, pages Pages, sealed bool) (Work, error) {
	c, err := campaigns.BySlug("bench-assign")
	if err != nil {
		return Work{}, err
	}
	var w Work
	began := time.Now()
	var wg sync.WaitGroup
	var sealErr error
	done := make(chan struct{})
	wg.Go(func() {
		defer close(done)
		if !sealed {
			_, sealErr = db.NewSealer(pool, campaigns, pages.Seal).SealAll(ctx)
		}
		w.SealSeconds = time.Since(began).Seconds()
	})
	err = assignAll(ctx, pool, campaigns, c, pages.Assign, done, &w)
	wg.Wait()
	w.Seconds = time.Since(began).Seconds()
	if err == nil {
		err = sealErr
	}
	if err != nil {
		return w, err
	}
	_, most, err := bench.Memory(os.Getpid())
	if err != nil {
		return w, err
	}
	cpu, err := bench.CPU(os.Getpid())
	w.PeakMiB, w.CPUSeconds = int64(most>>20), cpu.Seconds()
	return w, err
}

// assignAll holds rounds until one that began after the last seal had nothing to do.
func assignAll(ctx context.Context, pool *pgxpool.Pool, campaigns *db.Campaigns, c *desk.Campaign, page int, sealed <-chan struct{}, w *Work) error {
	a := db.NewAssigner(pool, campaigns, page)
	for {
		last := false
		select {
		case <-sealed:
			last = true
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		got, err := a.RunRound(ctx, c.Queues["queue"].Pool, "job:assign")
		if err != nil {
			return fmt.Errorf("assign: %w", err)
		}
		if got.Looked > 0 {
			w.Rounds++
		}
		w.Assigned += got.Assigned
		w.Unmatched += got.Unmatched
		if got.Looked == 0 && last {
			return nil
		}
		if got.Looked == 0 {
			pause := time.NewTimer(50 * time.Millisecond) // nothing is sealed yet
			select {
			case <-pause.C:
			case <-sealed:
			}
			pause.Stop()
		}
	}
}
