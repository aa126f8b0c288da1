package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Switchboard implements desk.Switchboard: what the text door keeps between two texts.
//
// A text costs some twelve statements and two commits when each is handled by itself. At a peak many are handled at the same time: what they
// ask the database for is gathered and done together.
type Switchboard struct {
	pool      *pgxpool.Pool
	keepPool  *pgxpool.Pool // for storing texts
	campaigns desk.Campaigns

	keeping   *gather[kept, stood]
	reading   *gather[int64, kept]
	talks     *gather[talk, desk.Conversation]
	making    *gather[making, struct{}]
	finishing *gather[finishing, struct{}]
}

// NewSwitchboard makes a switchboard.
func NewSwitchboard(pool *pgxpool.Pool, campaigns desk.Campaigns) *Switchboard {
	s := &Switchboard{pool: pool, keepPool: pool, campaigns: campaigns}
	s.keeping = gathering(2000, nil, s.keepBatch)
	s.reading = gathering(handledTogether, nil, s.readBatch)
	s.talks = gathering(handledTogether, nil, s.talkBatch)
	s.making = gathering(handledTogether, func(m making) any { return m.phone }, s.makeBatch)
	s.finishing = gathering(handledTogether, func(f finishing) any { return f.in.PhoneHash }, s.finishBatch)
	return s
}

// handledTogether bounds a batch of texts that are being handled: each holds a lock until all are committed.
const handledTogether = 256

// Reserve stores texts over a pool of its own, so that whatever else asks the database does not keep texts waiting. Call it before anything.
func (s *Switchboard) Reserve(pool *pgxpool.Pool) *Switchboard {
	s.keepPool = pool
	return s
}

// talk asks for a phone's conversation at an instant.
type talk struct {
	campaign int32
	phone    vault.Hash
	now      time.Time
}

// Conversation implements desk.Switchboard.
func (s *Switchboard) Conversation(ctx context.Context, campaign int32, phone vault.Hash, now time.Time) (desk.Conversation, error) {
	c, err := s.talks.ask(ctx, talk{campaign, phone, now})
	if err != nil {
		return desk.Conversation{}, fmt.Errorf("read a conversation: %w", err)
	}
	return c, nil
}

func (s *Switchboard) talkBatch(ctx context.Context, asked []talk) ([]done[desk.Conversation], error) {
	campaign, phone := make([]int32, len(asked)), make([][]byte, len(asked))
	for i, t := range asked {
		campaign[i], phone[i] = t.campaign, t.phone[:]
	}
	rows, err := s.pool.Query(ctx, `SELECT t.n, c.first_at, c.expires_at, c.used, c.state_ct, c.version
		FROM unnest($1::int[], $2::bytea[]) WITH ORDINALITY AS t(campaign, phone, n)
		CROSS JOIN LATERAL (SELECT * FROM contact WHERE campaign_id = t.campaign AND phone_hash = t.phone LIMIT 1) c`, campaign, phone)
	if err != nil {
		return nil, err
	}
	out := make([]done[desk.Conversation], len(asked))
	for rows.Next() {
		var n int64
		var c desk.Conversation
		if err := rows.Scan(&n, &c.FirstAt, &c.Expires, &c.Used, &c.State, &c.Version); err != nil {
			rows.Close()
			return nil, err
		}
		if !c.Expires.After(asked[n-1].now) {
			c = desk.Conversation{Version: c.Version} // an expired one is replaced under its version
		}
		out[n-1].result = c
	}
	return out, rows.Err()
}

