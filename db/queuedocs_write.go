package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// QueueCounter writes the public document of every queue. Several may run: the row's lock lets one of them work, and all
// that they go by is in the database, so it does not matter which.
type QueueCounter struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	figures   sync.Map // int32, a queue's number → QueueFigure
}

// QueueFigure is what an operator watches of a queue. It is as old as the counting, some seconds at least.
type QueueFigure struct {
	Campaign, Queue, Pool string
	AssuredTo             *int64 // nil: unknown
	SeatsFree             *int64 // of the pool, as far as this queue's people can be given them; nil: unknown
}

// Figures lists what this process read when it last wrote a document of each queue, in no order. It answers from memory.
func (k *QueueCounter) Figures() []QueueFigure {
	var out []QueueFigure
	k.figures.Range(func(_, f any) bool {
		out = append(out, f.(QueueFigure))
		return true
	})
	return out
}

// NewQueueCounter makes a counter.
func NewQueueCounter(pool *pgxpool.Pool, campaigns desk.Campaigns) *QueueCounter {
	return &QueueCounter{pool: pool, campaigns: campaigns}
}

// How soon a client should ask again, in seconds: as long as nothing can change, while numbers are announced, and later.
const (
	changesBeforeOpening = 60
	changesWhileSealing  = 10
	changesLater         = 30
)

// queueContent is the public count of one queue. It holds no time of its making, so the same state is the same bytes.
type queueContent struct {
	Campaign   string            `json:"campaign"`
	Queue      string            `json:"queue"`
	Version    int64             `json:"version"`
	Opened     string            `json:"opened"`
	FirstRound string            `json:"first_round"`
	Applied    int64             `json:"applied"`
	SealedTo   int64             `json:"sealed_to"`
	ServedTo   int64             `json:"served_to"`
	AssuredTo  *int64            `json:"assured_to,omitempty"`
	Late       int64             `json:"late"`
	Served     int64             `json:"served"`
	Withdrawn  int64             `json:"withdrawn"`
	Blocks     contentBlocks     `json:"blocks"`
	Rate       contentRate       `json:"rate"`
	NextChange int               `json:"next_change_seconds"`
	Draw       *contentDraw      `json:"draw,omitempty"`
	Notice     map[string]string `json:"notice,omitempty"`
}

// contentDraw is what is public of a draw while it is under way.
type contentDraw struct {
	Commitment   string  `json:"commitment"`
	ValueName    string  `json:"public_value_name"`
	WindowCloses string  `json:"window_closes"`
	Entries      *int64  `json:"entries,omitempty"`
	ListDigest   *string `json:"list_digest,omitempty"`
	Value        *string `json:"public_value,omitempty"`
}

type contentBlocks struct {
	Size      int64   `json:"size"`
	Late      []int64 `json:"late"`
	Ready     []int64 `json:"ready"`
	Withdrawn []int64 `json:"withdrawn"`
	Served    []int64 `json:"served"`
}

type contentRate struct {
	State string `json:"state"`
	Slow  int64  `json:"slow"`
	Fast  int64  `json:"fast"`
}

// queueState is what a document is made of.
type queueState struct {
	id, pool           int32
	version            int64
	body               []byte
	code               string
	opens, first       time.Time
	sealedTo           int64
	backlog            backlog
	counted            countedBlocks
	turn               int32
	countNow, capacity bool
	offersAfter        int64
	offers             offersByMinute
	notice             map[string]string
	draw               *contentDraw // nil: the queue goes by arrival
	now                time.Time
}

// WriteDocuments writes the documents that changed and returns how many there were.
func (k *QueueCounter) WriteDocuments(ctx context.Context) (int, error) {
	written := 0
	var errs []error
	for _, c := range k.campaigns.All() {
		for _, q := range c.Queues {
			err := writeWithin(ctx, k.pool, sealLimit, func(ctx context.Context, tx pgx.Tx) error {
				changed, err := k.write(ctx, tx, c, q.ID)
				if changed {
					written++
				}
				return err
			})
			if err != nil {
				errs = append(errs, fmt.Errorf("write the document of queue %d: %w", q.ID, err))
			}
		}
	}
	return written, errors.Join(errs...)
}

