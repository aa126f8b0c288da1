package db

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
)

// QueueDocs keeps the public document of every queue in memory: one query per interval, none per request. The documents
// are written by a worker (QueueCounter) and only read here, so every node hands out the same bytes.
type QueueDocs struct {
	pool    *pgxpool.Pool
	counter *QueueCounter
	held    atomic.Pointer[map[queueName]heldDocument]
}

type queueName struct{ campaign, queue string }

type heldDocument struct {
	id      int32
	version int64
	doc     *desk.PublicDocument
}

// NewQueueDocs makes an empty set; Refresh fills it.
func NewQueueDocs(pool *pgxpool.Pool, campaigns desk.Campaigns) *QueueDocs {
	q := &QueueDocs{pool: pool, counter: NewQueueCounter(pool, campaigns)}
	q.held.Store(&map[queueName]heldDocument{})
	return q
}

// Document returns a queue's document from memory, and nil when there is no such queue.
func (q *QueueDocs) Document(campaign, queue string) *desk.PublicDocument {
	return (*q.held.Load())[queueName{campaign, queue}].doc
}

// Refresh reads what changed since the last time. A queue that nobody has counted yet gets its first document here, so
// that a new campaign need not wait for a worker.
func (q *QueueDocs) Refresh(ctx context.Context) error {
	next, missing, err := q.read(ctx)
	if err == nil && missing {
		if _, err = q.counter.WriteDocuments(ctx); err == nil {
			next, _, err = q.read(ctx)
		}
	}
	if err != nil {
		return fmt.Errorf("read the queue documents: %w", err)
	}
	q.held.Store(&next)
	return nil
}

func (q *QueueDocs) read(ctx context.Context) (next map[queueName]heldDocument, missing bool, err error) {
	held := *q.held.Load()
	id, version := make([]int32, 0, len(held)), make([]int64, 0, len(held))
	for _, d := range held {
		id, version = append(id, d.id), append(version, d.version)
	}
	rows, err := q.pool.Query(ctx, `
SELECT c.slug, q.code, q.id, coalesce(d.version, 0), CASE WHEN d.version <> coalesce(k.version, -1) THEN d.body END
FROM queue q JOIN campaign c ON c.id = q.campaign_id LEFT JOIN queue_document d ON d.queue_id = q.id
LEFT JOIN unnest($1::int[], $2::bigint[]) AS k(id, version) ON k.id = q.id`, id, version)
	if err != nil {
		return nil, false, err
	}
	next = make(map[queueName]heldDocument, len(held))
	var name queueName
	var d heldDocument
	var body []byte
	_, err = pgx.ForEachRow(rows, []any{&name.campaign, &name.queue, &d.id, &d.version, &body}, func() error {
		switch d.doc = held[name].doc; {
		case d.version == 0:
			missing = true
			return nil
		case body != nil:
			d.doc = desk.NewPublicDocument(append([]byte(nil), body...), strconv.FormatInt(d.version, 10))
		}
		next[name] = d
		return nil
	})
	return next, missing, err
}

// Run refreshes every interval until the context ends.
func (q *QueueDocs) Run(ctx context.Context, every time.Duration, report func(error)) {
	repeat(ctx, every, 5*time.Second, report, q.Refresh)
}
