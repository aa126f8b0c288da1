package db

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// sealDraw is what a sealer knows of a queue's draw; nil for a queue in the order of arrival. Before the draw nothing of the
// queue is numbered. Then the list's entries are numbered by their lots, and only after them who came within the window
// but was stored after the list was closed (their key is the lot all the same, so they are late), and who came later.
type sealDraw struct {
	opens, window int64 // microseconds
	drawn         bool
	seed          booking.DrawSeed
	keys          *vault.Keys
	list          []byte // draw ids of 16 bytes, sorted; dropped when all of them have their numbers
	unlisted      bool   // the whole list has its numbers
	undrawn       int64  // entries that were read before the draw, for the public count
	unreadable    error  // why the lots cannot be known; other queues go on
}

// redrawPage is how many places take the key of their lot in one statement.
const redrawPage = 500

func (d *sealDraw) pending() bool { return d != nil && !d.drawn }

func (d *sealDraw) lot(id booking.ID) int64 { return d.seed.Lot(d.keys.DrawID(id)).Tie() }

func (d *sealDraw) listed(id booking.ID) bool {
	const size = len(booking.DrawID{})
	at := d.keys.DrawID(id)
	n := len(d.list) / size
	i := sort.Search(n, func(i int) bool { return bytes.Compare(d.list[i*size:(i+1)*size], at[:]) >= 0 })
	return i < n && bytes.Equal(d.list[i*size:(i+1)*size], at[:])
}

// turn gives an arrival the key that decides in memory when its turn is. The key of its place is made by the page.
func (d *sealDraw) turn(a unsealed) unsealed {
	switch {
	case d == nil || a.arrival >= d.window:
	case d.listed(a.id):
		a.arrival, a.tie = d.opens, d.lot(a.id)
	default:
		a.arrival = max(a.arrival, d.opens+1)
	}
	return a
}

// together cuts a page where the list ends: whoever is not in it gets a number when the whole list has one.
func (d *sealDraw) together(page []unsealed) []unsealed {
	if d == nil || page[0].arrival > d.opens {
		return page
	}
	return page[:sort.Search(len(page), func(i int) bool { return page[i].arrival > d.opens })]
}

// pageKeys are what a page needs to make the keys of places: for a queue without a draw, nothing.
func (d *sealDraw) pageKeys(ids [][16]byte) (lots []int64, opens, window *time.Time) {
	lots = make([]int64, len(ids))
	if d == nil {
		return lots, nil, nil
	}
	for i, id := range ids {
		lots[i] = d.lot(id)
	}
	o, w := time.UnixMicro(d.opens), time.UnixMicro(d.window)
	return lots, &o, &w
}

// backlog describes a queue's waiting entries. Of a drawn queue, arrivals say nothing about the order before the lots have numbers. Those for whom
// there was no room stand behind all others: that there are any is told by one more.
func (q *sealQueue) backlog() backlog {
	last := q.last
	switch d := q.draw; {
	case d == nil:
	case d.pending() && d.undrawn > 0:
		return backlog{base: q.sealedTo, arrivals: []int64{d.opens}, counts: []int64{d.undrawn}}
	case last <= d.opens:
		last = d.opens - 1 // lots have one arrival, so it does not say which of them have a number
	}
	b := backlogOf(q.sealedTo, last, q.waiting)
	if n := len(b.counts); n > 0 && q.beyond != nil {
		b.arrivals[n-1]++
		b.counts[n-1]++
	}
	return b
}

// standingDraw is a draw as it stands in the database.
type standingDraw struct {
	opens, window *time.Time // nil: the queue has no draw
	secret        []byte
	value         *string
	entries       *int64
}

// takeDraw brings a queue's draw up to date. It reports whether it was drawn since the last time: then what was read
// before is worth nothing.
func (q *sealQueue) takeDraw(s standingDraw) (drawn bool) {
	if s.opens == nil || s.window == nil {
		return false
	}
	if q.draw == nil {
		q.draw = &sealDraw{keys: q.campaign.Keys}
	}
	d := q.draw
	d.opens, d.window = s.opens.UnixMicro(), s.window.UnixMicro()
	if d.drawn || s.value == nil {
		return false
	}
	var secret booking.DrawSecret
	if secret, d.unreadable = openDrawSecret(q.campaign, q.id, s.secret); d.unreadable != nil {
		return false
	}
	d.seed, d.drawn = secret.Seed(*s.value), true
	d.unlisted = s.entries == nil || q.sealedTo >= *s.entries
	return true
}

// readLists reads the lists of the draws whose numbers are not all announced yet.
func (s *Sealer) readLists(ctx context.Context, v *sealView) error {
	for _, q := range v.queues {
		if q.draw == nil || q.draw.pending() || q.draw.unlisted {
			continue
		}
		var err error
		if q.draw.list, err = readList(ctx, s.pool, q.id); err != nil {
			return fmt.Errorf("read the list of queue %d: %w", q.id, err)
		}
	}
	return nil
}

// readList reads the list of a draw, parts in order.
func readList(ctx context.Context, q querier, queue int32) ([]byte, error) {
	parts, err := collect(ctx, q, pgx.RowTo[[]byte], `SELECT ids FROM draw_list WHERE queue_id = $1 ORDER BY part`, queue)
	return bytes.Join(parts, nil), err
}

// drawSecretColumn names the ciphertext's place for the associated data.
const drawSecretColumn = "draw.secret"

func drawRow(queue int32) []byte { return fmt.Appendf(nil, "%d", queue) }

// openDrawSecret returns vault.ErrData for a secret that is not this queue's.
func openDrawSecret(c *desk.Campaign, queue int32, ct []byte) (booking.DrawSecret, error) {
	plain, err := c.Keys.Open(drawSecretColumn, drawRow(queue), ct)
	if err != nil || len(plain) != len(booking.DrawSecret{}) {
		return booking.DrawSecret{}, fmt.Errorf("open the draw's secret of queue %d: %w", queue, vault.ErrData)
	}
	return booking.DrawSecret(plain), nil
}

// redraw gives the lot's key to places that were announced by an arrival after the window, and are proven to have arrived
// within it since. Numbers stay.
func (s *Sealer) redraw(ctx context.Context, q *sealQueue) error {
	if q.draw == nil || q.draw.pending() {
		return nil
	}
	ids, err := collect(ctx, s.pool, pgx.RowTo[[16]byte], `SELECT registration_id FROM place WHERE queue_id = $1 AND arrival > $2 AND arrival < $3
		ORDER BY arrival, tie, registration_id LIMIT $4`, q.id, time.UnixMicro(q.draw.opens), time.UnixMicro(q.draw.window), redrawPage)
	if err != nil || len(ids) == 0 {
		return err
	}
	lots, _, _ := q.draw.pageKeys(ids)
	return write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT place_drawn($1, $2, $3)`, q.id, ids, lots)
		return err
	})
}
