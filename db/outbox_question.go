package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

const (
	// lastFirstNo is the highest first answer number: with its span every number has two digits at most.
	lastFirstNo = 94
	// answerable is how long an open question keeps its numbers to itself.
	answerable = 7 * 24 * time.Hour
)

// questionKind says which question a message asks; "" for none.
func questionKind(k words.Kind) string {
	switch k {
	case words.Registered:
		return "verify"
	case words.Offer, words.Reminder: // the same answers: it is the same appointment
		return "offer"
	case words.HelperNamed:
		return "helper"
	}
	return ""
}

// ask opens the message's question and returns its first answer number. A message that is sent again keeps its numbers,
// because the first copy may have arrived; after a correction of the phone it gets numbers of the new phone.
func ask(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, kind string, to booking.Phone, at time.Time) (int, error) {
	phone := phoneHash(c, to)
	var first int
	err := tx.QueryRow(ctx, `SELECT first_no FROM question WHERE message_id = $1 AND phone_hash = $2`, m.id, phone[:]).Scan(&first)
	if !errors.Is(err, pgx.ErrNoRows) {
		return first, err
	}
	if err := lockName(ctx, tx, fmt.Sprintf("answers/%d/%s", c.ID, hex.EncodeToString(phone[:]))); err != nil {
		return 0, err
	}
	if first, err = nextNumber(ctx, tx, c.ID, phone, questionSpan(kind), at); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
INSERT INTO question (campaign_id, phone_hash, first_no, registration_id, message_id, kind, appointment_id, asked_at, span)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8, $9)
ON CONFLICT (message_id) DO UPDATE SET phone_hash = EXCLUDED.phone_hash, first_no = EXCLUDED.first_no, asked_at = EXCLUDED.asked_at, span = EXCLUDED.span`,
		c.ID, phone[:], first, [16]byte(*m.entry), m.id, kind, m.appointment, at, questionSpan(kind))
	return first, err
}

// nextNumber continues after the phone's last question, passing over the numbers of questions that are still open. When
// every number is open the oldest question loses its own: the newest question with a number is the one that is answered.
func nextNumber(ctx context.Context, tx pgx.Tx, campaign int32, phone vault.Hash, span int, at time.Time) (int, error) {
	rows, err := tx.Query(ctx, `SELECT first_no, `+spanSQL+`, answered_at IS NULL AND asked_at > $3 FROM question
		WHERE campaign_id = $1 AND phone_hash = $2 ORDER BY id DESC LIMIT 100`, campaign, phone[:], at.Add(-answerable))
	if err != nil {
		return 0, err
	}
	next := 0
	var taken [lastFirstNo + 4]bool
	var first, had int
	var open bool
	_, err = pgx.ForEachRow(rows, []any{&first, &had, &open}, func() error {
		if next == 0 {
			next = first + had
		}
		for i := first; open && i < first+had && i < len(taken); i++ {
			taken[i] = true
		}
		return nil
	})
	return freeNumber(max(next, 1), span, taken[:]), err
}

// freeNumber finds the first run of span numbers from start on, going round after lastFirstNo.
func freeNumber(start, span int, taken []bool) int {
	wrap := func(n int) int { return (n-1)%lastFirstNo + 1 }
	for i := range lastFirstNo {
		n := wrap(start + i)
		free := true
		for k := n; k < n+span; k++ {
			free = free && !taken[k]
		}
		if free {
			return n
		}
	}
	return wrap(start)
}
