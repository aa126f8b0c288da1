package db_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"jari/booking"
	"jari/db"
	"jari/db/dbtest"
)

// count is the public document as a phone reads it.
type count struct {
	Version    int64  `json:"version"`
	Applied    int64  `json:"applied"`
	SealedTo   int64  `json:"sealed_to"`
	ServedTo   int64  `json:"served_to"`
	AssuredTo  *int64 `json:"assured_to"`
	Late       int64  `json:"late"`
	Served     int64  `json:"served"`
	Withdrawn  int64  `json:"withdrawn"`
	NextChange int    `json:"next_change_seconds"`
	Blocks     struct {
		Size                           int64
		Late, Ready, Withdrawn, Served []int64
	} `json:"blocks"`
	Rate struct {
		State      string
		Slow, Fast int64
	} `json:"rate"`
	Notice map[string]string `json:"notice"`
}

func readCount(t testing.TB, docs *db.QueueDocs) (count, []byte) {
	t.Helper()
	if err := docs.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	doc := docs.Document(dbtest.Slug, dbtest.Queue)
	if doc == nil {
		t.Fatal("the queue has no document")
	}
	var c count
	if err := json.Unmarshal(doc.Body, &c); err != nil {
		t.Fatal(err)
	}
	return c, doc.Body
}

// written counts the queues anew, without a rest.
func written(t testing.TB, d *dbtest.DB, k *db.QueueCounter) int {
	t.Helper()
	d.Exec(t, `UPDATE queue_document SET next_count_at = '-infinity'`)
	n, err := k.WriteDocuments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestQueueDocumentCountsBlocks(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d)
	nodes := []*db.QueueDocs{db.NewQueueDocs(d.Pool, set), db.NewQueueDocs(d.Pool, set)}
	k := db.NewQueueCounter(d.Pool, set)
	empty, _ := readCount(t, nodes[0])
	if empty.Applied != 0 || empty.Blocks.Size != 1000 || empty.Rate.State != "too_few_rounds" {
		t.Errorf("an empty queue: %+v", empty)
	}
	from := time.Now().Add(-time.Hour).UTC().Truncate(time.Millisecond)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 1000, 2500)
	s := db.NewSealer(d.Pool, set, 1000)
	sealed(t, s, 2500)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 0, 10) // late
	sealed(t, s, 10)
	d.Exec(t, `UPDATE registration SET withdrawn_at = now() WHERE id IN (SELECT registration_id FROM place WHERE number IN (2, 1001))`)
	d.Exec(t, `UPDATE registration SET verify = 'before_offer' WHERE id IN (SELECT registration_id FROM place WHERE number = 3)`)
	d.Exec(t, `INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
		SELECT p.campaign_id, p.registration_id, (SELECT min(id) FROM slot), (SELECT min(id) FROM pool), 1, 'offered', p.arrival, p.tie, now() - interval '1 minute', now(), 'test'
		FROM place p WHERE number IN (1, 4, 2000)`)
	for range 4 {
		written(t, d, k)
	}
	got, body := readCount(t, nodes[0])
	if got.Applied != 2510 || got.SealedTo != 2510 || got.ServedTo != 4 || got.Late != 10 || got.Served != 3 || got.Withdrawn != 2 || got.NextChange != 30 {
		t.Errorf("the count is %s", body)
	}
	if b := got.Blocks; len(b.Ready) != 3 || b.Ready[0] != 996 || b.Ready[1] != 998 || b.Ready[2] != 510 || b.Late[2] != 10 || b.Withdrawn[1] != 1 || b.Served[0] != 2 {
		t.Errorf("the blocks are %+v", b)
	}
	// The same state is the same bytes and the same version, on every node; nothing is written.
	if n := written(t, d, k); n != 0 {
		t.Errorf("%d documents were written again", n)
	}
	if again, other := readCount(t, nodes[1]); again.Version != got.Version || !bytes.Equal(other, body) {
		t.Errorf("another node says %s, not %s", other, body)
	}
	if nodes[0].Document(dbtest.Slug, "nowhere") != nil {
		t.Error("a queue that does not exist has a document")
	}
}

