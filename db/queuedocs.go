package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking/desk"
)

// QueueDocs keeps the public document of every queue in memory: one query per interval, none per request. The document
// holds no time of its making, so the same state is the same bytes on every node.
type QueueDocs struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	held      atomic.Pointer[map[string]queueDoc]
}

type queueDoc struct {
	body []byte
	etag string
}

// queueContent is the public count of one queue.
type queueContent struct {
	Campaign   string `json:"campaign"`
	Queue      string `json:"queue"`
	Opened     string `json:"opened"`
	FirstRound string `json:"first_round"`
	Applied    int64  `json:"applied"`   // people with a number or about to get one
	SealedTo   int64  `json:"sealed_to"` // the last number announced
	ServedTo   int64  `json:"served_to"` // every number up to this has an appointment, has withdrawn, or is not ready
	Late       int64  `json:"late"`      // numbers announced after later arrivals
	Served     int64  `json:"served"`    // people with an appointment
	Withdrawn  int64  `json:"withdrawn"`
}

// NewQueueDocs makes an empty set; Refresh fills it.
func NewQueueDocs(pool *pgxpool.Pool, campaigns desk.Campaigns) *QueueDocs {
	q := &QueueDocs{pool: pool, campaigns: campaigns}
	q.held.Store(&map[string]queueDoc{})
	return q
}

// Document returns a queue's document and its version, from memory.
func (q *QueueDocs) Document(campaign, queue string) ([]byte, string, bool) {
	d, ok := (*q.held.Load())[campaign+"/"+queue]
	return d.body, d.etag, ok
}

const queueContentSQL = `
SELECT q.code, to_char(q.opens_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), to_char(q.first_round_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), q.sealed_to,
    q.sealed_to + (SELECT count(*) FROM registration r WHERE r.serial > q.scan_from AND r.queue_id = q.id AND r.alias_of IS NULL
        AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)),
    coalesce((SELECT min(p.number) - 1 FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
        WHERE p.queue_id = q.id AND r.withdrawn_at IS NULL
          AND (r.verify = 'by_offer' OR r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = p.campaign_id AND v.registration_id = p.registration_id))
          AND NOT EXISTS (SELECT FROM appointment a WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id)), q.sealed_to),
    (SELECT count(*) FROM place p WHERE p.queue_id = q.id AND p.late <> ''),
    (SELECT count(*) FROM place p JOIN appointment a ON a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id
        WHERE p.queue_id = q.id AND a.state IN ('offered', 'confirmed', 'attended', 'missed')),
    (SELECT count(*) FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
        WHERE p.queue_id = q.id AND r.withdrawn_at IS NOT NULL)
FROM queue q WHERE q.campaign_id = $1`

// Refresh makes the documents anew.
func (q *QueueDocs) Refresh(ctx context.Context) error {
	next := map[string]queueDoc{}
	for _, c := range q.campaigns.All() {
		rows, err := q.pool.Query(ctx, queueContentSQL, c.ID)
		if err != nil {
			return fmt.Errorf("count the queues of %s: %w", c.Slug, err)
		}
		for rows.Next() {
			d := queueContent{Campaign: c.Slug}
			if err := rows.Scan(&d.Queue, &d.Opened, &d.FirstRound, &d.SealedTo, &d.Applied, &d.ServedTo, &d.Late, &d.Served, &d.Withdrawn); err != nil {
				rows.Close()
				return fmt.Errorf("count the queues of %s: %w", c.Slug, err)
			}
			body, err := json.Marshal(d)
			if err != nil {
				rows.Close()
				return err
			}
			sum := sha256.Sum256(body)
			next[c.Slug+"/"+d.Queue] = queueDoc{body: body, etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("count the queues of %s: %w", c.Slug, err)
		}
	}
	q.held.Store(&next)
	return nil
}

// Run refreshes every interval until the context ends.
func (q *QueueDocs) Run(ctx context.Context, every time.Duration, report func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		rctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		if err := q.Refresh(rctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
