package db_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// before runs something once, before a pool's first statement that holds the words.
type before struct {
	words string
	run   func()
	once  sync.Once
}

func (b *before) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.Contains(q.SQL, b.words) {
		b.once.Do(b.run)
	}
	return ctx
}

func (b *before) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// pool is the program's pool with that.
func (b *before) pool(t *testing.T, d *dbtest.DB) *pgxpool.Pool {
	t.Helper()
	c := d.Pool.Config()
	c.ConnConfig.Tracer = b
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	ok(t, err)
	t.Cleanup(pool.Close)
	return pool
}

// A site has one dose for two seats. It is given back while a round, which holds no lock then, reads what is free: before it reads anything,
// between doses and seats, or after. It goes to the first who waits, and neither to nobody nor to somebody who has come since.
func TestADoseThatIsGivenBackWhileARoundReadsWhatIsFree(t *testing.T) {
	t.Parallel()
	for name, words := range map[string]string{
		"before the doses": "FROM supply WHERE campaign_id",
		"before the seats": "coalesce(s.supply_id, 0), s.gained",
		"after the seats":  "FROM waiting w JOIN registration r",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPast(t, one(2), func(c *booking.Campaign) {
				day := c.Slots[0].Starts.In(c.Zone)
				next := day.AddDate(0, 0, 1)
				c.Supplies = []booking.Supply{{
					Site: dbtest.Site, From: booking.Date{Year: day.Year(), Month: day.Month(), Day: day.Day()},
					To: booking.Date{Year: next.Year(), Month: next.Month(), Day: next.Day()}, Doses: 1,
				}}
			})
			p.apply(t, 0, 60*time.Second)
			p.apply(t, 1, 50*time.Second)
			p.announce(t)
			p.round(t)
			p.apply(t, 2, 40*time.Second)
			p.announce(t)
			done := make(chan error, 1)
			b := &before{words: words, run: func() {
				go func() { done <- p.book.Answer(t.Context(), p.change(t, 0, "decline"), 0, booking.Declined) }()
				if words != "FROM waiting w JOIN registration r" { // a page holds the lock
					ok(t, <-done)
					done <- nil
				}
			}}
			_, err := db.NewAssigner(b.pool(t, p.DB), p.set, 3).RunRound(t.Context(), p.campaign.Queues[dbtest.Queue].Pool, "job:assign")
			ok(t, err)
			ok(t, <-done)
			for range 2 {
				p.round(t)
			}
			if got := p.slotsOf(t); !isTime(got[1]) || isTime(got[0]) || isTime(got[2]) {
				t.Errorf("one seat and one dose are free: %v, doses left %d", got, p.int(t, `SELECT doses - taken FROM supply`))
			}
			p.clean(t)
		})
	}
}
