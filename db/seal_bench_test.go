package db_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/db"
	"jari/db/dbtest"
)

// The benchmarks of the seal and the public count. They run once, on as many rows as JARI_SEAL_ROWS says:
//
//	JARI_SEAL_ROWS=1500000 go test -run '^$' -bench Seal -benchtime 1x ./db
//
// The servers that tests start for themselves do not wait for the disk: name a PostgreSQL with fsync in
// JARI_TEST_DATABASE_URL, and a Redis in JARI_TEST_REDIS_URL.
func sealRows(b *testing.B) int {
	b.Helper()
	n, err := strconv.Atoi(os.Getenv("JARI_SEAL_ROWS"))
	if err != nil {
		return 20_000
	}
	return n
}

// crowded makes a campaign whose queue has rows that wait to be sealed. With settle, they all came within it.
func crowded(b *testing.B, rows int, settle time.Duration) (*dbtest.DB, *desk.Campaign, *db.Campaigns) {
	b.Helper()
	d := dbtest.New(b)
	c, set := dbtest.Campaign(b, d, func(c *booking.Campaign) { c.Settle = settle })
	from, every := time.Now().Add(-time.Hour), 66*time.Microsecond // 15,000 a second
	if settle > time.Second {
		from = time.Now().Add(time.Second)
	}
	for n := 0; n < rows; n += 50_000 {
		stored(b, d, c, dbtest.Queue, from, every, n, min(50_000, rows-n))
	}
	return d, c, set
}

func BenchmarkSealBacklog(b *testing.B) {
	rows := sealRows(b)
	for range b.N {
		d, _, set := crowded(b, rows, time.Millisecond)
		s := db.NewSealer(d.Pool, set, 5000)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := time.Now()
		n, err := s.SealAll(b.Context())
		if err != nil || n != rows {
			b.Fatalf("sealed %d: %v", n, err)
		}
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		var longest, median float64
		d.Scan(b, `SELECT max(took), percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM (SELECT extract(epoch FROM t - lag(t) OVER (ORDER BY t))::float8 AS took
			FROM (SELECT DISTINCT sealed_at AS t FROM place) x) y`, nil, &longest, &median)
		b.ReportMetric(took.Seconds(), "s/all")
		b.ReportMetric(float64(took.Microseconds())/float64(rows), "µs/row")
		b.ReportMetric(longest*1000, "ms/page-max")
		b.ReportMetric(median*1000, "ms/page-median")
		b.ReportMetric(float64(after.Sys)/1e6, "MB/process")
	}
}

// BenchmarkSealIdle is a run that finds nothing due while 500,000 rows wait within the settle window: the first one, and
// one for which 15,000 have come since.
func BenchmarkSealIdle(b *testing.B) {
	rows := min(sealRows(b), 500_000)
	d, c, set := crowded(b, rows, time.Hour)
	s := db.NewSealer(d.Pool, set, 5000)
	run := func(name string) {
		began := time.Now()
		if n, err := s.SealAll(b.Context()); err != nil || n != 0 {
			b.Fatalf("sealed %d: %v", n, err)
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/"+name)
	}
	for range b.N {
		run("first")
		for i := range 4 {
			stored(b, d, c, dbtest.Queue, time.Now(), 66*time.Microsecond, 10_000_000+15_000*i, 15_000)
			time.Sleep(time.Second)
			run(fmt.Sprintf("next-%d", i))
		}
	}
}
