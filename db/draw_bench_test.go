package db_test

import (
	"testing"
	"time"

	"jari/booking/drawfile"
	"jari/db"
	"jari/db/dbtest"
)

// BenchmarkSealDraw takes a draw from the closing of its list to the check of its record, on as many rows as
// JARI_SEAL_ROWS says (see seal_bench_test.go).
func BenchmarkSealDraw(b *testing.B) {
	rows := sealRows(b)
	for range b.N {
		d := dbtest.New(b)
		c, set := dbtest.Drawn(b, d)
		opens, _ := window(c)
		for n := 0; n < rows; n += 50_000 {
			stored(b, d, c, dbtest.Queue, opens, time.Millisecond, n, min(50_000, rows-n))
		}
		step := func(name string, f func() error) {
			began := time.Now()
			if err := f(); err != nil {
				b.Fatalf("%s: %v", name, err)
			}
			b.ReportMetric(time.Since(began).Seconds(), "s/"+name)
		}
		s := db.NewSealer(d.Pool, set, 2500)
		seal := func(want int) func() error {
			return func() error {
				n, err := s.SealAll(b.Context())
				if n != want {
					b.Errorf("sealed %d, want %d", n, want)
				}
				return err
			}
		}
		step("look-before", seal(0))
		step("close", func() error {
			_, err := db.CloseDraw(b.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "bench")
			return err
		})
		step("run", func() error {
			_, err := db.RunDraw(b.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "3 7 12", "bench")
			return err
		})
		step("seal", seal(rows))
		var r drawfile.Record
		step("publish", func() (err error) {
			r, err = db.PublishDraw(b.Context(), d.Pool, set, dbtest.Slug, dbtest.Queue, "bench", unkept)
			return err
		})
		step("verify", func() error {
			_, err := drawfile.Verify(r, drawfile.Seen{})
			return err
		})
	}
}