func (k *QueueCounter) write(ctx context.Context, tx pgx.Tx, c *desk.Campaign, queue int32) (bool, error) {
	s, err := readQueueState(ctx, tx, queue)
	if errors.Is(err, pgx.ErrNoRows) { // another one is at it, or it is the first time
		if _, err = tx.Exec(ctx, `INSERT INTO queue_document (queue_id) VALUES ($1) ON CONFLICT DO NOTHING`, queue); err != nil {
			return false, err
		}
		s, err = readQueueState(ctx, tx, queue)
		if errors.Is(err, pgx.ErrNoRows) {
			return false, nil
		}
	}
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, nearby); err != nil {
		return false, err
	}
	if err := s.countSome(ctx, tx, c); err != nil {
		return false, err
	}
	if err := s.countOffers(ctx, tx); err != nil {
		return false, err
	}
	k.keepFigure(c, s)
	content := s.content(c.Slug)
	body, err := json.Marshal(content)
	if err != nil || bytes.Equal(body, s.body) {
		return false, err
	}
	content.Version++
	if body, err = json.Marshal(content); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE queue_document SET version = $2, body = $3 WHERE queue_id = $1`, queue, content.Version, body)
	return true, err
}

// keepFigure keeps in memory what an operator watches.
func (k *QueueCounter) keepFigure(c *desk.Campaign, s *queueState) {
	f := QueueFigure{Campaign: c.Slug, Queue: s.code, AssuredTo: s.counted.Assured.To, SeatsFree: s.counted.Assured.Seats}
	for i := range c.Cohorts {
		if c.Cohorts[i].Queue == s.code {
			f.Pool = c.Cohorts[i].Pool
		}
	}
	k.figures.Store(s.id, f)
}

func readQueueState(ctx context.Context, tx pgx.Tx, queue int32) (*queueState, error) {
	s := &queueState{id: queue}
	var counted, offers, notice []byte
	err := tx.QueryRow(ctx, `
SELECT q.pool_id, d.version, d.body, q.code, q.opens_at, q.first_round_at, q.sealed_to, coalesce(b.base, 0), b.arrivals, b.counts, d.counted, d.turn,
    d.next_count_at <= clock_timestamp(), d.offers_after, d.offers, clock_timestamp(),
    EXISTS (SELECT FROM slot s WHERE s.pool_id = q.pool_id AND s.taken < s.capacity AND s.starts_at > clock_timestamp()),
    (SELECT coalesce(jsonb_object_agg(n.lang, n.text), '{}') FROM queue_notice n WHERE n.queue_id = q.id)
FROM queue_document d JOIN queue q ON q.id = d.queue_id LEFT JOIN queue_backlog b ON b.queue_id = d.queue_id
WHERE d.queue_id = $1 FOR UPDATE OF d SKIP LOCKED`, queue).Scan(&s.pool, &s.version, &s.body, &s.code, &s.opens, &s.first, &s.sealedTo, &s.backlog.base,
		&s.backlog.arrivals, &s.backlog.counts, &counted, &s.turn, &s.countNow, &s.offersAfter, &offers, &s.now, &s.capacity, &notice)
	if err != nil {
		return nil, err
	}
	if s.draw, err = readDrawContent(ctx, tx, queue); err != nil {
		return nil, err
	}
	return s, errors.Join(json.Unmarshal(counted, &s.counted), json.Unmarshal(offers, &s.offers), json.Unmarshal(notice, &s.notice))
}

func readDrawContent(ctx context.Context, tx pgx.Tx, queue int32) (*contentDraw, error) {
	var d contentDraw
	var window time.Time
	err := tx.QueryRow(ctx, `SELECT encode(commitment, 'hex'), public_value_name, window_closes, entries, encode(list_digest, 'hex'), public_value
		FROM draw WHERE queue_id = $1`, queue).Scan(&d.Commitment, &d.ValueName, &window, &d.Entries, &d.ListDigest, &d.Value)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil // a queue without a draw has nothing to say about one
	}
	d.WindowCloses = window.UTC().Format(time.RFC3339)
	return &d, err
}

// content makes the document of a state.
func (s *queueState) content(slug string) queueContent {
	utc := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	d := queueContent{
		Campaign: slug, Queue: s.code, Version: s.version, Opened: utc(s.opens), FirstRound: utc(s.first),
		Applied: max(s.sealedTo, s.backlog.total()), SealedTo: s.sealedTo, ServedTo: s.counted.servedTo(s.sealedTo), AssuredTo: s.counted.Assured.To, Draw: s.draw, Notice: s.notice,
		Blocks:     contentBlocks{Size: s.counted.Size, Late: []int64{}, Ready: []int64{}, Withdrawn: []int64{}, Served: []int64{}},
		Rate:       s.rate(),
		NextChange: changesLater,
	}
	for _, b := range s.counted.Blocks {
		d.Late, d.Withdrawn, d.Served = d.Late+b.Late, d.Withdrawn+b.Withdrawn, d.Served+b.Served
		d.Blocks.Late, d.Blocks.Ready = append(d.Blocks.Late, b.Late), append(d.Blocks.Ready, b.Ready)
		d.Blocks.Withdrawn, d.Blocks.Served = append(d.Blocks.Withdrawn, b.Withdrawn), append(d.Blocks.Served, b.Served)
	}
	switch {
	case s.now.Before(s.opens):
		d.NextChange = changesBeforeOpening
	case d.Applied > d.SealedTo && (d.Draw == nil || d.Draw.Value != nil): // a draw may be days away
		d.NextChange = changesWhileSealing
	}
	return d
}

// rate says how fast appointments were made, or why nothing can be said.
func (s *queueState) rate() contentRate {
	slow, fast, ok := booking.Rates(s.offers.windows(s.first, s.now))
	switch {
	case s.now.Before(s.first):
		return contentRate{State: "no_round"}
	case !s.capacity:
		return contentRate{State: "no_capacity"}
	case !ok:
		return contentRate{State: "too_few_rounds"}
	}
	return contentRate{State: "known", Slow: slow, Fast: fast}
}
