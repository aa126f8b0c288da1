package db

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"jari/booking"
)

// What comes while the hands are busy is done together, what must be apart is apart, and a poisoned one fails alone.
func TestGather(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var batches [][]int
		let := make(chan struct{})
		g := gathering(8, func(n int) any { return n % 10 }, func(_ context.Context, asked []int) ([]done[int], error) {
			<-let
			batches = append(batches, slices.Clone(asked))
			out := make([]done[int], len(asked))
			for i, n := range asked {
				out[i].result = -n
				if n == 13 {
					return nil, &pgconn.PgError{Code: pgerrcode.CheckViolation}
				}
			}
			return out, nil
		})
		g.hands, g.queue = 1, 6
		var wg sync.WaitGroup
		var failed []int
		var mu sync.Mutex
		ask := func(n int) {
			wg.Go(func() {
				if got, err := g.ask(t.Context(), n); err != nil {
					mu.Lock()
					failed = append(failed, n)
					mu.Unlock()
				} else if got != -n {
					t.Errorf("%d was told %d", n, got)
				}
			})
			synctest.Wait()
		}
		for _, n := range []int{1, 2, 3, 12, 13, 4, 5} { // the first is under way; 2 and 12 may not be together, nor 3 and 13
			ask(n)
		}
		if _, err := g.ask(t.Context(), 6); booking.CodeOf(err) != booking.CodeOverloaded {
			t.Errorf("a seventh may wait: %v", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		close(let)
		wg.Wait()
		if want := [][]int{{1}, {2, 3, 4, 5}, {12, 13}, {12}, {13}}; !slices.EqualFunc(batches, want, slices.Equal[[]int]) {
			t.Errorf("batches %v, want %v", batches, want)
		}
		if !slices.Equal(failed, []int{13}) {
			t.Errorf("%v failed", failed)
		}
		synctest.Wait()
		if g.working != 0 || g.len() != 0 {
			t.Errorf("%d hands and %d waiting at rest", g.working, g.len())
		}
		if _, err := g.ask(gone, 7); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("a caller who has gone: %v", err)
		}
		synctest.Wait()
	})
}
