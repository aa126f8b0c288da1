package db

import (
	"context"
	"encoding/hex"
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
type Switchboard struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
}

// NewSwitchboard makes a switchboard.
func NewSwitchboard(pool *pgxpool.Pool, campaigns desk.Campaigns) *Switchboard {
	return &Switchboard{pool: pool, campaigns: campaigns}
}

// Conversation implements desk.Switchboard.
func (s *Switchboard) Conversation(ctx context.Context, campaign int32, phone vault.Hash, now time.Time) (desk.Conversation, error) {
	var c desk.Conversation
	err := s.pool.QueryRow(ctx, `SELECT first_at, expires_at, used, state_ct, version FROM contact
		WHERE campaign_id = $1 AND phone_hash = $2`, campaign, phone[:]).Scan(&c.FirstAt, &c.Expires, &c.Used, &c.State, &c.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return desk.Conversation{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read a conversation: %w", err)
	}
	if !c.Expires.After(now) {
		return desk.Conversation{Version: c.Version}, nil // an expired one is replaced under its version
	}
	return c, nil
}

// Finish implements desk.Switchboard.
func (s *Switchboard) Finish(ctx context.Context, in desk.Inbound, c *desk.Conversation, answers []desk.Message, at time.Time) error {
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE inbound SET handled_at = $2 WHERE id = $1 AND handled_at IS NULL AND arrival = $3`, in.ID, at, in.Arrival)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return alreadyHandled(ctx, tx, in.ID)
		}
		if err := keepConversation(ctx, tx, in, c); err != nil {
			return err
		}
		return insertMessages(ctx, tx, s.campaigns, answers, at)
	})
	if err != nil && booking.CodeOf(err) == "" {
		err = fmt.Errorf("finish a text: %w", err)
	}
	return err
}

// alreadyHandled returns nil when somebody else handled a text: its answers stand. Otherwise an earlier delivery of it has
// come in meanwhile, and it must be handled with that one's arrival.
func alreadyHandled(ctx context.Context, tx pgx.Tx, id int64) error {
	var handled bool
	err := tx.QueryRow(ctx, `SELECT handled_at IS NOT NULL FROM inbound WHERE id = $1`, id).Scan(&handled)
	if err == nil && !handled {
		err = booking.Fail(booking.CodeConflict, nil)
	}
	return err
}

func keepConversation(ctx context.Context, tx pgx.Tx, in desk.Inbound, c *desk.Conversation) error {
	if c == nil {
		return nil
	}
	tag, err := tx.Exec(ctx, `
INSERT INTO contact (campaign_id, phone_hash, first_at, expires_at, used, state_ct, version) VALUES ($1, $2, $3, $4, $5, $6, $7 + 1)
ON CONFLICT (campaign_id, phone_hash) DO UPDATE SET first_at = EXCLUDED.first_at, expires_at = EXCLUDED.expires_at, used = EXCLUDED.used,
    state_ct = EXCLUDED.state_ct, version = EXCLUDED.version WHERE contact.version = $7`,
		in.Campaign, in.PhoneHash[:], c.FirstAt, c.Expires, c.Used, c.State, c.Version)
	if err == nil && tag.RowsAffected() == 0 {
		err = booking.Fail(booking.CodeConflict, nil)
	}
	return err
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

// Made implements desk.Switchboard.
func (s *Switchboard) Made(ctx context.Context, campaign int32, phone vault.Hash, entry booking.ID, limit int, at time.Time) error {
	return write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockName(ctx, tx, "phone/"+hex.EncodeToString(phone[:])); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
INSERT INTO phone_entry (campaign_id, phone_hash, registration_id, at)
SELECT $1, $2, $3, $5 WHERE (SELECT count(*) FROM phone_entry WHERE campaign_id = $1 AND phone_hash = $2 AND registration_id <> $3) < $4
ON CONFLICT DO NOTHING`, campaign, phone[:], [16]byte(entry), limit, at)
		if err != nil || tag.RowsAffected() == 1 {
			return err
		}
		var known bool
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM phone_entry WHERE campaign_id = $1 AND phone_hash = $2 AND registration_id = $3)`,
			campaign, phone[:], [16]byte(entry)).Scan(&known)
		if err == nil && !known {
			err = booking.Fail(booking.CodeTooMany, nil)
		}
		return err
	})
}

var _ desk.Switchboard = (*Switchboard)(nil)

// Forget removes conversations that nobody completed in time: they hold what a person began to tell us. One whose next
// text is kept and not handled yet stays, because that text belongs to it; so does every one as long as it is open whom an earlier text is for.
func (s *Switchboard) Forget(ctx context.Context, now time.Time) error {
	return write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM contact c WHERE expires_at <= $1
			AND NOT EXISTS (SELECT FROM inbound i WHERE i.campaign_id = c.campaign_id AND i.phone_hash = c.phone_hash AND i.handled_at IS NULL)
			AND NOT EXISTS (SELECT FROM inbound i WHERE i.shared AND i.handled_at IS NULL AND i.arrival < c.expires_at)`, now)
		return err
	})
}