// EntriesByPhone implements desk.Switchboard.
func (s *Switchboard) EntriesByPhone(ctx context.Context, campaign int32, phone vault.Hash) ([]desk.Entry, error) {
	rows, err := s.pool.Query(ctx, entrySQL+`
WHERE r.campaign_id = $1 AND r.id IN (
    SELECT registration_id FROM lookup WHERE campaign_id = $1 AND kind = $3 AND hash = $2
    UNION SELECT registration_id FROM phone_entry WHERE campaign_id = $1 AND phone_hash = $2
    UNION SELECT registration_id FROM helper WHERE campaign_id = $1 AND phone_hash = $2 AND ended_at IS NULL)
ORDER BY r.arrival, r.tie LIMIT 20`, campaign, phone[:], int16(booking.LookupPhone))
	if err != nil {
		return nil, fmt.Errorf("read the entries of a phone: %w", err)
	}
	defer rows.Close()
	var out []desk.Entry
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("read the entries of a phone: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// questionSpan is how many answer numbers a question takes: yes, no, already for an offer; yes, no for "verify"; one a campaign for "which"; otherwise one.
func questionSpan(kind, about string) int {
	switch kind {
	case desk.QuestionOffer:
		return 3
	case desk.QuestionVerify:
		return 2
	case desk.QuestionWhich:
		return 1 + strings.Count(about, ",")
	}
	return 1
}

// spanSQL is how many numbers a question took when it was asked: those of before the column have none.
const spanSQL = `coalesce(question.span, CASE question.kind WHEN 'offer' THEN 3 ELSE 1 END)`

// Question implements desk.Switchboard.
func (s *Switchboard) Question(ctx context.Context, campaign int32, phone vault.Hash, no int) (desk.Question, bool, error) {
	var q desk.Question
	var entry *[16]byte
	err := s.pool.QueryRow(ctx, `
SELECT question.id, first_no, `+spanSQL+`, question.kind, question.registration_id, coalesce(question.appointment_id, 0), answered_at IS NOT NULL, coalesce(answered_by, 0), asked_at,
    coalesce(m.params->>'about', ''), coalesce(m.helper_id, 0), coalesce(m.inbound_id, 0),
    EXISTS (SELECT FROM refusal f WHERE f.campaign_id = question.campaign_id AND f.registration_id = question.registration_id AND f.undone_at IS NULL
        AND f.phone_hash = question.phone_hash) FROM question JOIN message m ON m.id = question.message_id
WHERE question.campaign_id = $1 AND phone_hash = $2 AND $3::int BETWEEN first_no AND first_no + `+spanSQL+` - 1
ORDER BY question.id DESC LIMIT 1`, campaign, phone[:], no).
		Scan(&q.ID, &q.FirstNo, &q.Span, &q.Kind, &entry, &q.Appointment, &q.Answered, &q.AnsweredBy, &q.AskedAt, &q.About, &q.Helper, &q.Inbound, &q.Refused)
	if errors.Is(err, pgx.ErrNoRows) {
		return q, false, nil
	}
	if err != nil {
		return q, false, fmt.Errorf("find a question: %w", err)
	}
	if entry != nil {
		q.Entry = *entry
	}
	return q, true, nil
}

// Answered implements desk.Switchboard.
func (s *Switchboard) Answered(ctx context.Context, id int64, by desk.Inbound, answer string) error {
	return write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE question SET answered_at = coalesce(answered_at, $3), answer = $2, answered_by = $4 WHERE id = $1`, id, answer, by.Arrival, by.ID)
		return err
	})
}

var _ desk.Switchboard = (*Switchboard)(nil)

// Forget removes conversations that nobody completed in time: they hold what a person began to tell us. One whose next
// text is kept and not handled yet stays, because that text belongs to it; so does every one as long as it is open whom an earlier text is for. The next text may also lie with
// a provider because our door was away.
func (s *Switchboard) Forget(ctx context.Context, now time.Time) error {
	return write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		since, away, err := unheard(ctx, tx, now)
		if err != nil {
			return err
		}
		if away && since.Before(now) {
			now = since
		}
		_, err = tx.Exec(ctx, `DELETE FROM contact c WHERE expires_at <= $1
			AND NOT EXISTS (SELECT FROM inbound i WHERE i.campaign_id = c.campaign_id AND i.phone_hash = c.phone_hash AND i.handled_at IS NULL)
			AND NOT EXISTS (SELECT FROM inbound i WHERE i.shared AND i.handled_at IS NULL AND i.arrival < c.expires_at)`, now)
		return err
	})
}
