package db

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

const (
	// lastFirstNo is the highest first answer number: with its span every number has two digits at most.
	lastFirstNo = 94
	// mostSpan is how many numbers a question takes at most.
	mostSpan = desk.MostChoices
	// answerable is how long an open question keeps its numbers to itself.
	answerable = 7 * 24 * time.Hour
)

// notMe is the number that always means "this is not about me": no question takes it.
const notMe = desk.AnswerNotMe

// questionKind says which question a message asks; "" for none.
func questionKind(k words.Kind) string {
	switch k {
	case words.Registered:
		return desk.QuestionVerify
	case words.Offer:
		return desk.QuestionOffer
	case words.HelperNamed:
		return desk.QuestionHelper
	case words.NearRegion:
		return desk.QuestionRegion
	case words.WhichCampaign:
		return desk.QuestionWhich
	case words.NotOpenYet:
		return desk.QuestionRemind
	}
	if k.Chosen() {
		return desk.QuestionChoice
	}
	return ""
}

// needsEntry reports whether a question is about an entry.
func needsEntry(kind string) bool {
	return kind == desk.QuestionVerify || kind == desk.QuestionOffer || kind == desk.QuestionHelper || kind == desk.QuestionChoice
}

// knownAs is a phone as campaigns know it.
type knownAs struct {
	campaign []int32
	hash     [][]byte
}

// everywhere is a phone as each campaign knows it: all of them text from the same numbers, so that an answer must lead to one question only.
func everywhere(campaigns []*desk.Campaign, to booking.Phone) knownAs {
	campaigns = slices.SortedFunc(slices.Values(campaigns), func(a, b *desk.Campaign) int { return cmp.Compare(a.ID, b.ID) })
	var p knownAs
	for _, c := range campaigns {
		hash := phoneHash(c, to)
		p.campaign, p.hash = append(p.campaign, c.ID), append(p.hash, hash[:])
	}
	return p
}

// ask opens the message's question and returns its first answer number. A message that is sent again keeps its numbers,
// because the first copy may have arrived; after a correction of the phone it gets numbers of the new phone.
func (o *Outbox) ask(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, kind string, choices int, to booking.Phone, at time.Time) (int, error) {
	span := questionSpan(kind, m.params[desk.ParamAbout])
	if kind == desk.QuestionChoice {
		span = choices
	}
	phone := phoneHash(c, to)
	var first int
	err := tx.QueryRow(ctx, `SELECT first_no FROM question WHERE message_id = $1 AND phone_hash = $2`, m.id, phone[:]).Scan(&first)
	if !errors.Is(err, pgx.ErrNoRows) {
		return first, err
	}
	all := everywhere(o.campaigns.All(), to)
	lock := phone[:]
	if len(all.hash) > 0 {
		lock = all.hash[0] // the same one whichever campaign asks
	}
	if err := lockName(ctx, tx, "answers/"+hex.EncodeToString(lock)); err != nil {
		return 0, err
	}
	if first, err = nextNumber(ctx, tx, all, span, at); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
INSERT INTO question (campaign_id, phone_hash, first_no, registration_id, message_id, kind, appointment_id, asked_at, span)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8, $9)
ON CONFLICT (message_id) DO UPDATE SET phone_hash = EXCLUDED.phone_hash, first_no = EXCLUDED.first_no, asked_at = EXCLUDED.asked_at, span = EXCLUDED.span`,
		c.ID, phone[:], first, (*[16]byte)(m.entry), m.id, kind, m.appointment, at, span)
	return first, err
}

// nextNumber continues after the phone's last question of any campaign, passing over the numbers of questions that are still open. When
// every number is open the oldest question loses its own: the newest question with a number is the one that is answered.
func nextNumber(ctx context.Context, tx pgx.Tx, phone knownAs, span int, at time.Time) (int, error) {
	rows, err := tx.Query(ctx, `SELECT q.first_no, `+spanSQL+`, q.answered_at IS NULL AND q.asked_at > $3
		FROM unnest($1::int[], $2::bytea[]) AS p(campaign, hash) JOIN question q ON q.campaign_id = p.campaign AND q.phone_hash = p.hash
		ORDER BY q.id DESC LIMIT 100`, phone.campaign, phone.hash, at.Add(-answerable))
	if err != nil {
		return 0, err
	}
	next := 0
	var taken [lastFirstNo + mostSpan]bool
	taken[notMe] = true
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

// freeNumber finds the first run of span numbers from start on, going round after lastFirstNo. When none is free it takes one that only
// avoids notMe.
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
	if n := wrap(start); n > notMe || n+span <= notMe {
		return n
	}
	return notMe + 1
}
