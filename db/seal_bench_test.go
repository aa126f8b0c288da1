package db_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
		pool, longest := timed(b, d)
		s := db.NewSealer(pool, set, 5000)
		began := time.Now()
		n, err := s.SealAll(b.Context())
		if err != nil || n != rows {
			b.Fatalf("sealed %d: %v", n, err)
		}
		took := time.Since(began)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(took.Seconds(), "s/all")
		b.ReportMetric(float64(took.Microseconds())/float64(rows), "µs/row")
		b.ReportMetric(float64(longest.Load())/1e6, "ms/longest-transaction")
		b.ReportMetric(float64(m.Sys)/1e6, "MB/process")
	}
}

// timed opens a pool that notes its longest transaction, in nanoseconds.
func timed(b *testing.B, d *dbtest.DB) (*pgxpool.Pool, *atomic.Int64) {
	b.Helper()
	cfg := d.Pool.Config()
	t := &transactions{began: map[*pgx.Conn]time.Time{}}
	cfg.ConnConfig.Tracer = t
	pool, err := pgxpool.NewWithConfig(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool, &t.longest
}

type transactions struct {
	mu      sync.Mutex
	began   map[*pgx.Conn]time.Time
	longest atomic.Int64
}

type commitKey struct{}

func (t *transactions) TraceQueryStart(ctx context.Context, c *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	if q.SQL == "begin" {
		t.began[c] = time.Now()
	}
	return context.WithValue(ctx, commitKey{}, q.SQL == "commit")
}

func (t *transactions) TraceQueryEnd(ctx context.Context, c *pgx.Conn, _ pgx.TraceQueryEndData) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if done, _ := ctx.Value(commitKey{}).(bool); done {
		t.longest.Store(max(t.longest.Load(), int64(time.Since(t.began[c]))))
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

// BenchmarkSealCount writes the public count of a queue with all places sealed, every block counted once, and reads the
// status of somebody who waits behind half a million others.
func BenchmarkSealCount(b *testing.B) {
	rows := sealRows(b)
	d, c, set := crowded(b, rows, time.Millisecond)
	d.Exec(b, `INSERT INTO place (campaign_id, registration_id, queue_id, number, arrival, tie, sealed_at)
		SELECT campaign_id, id, queue_id, row_number() OVER (ORDER BY arrival, tie, id), arrival, tie, now() FROM registration`)
	d.Exec(b, `UPDATE queue SET sealed_to = $1, scan_from = (SELECT max(serial) FROM registration)`, rows)
	d.Exec(b, `ANALYZE`)
	k, docs := db.NewQueueCounter(d.Pool, set), db.NewQueueDocs(d.Pool, set)
	for range b.N {
		began, turns, idle := time.Now(), 0, time.Duration(0)
		for counted := int64(0); counted < int64(rows); turns++ {
			written(b, d, k)
			d.Scan(b, `SELECT coalesce(sum((x->>'n')::bigint), 0) FROM queue_document, jsonb_array_elements(counted->'blocks') x`, nil, &counted)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/all-blocks")
		b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(turns), "ms/turn")
		d.Exec(b, `UPDATE queue_document SET next_count_at = 'infinity'`)
		for range 20 {
			at := time.Now()
			if _, err := k.WriteDocuments(b.Context()); err != nil {
				b.Fatal(err)
			}
			idle += time.Since(at)
		}
		b.ReportMetric(float64(idle.Microseconds())/20_000, "ms/resting")
		_, body := readCount(b, docs)
		b.ReportMetric(float64(len(body)), "B/document")
		at := time.Now()
		for range 20 {
			if err := docs.Refresh(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(time.Since(at).Microseconds())/20_000, "ms/node-read")
		status(b, d, c, set)
	}
}

// status reports what an unsealed person's status costs.
func status(b *testing.B, d *dbtest.DB, c *desk.Campaign, set *db.Campaigns) {
	b.Helper()
	c.Settle = time.Hour
	for i := range 10 {
		stored(b, d, c, dbtest.Queue, time.Now(), 66*time.Microsecond, 20_000_000+50_000*i, 50_000)
	}
	if n, err := db.NewSealer(d.Pool, set, 5000).SealAll(b.Context()); err != nil || n != 0 {
		b.Fatalf("sealed %d: %v", n, err)
	}
	var id [16]byte
	d.Scan(b, `SELECT id FROM registration ORDER BY serial DESC LIMIT 1`, nil, &id)
	book := db.NewBook(d.Pool, set)
	began := time.Now()
	const times = 500
	for range times {
		if e, err := book.Entry(b.Context(), c.ID, id); err != nil || e.Unsealed == 0 {
			b.Fatalf("the estimate is %d: %v", e.Unsealed, err)
		}
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/times, "µs/status")
}
