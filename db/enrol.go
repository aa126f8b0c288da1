package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// Enroller derives what the intake leaves for later: look-up hashes, possible duplicates, and the message that tells the
// person on file of the registration.
type Enroller struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
}

// NewEnroller makes an enroller.
func NewEnroller(pool *pgxpool.Pool, campaigns desk.Campaigns) *Enroller {
	return &Enroller{pool: pool, campaigns: campaigns}
}

type newcomer struct {
	id       booking.ID
	ct       []byte
	verified bool
	wishes   booking.Wishes
}

// EnrolPage enrols up to limit sealed registrations of each queue and returns how many there were. Places are numbered
// without gaps, so a cursor per queue is all that must be remembered; its row lock makes one enroller at a time. A queue that
// fails does not keep the others waiting.
func (e *Enroller) EnrolPage(ctx context.Context, limit int) (int, error) {
	total := 0
	var errs []error
	for _, c := range e.campaigns.All() {
		for _, q := range c.Queues {
			n, err := e.enrolQueue(ctx, c, q.ID, limit)
			total += n
			if err != nil {
				errs = append(errs, fmt.Errorf("enrol queue %d: %w", q.ID, err))
			}
		}
	}
	return total, errors.Join(errs...)
}

func (e *Enroller) enrolQueue(ctx context.Context, c *desk.Campaign, queue int32, limit int) (int, error) {
	var n int
	err := writeWithin(ctx, e.pool, time.Minute, func(ctx context.Context, tx pgx.Tx) error {
		var now time.Time
		var done int64
		err := tx.QueryRow(ctx, `SELECT enrolled_to, clock_timestamp() FROM enrol_cursor WHERE queue_id = $1 FOR UPDATE`, queue).Scan(&done, &now)
		if err != nil {
			return err
		}
		people, err := newcomers(ctx, tx, queue, done, limit)
		n = len(people)
		if err == nil && n == 0 {
			n, err = e.enrolBeforeDraw(ctx, tx, c, queue, now, limit)
			return err
		}
		if err != nil {
			return err
		}
		if err := e.enrol(ctx, tx, c, people, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE enrol_cursor SET enrolled_to = enrolled_to + $2 WHERE queue_id = $1`, queue, n)
		return err
	})
	return n, err
}

const newcomerColumns = `r.id, r.person_ct, CASE WHEN r.wishes->>'Household' IS NOT NULL THEN r.wishes END,
    r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id)`

func newcomers(ctx context.Context, tx pgx.Tx, queue int32, done int64, limit int) ([]newcomer, error) {
	rows, err := tx.Query(ctx, `SELECT `+newcomerColumns+` FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $2 + $3
ORDER BY p.number FOR UPDATE OF r`, queue, done, limit)
	if err != nil {
		return nil, err
	}
	return collectNewcomers(rows)
}

func collectNewcomers(rows pgx.Rows) ([]newcomer, error) {
	defer rows.Close()
	var out []newcomer
	for rows.Next() {
		var p newcomer
		var wishes []byte
		if err := rows.Scan((*[16]byte)(&p.id), &p.ct, &wishes, &p.verified); err != nil {
			return nil, err
		}
		if err := parseWishes(wishes, &p.wishes); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func (e *Enroller) enrol(ctx context.Context, tx pgx.Tx, c *desk.Campaign, people []newcomer, now time.Time) error {
	var kind []int16
	var hash [][]byte
	var id [][16]byte
	var read []newcomer
	phone := make(map[booking.ID]vault.Hash, len(people))
	for _, p := range people {
		person, err := c.Keys.OpenPerson(p.id, p.ct)
		if err != nil {
			// One row that cannot be read must not stop everybody behind it; an agent cannot read it either, but knows.
			if err := unreadable(ctx, tx, c.ID, p.id, now); err != nil {
				return err
			}
			continue
		}
		lookups := desk.Lookups(c.Keys, person)
		for _, l := range lookups {
			kind, hash, id = append(kind, int16(l.Kind)), append(hash, l.Hash[:]), append(id, p.id)
		}
		phone[p.id], _ = phoneIn(lookups)
		read = append(read, p)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO lookup (campaign_id, kind, hash, registration_id)
		SELECT $1, * FROM unnest($2::smallint[], $3::bytea[], $4::uuid[]) AS t(b, c, d) ORDER BY b, c, d ON CONFLICT DO NOTHING`,
		c.ID, kind, hash, id); err != nil {
		return err
	}
	if err := enrolHouseholds(ctx, tx, c, people, now); err != nil {
		return err
	}
	if err := findDuplicates(ctx, tx, c.ID, kind, hash, id, now); err != nil {
		return err
	}
	// Last, so that a round which lets somebody wait at this moment is not kept from seeing the proof for long.
	if err := carryOver(ctx, tx, c, read, phone, now); err != nil {
		return err
	}
	messages := make([]desk.Message, len(read))
	for i, p := range read {
		messages[i] = announcement(c.ID, p, now)
	}
	return insertMessages(ctx, tx, e.campaigns, messages, now)
}

// enrolHouseholds lets people who want to come together find each other.
func enrolHouseholds(ctx context.Context, tx pgx.Tx, c *desk.Campaign, people []newcomer, now time.Time) error {
	var code [][]byte
	var id [][16]byte
	var size []int16
	for _, p := range people {
		if h := p.wishes.Household; h != nil {
			sum := HouseholdCode(c.Keys, h.Code)
			code, id, size = append(code, sum[:]), append(id, p.id), append(size, int16(h.Size))
		}
	}
	return joinHouseholds(ctx, tx, c.ID, code, id, size, now)
}

// unreadable puts a registration whose personal data cannot be opened on the agents' list.
func unreadable(ctx context.Context, tx pgx.Tx, campaign int32, id booking.ID, now time.Time) error {
	_, err := tx.Exec(ctx, `WITH e AS (INSERT INTO escalation (campaign_id, registration_id, reason, opened_at) SELECT $1, $2, 'unreadable', $3
		WHERE NOT EXISTS (SELECT FROM escalation WHERE campaign_id = $1 AND registration_id = $2 AND reason = 'unreadable'))
		INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) VALUES ($1, $2, $3, 'job:enrol', 'unreadable')`, campaign, [16]byte(id), now)
	return err
}

// announcement is the first message about an entry. Both forms share one purpose, so that a door that answered at once
// ("registered") is not followed by a second text.
func announcement(campaign int32, p newcomer, now time.Time) desk.Message {
	m := desk.Message{Campaign: campaign, Entry: &p.id, Kind: string(words.Registered), Dedup: "registered/" + hex.EncodeToString(p.id[:]), Due: now}
	if p.verified {
		m.Kind = string(words.Welcome)
	}
	return m
}

// findDuplicates pairs people whose hashes meet although their identities differ. Nobody but agents is told.
func findDuplicates(ctx context.Context, tx pgx.Tx, campaign int32, kind []int16, hash [][]byte, id [][16]byte, now time.Time) error {
	_, err := tx.Exec(ctx, `
INSERT INTO possible_duplicate (campaign_id, one, other, reason, found_at)
SELECT DISTINCT $1::int, least(t.d, l.registration_id), greatest(t.d, l.registration_id),
    CASE t.b WHEN $6 THEN 'name_birth' ELSE 'phone_birth' END, $5::timestamptz
FROM unnest($2::smallint[], $3::bytea[], $4::uuid[]) AS t(b, c, d)
JOIN lookup l ON l.campaign_id = $1 AND l.kind = t.b AND l.hash = t.c AND l.registration_id <> t.d
WHERE t.b IN ($6, $7)
ON CONFLICT DO NOTHING`, campaign, kind, hash, id, now, int16(booking.LookupNameBirth), int16(booking.LookupPhoneBirth))
	return err
}