func TestQueueDocumentShowsWhatWaits(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, func(c *booking.Campaign) { c.Settle = time.Hour })
	book, k := db.NewBook(d.Pool, set), db.NewQueueCounter(d.Pool, set)
	stored(t, d, c, dbtest.Queue, time.Now().Add(-time.Minute), 10*time.Millisecond, 0, 1000)
	sealed(t, db.NewSealer(d.Pool, set, 1000), 0)
	written(t, d, k)
	got, body := readCount(t, db.NewQueueDocs(d.Pool, set))
	if got.Applied != 1000 || got.SealedTo != 0 || got.NextChange != 10 {
		t.Errorf("the count is %s", body)
	}
	// A status is told an estimate from the same reading.
	for _, n := range []int{1, 300, 999} {
		var id [16]byte
		d.Scan(t, `SELECT id FROM registration ORDER BY arrival OFFSET $1 LIMIT 1`, []any{n}, &id)
		e, err := book.Entry(t.Context(), c.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if off := e.Unsealed - int64(n); e.Place != 0 || off < -20 || off > 20 {
			t.Errorf("%d stand before, the estimate is %d", n, e.Unsealed)
		}
	}
}

// The rate comes from whole windows after the first round.
func TestQueueDocumentRate(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	c, set := dbtest.Campaign(t, d, func(c *booking.Campaign) {
		for i := range c.Cohorts {
			c.Cohorts[i].FirstRound = c.Cohorts[i].Opens
		}
	})
	from := time.Now().Add(-time.Hour)
	stored(t, d, c, dbtest.Queue, from, time.Millisecond, 0, 600)
	sealed(t, db.NewSealer(d.Pool, set, 1000), 600)
	d.Exec(t, `INSERT INTO appointment (campaign_id, registration_id, slot_id, pool_id, round, state, arrival, tie, made_at, changed_at, changed_by)
		SELECT p.campaign_id, p.registration_id, (SELECT min(id) FROM slot), (SELECT min(id) FROM pool), 1, 'offered', p.arrival, p.tie,
			now() - interval '40 minutes' + number * interval '6 seconds', now(), 'test' FROM place p WHERE number <= 390 ORDER BY number`)
	k := db.NewQueueCounter(d.Pool, set)
	written(t, d, k)
	got, body := readCount(t, db.NewQueueDocs(d.Pool, set))
	if got.Rate.State != "known" || got.Rate.Slow < 500 || got.Rate.Slow > 600 || got.Rate.Fast != 600 {
		t.Errorf("ten a minute is shown as %s", body)
	}
	d.Exec(t, `UPDATE slot SET taken = capacity`)
	written(t, d, k)
	if got, _ = readCount(t, db.NewQueueDocs(d.Pool, set)); got.Rate.State != "no_capacity" || got.Rate.Fast != 0 {
		t.Errorf("without a free slot the rate is %+v", got.Rate)
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	_, set := dbtest.Campaign(t, d)
	docs, k := db.NewQueueDocs(d.Pool, set), db.NewQueueCounter(d.Pool, set)
	put := func(queue string, lang booking.Lang, text string) error {
		return db.SetNotice(t.Context(), d.Pool, set, dbtest.Slug, queue, lang, text, "operator:kim", time.Now())
	}
	for _, bad := range [][3]string{{"nowhere", "ko", "x"}, {dbtest.Queue, "fr", "x"}, {dbtest.Queue, "ko", strings.Repeat("가", 501)}, {dbtest.Queue, "ko", "\xff"}} {
		if err := put(bad[0], booking.Lang(bad[1]), bad[2]); err == nil {
			t.Errorf("a notice for %s in %s was taken", bad[0], bad[1])
		}
	}
	for _, text := range []string{"first", strings.Repeat("가", 500)} {
		if err := put(dbtest.Queue, "ko", text); err != nil {
			t.Fatal(err)
		}
		written(t, d, k)
		if got, _ := readCount(t, docs); got.Notice["ko"] != text {
			t.Errorf("the notice is %q", got.Notice["ko"])
		}
	}
	if err := put(dbtest.Queue, "ko", ""); err != nil {
		t.Fatal(err)
	}
	written(t, d, k)
	if got, body := readCount(t, docs); len(got.Notice) != 0 || bytes.Contains(body, []byte("notice")) {
		t.Errorf("the notice is still there: %s", body)
	}
	var n int
	d.Scan(t, `SELECT count(*) FROM audit_log WHERE act = 'queue.notice' AND actor = 'operator:kim' AND detail->>'queue' = $1`, []any{dbtest.Queue}, &n)
	if n != 3 {
		t.Errorf("%d of 3 changes are in the audit trail", n)
	}
}
