package db_test

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// wire stands between a pool and PostgreSQL. Armed for the n-th message that holds the word, it lets PostgreSQL carry that out and then
// breaks the connection before the answer.
type wire struct {
	word string
	left atomic.Int64
	hits atomic.Int64
	host string
}

func (w *wire) arm(n int64) { w.left.Store(n) }

// wired opens a pool over a wire.
func wired(t *testing.T, d *dbtest.DB, word string, conns int32) (*wire, *pgxpool.Pool) {
	t.Helper()
	u, err := url.Parse(d.URL)
	ok(t, err)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	ok(t, err)
	t.Cleanup(func() { _ = l.Close() })
	w := &wire{word: word, host: u.Host}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go w.serve(t.Context(), client)
		}
	}()
	u.Host = l.Addr().String()
	pool, err := db.Open(u.String(), conns)
	ok(t, err)
	t.Cleanup(pool.Close)
	return w, pool
}

func (w *wire) serve(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", w.host)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var broken atomic.Bool
	go func() {
		defer func() { _, _ = client.Close(), server.Close() }()
		w.carry(server, func(b []byte) bool {
			if broken.Load() {
				return !bytes.Contains(b, []byte("Z\x00\x00\x00\x05")) // ready for the next query: it is done
			}
			_, err := client.Write(b)
			return err == nil
		})
	}()
	w.carry(client, func(b []byte) bool {
		if bytes.Contains(b, []byte(w.word)) && w.left.Add(-1) == 0 {
			broken.Store(true)
			w.hits.Add(1)
		}
		_, err := server.Write(b)
		return err == nil
	})
}

// carry reads until the end, or until to says no.
func (w *wire) carry(from net.Conn, to func([]byte) bool) {
	b := make([]byte, 1<<16)
	for {
		n, err := from.Read(b)
		if n > 0 && !to(b[:n]) || err != nil {
			return
		}
	}
}

// Whoever is told to try again because an answer was lost is found, with the arrival of the first try.
func TestAFlushWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, _ := dbtest.Campaign(t, d)
	w, pool := wired(t, d, "", 1)
	in := db.NewIntake(pool, db.IntakeOptions{Flushers: 1})
	defer in.Close()
	first := dbtest.Application(t, c, dbtest.Person(0), time.Now(), "a")
	_, err := in.Store(t.Context(), first)
	ok(t, err)
	for n := 1; n < 30; n++ {
		a := dbtest.Application(t, c, dbtest.Person(n), time.Now(), "a")
		if n%3 == 0 {
			w.arm(1)
		}
		_, err := in.Store(t.Context(), a)
		if err != nil {
			if booking.CodeOf(err) != booking.CodeOverloaded {
				t.Error(err)
			}
			until(t, "open", func() bool { return in.Open() == nil })
			got, err := in.Store(t.Context(), a)
			for err != nil {
				got, err = in.Store(t.Context(), a)
			}
			if !got.Own || !got.Arrival.Equal(a.Arrival) {
				t.Errorf("%+v, want %s", got, a.Arrival)
			}
		}
	}
	if w.hits.Load() < 5 {
		t.Errorf("%d answers were lost", w.hits.Load())
	}
	var rows, earlier int
	d.Scan(t, `SELECT count(*), count(*) FILTER (WHERE arrival <> received_at) FROM registration`, nil, &rows, &earlier)
	if rows != 30 || earlier != 0 {
		t.Errorf("%d rows, %d of them moved; want 30 as they came", rows, earlier)
	}
}

// A round whose page was committed without anybody knowing goes on as if it had known.
func TestAPageWhoseCommitIsLost(t *testing.T) {
	t.Parallel()
	p := newPast(t, dbtest.Capacity(1))
	for n := range 30 {
		var w booking.Wishes
		if n%4 == 1 {
			w.Household = &booking.Household{Code: "home-" + strconv.Itoa(n/8), Size: 2}
		}
		p.apply(t, n, time.Minute-time.Duration(n)*time.Second, wishing(w))
	}
	p.announce(t)
	p = p.copied(t)
	whole := p.copied(t)
	whole.rounds(t, whole.Pool)
	want := whole.slotsOf(t)
	whole.clean(t)
	for n := range int64(14) {
		q := p.copied(t)
		w, pool := wired(t, q.DB, "commit", 2)
		w.arm(n + 1)
		_, err := db.NewAssigner(pool, q.set, 3).RunRound(t.Context(), q.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		if (err != nil) != (w.hits.Load() == 1) {
			t.Errorf("%d: %v, hits %d", n, err, w.hits.Load())
		}
		q.rested(t)
		q.rounds(t, q.Pool)
		if got := q.slotsOf(t); !maps.Equal(got, want) {
			t.Errorf("commit %d: %v, want %v", n, got, want)
		}
		q.clean(t)
	}
}

// rounds holds rounds until there is nobody to look at.
func (p *past) rounds(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for looked := 1; looked > 0; {
		p.rested(t)
		got, err := db.NewAssigner(pool, p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
		ok(t, err)
		looked = got.Looked
	}
}

// A sealer that does not know whether its page was committed neither skips nor doubles a number, also beside another one.
func TestASealWhoseCommitIsLost(t *testing.T) {
	t.Parallel()
	for n := range int64(16) {
		d := dbtest.New(t)
		c, set := dbtest.Campaign(t, d)
		w, pool := wired(t, d, "commit", 2)
		stored(t, d, c, dbtest.Queue, time.Now().Add(-time.Hour), time.Millisecond, 0, 100)
		s, other := db.NewSealer(pool, set, 10), db.NewSealer(d.Pool, set, 7)
		w.arm(n + 1)
		for range 6 {
			_, err := s.SealAll(t.Context())
			if err != nil && w.hits.Load() == 0 {
				t.Error(err)
			}
			if n%2 == 0 {
				if _, err := other.SealAll(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		inOrder(t, d, 100)
	}
}
