package db

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
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
	// mostSpan is how many numbers a question takes at most.
	mostSpan = desk.MostChoices
)

// notMe is the number that always means "this is not about me": no question takes it.
const notMe = desk.AnswerNotMe

// questionKind says which question a message asks; "" for none.
func questionKind(k words.Kind) string {
	switch k {
	case words.Registered:
		return desk.QuestionVerify
	case words.Offer, words.Reminder: // the same answers: it is the same appointment
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
		hash := c.Keys.Phone(to)
		p.campaign, p.hash = append(p.campaign, c.ID), append(p.hash, hash[:])
	}
	return p
}

// question is one that a message asks, on its way to its numbers.
type question struct {
	*ready
	kind  string
	first int
	known knownAs // its phone
}

// span is how many numbers it takes.
func (q *question) span() int {
	if q.kind == desk.QuestionChoice {
		return q.choices
	}
	return questionSpan(q.kind, q.params[desk.ParamAbout])
}

// askAll opens the messages' questions and returns their first answer numbers, by message. A message that is sent again keeps its numbers,
// because the first copy may have arrived; after a correction of the phone it gets numbers of the new phone.
func (o *Outbox) askAll(ctx context.Context, tx pgx.Tx, c *desk.Campaign, ms []ready, at time.Time) (map[int64]int, error) {
	var asked []*question
	for i := range ms {
		if kind := questionKind(ms[i].kind); kind != "" && (ms[i].entry != nil || !needsEntry(kind)) {
			asked = append(asked, &question{ready: &ms[i], kind: kind})
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	fresh, err := unnumbered(ctx, tx, asked)
	if err != nil {
		return nil, err
	}
	campaigns := o.campaigns.All()
	for _, q := range fresh {
		q.known = everywhere(campaigns, q.to)
	}
	if err := number(ctx, tx, c.ID, fresh, at); err != nil {
		return nil, err
	}
	out := make(map[int64]int, len(asked))
	for _, q := range asked {
		out[q.id] = q.first
	}
	return out, nil
}

// unnumbered gives those their numbers that have some at their phone already, and returns the others.
func unnumbered(ctx context.Context, tx pgx.Tx, asked []*question) ([]*question, error) {
	ids, at := make([]int64, len(asked)), make(map[int64]*question, len(asked))
	for i, q := range asked {
		ids[i], at[q.id] = q.id, q
	}
	rows, err := tx.Query(ctx, `SELECT message_id, phone_hash, first_no FROM question WHERE message_id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	var id int64
	var phone []byte
	var first int
	if _, err := pgx.ForEachRow(rows, []any{&id, &phone, &first}, func() error {
		if q := at[id]; vault.Hash(phone) == q.phone {
			q.first = first
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(asked), func(q *question) bool { return q.first != 0 }), nil
}

// number finds numbers for questions and stores them. The phones are held until the end, so that no two questions of one get the same.
func number(ctx context.Context, tx pgx.Tx, campaign int32, fresh []*question, at time.Time) error {
	if len(fresh) == 0 {
		return nil
	}
	phones, names := make([][]byte, len(fresh)), make([]string, len(fresh))
	for i, q := range fresh {
		phones[i] = q.phone[:]
		lock := phones[i]
		if len(q.known.hash) > 0 {
			lock = q.known.hash[0] // the same one whichever campaign asks
		}
		names[i] = "answers/" + hex.EncodeToString(lock)
	}
	if err := lockNames(ctx, tx, names); err != nil {
		return err
	}
	books, err := numbersOf(ctx, tx, fresh, at)
	if err != nil {
		return err
	}
	n := len(fresh)
	ids, entries, kinds, appointments := make([]int64, n), make([]*[16]byte, n), make([]string, n), make([]int64, n)
	firsts, spans := make([]int, n), make([]int, n)
	for i, q := range fresh {
		q.first = books.next(q.phone, q.span())
		ids[i], entries[i], kinds[i], appointments[i], firsts[i], spans[i] = q.id, (*[16]byte)(q.entry), q.kind, q.appointment, q.first, q.span()
	}
	_, err = tx.Exec(ctx, `
INSERT INTO question (campaign_id, phone_hash, first_no, registration_id, message_id, kind, appointment_id, asked_at, span)
SELECT $1, t.phone, t.first, t.entry, t.message, t.kind, nullif(t.appointment, 0), $2, t.span
FROM unnest($3::bytea[], $4::int[], $5::uuid[], $6::bigint[], $7::text[], $8::bigint[], $9::int[]) AS t(phone, first, entry, message, kind, appointment, span)
ON CONFLICT (message_id) DO UPDATE SET phone_hash = EXCLUDED.phone_hash, first_no = EXCLUDED.first_no, asked_at = EXCLUDED.asked_at, span = EXCLUDED.span`,
		campaign, at, phones, firsts, entries, ids, kinds, appointments, spans)
	return err
}

// numberBook is which answer numbers of a phone are taken, and where its next question looks first.
type numberBook struct {
	next  int
	taken [lastFirstNo + mostSpan]bool
}

type numberBooks map[vault.Hash]*numberBook

// numbersOf reads the numbers of open questions, of all campaigns. A phone's next question continues after its last.
func numbersOf(ctx context.Context, tx pgx.Tx, fresh []*question, at time.Time) (numberBooks, error) {
	books := numberBooks{}
	var own, hashes [][]byte
	var campaigns []int32
	for _, q := range fresh {
		if books[q.phone] != nil {
			continue
		}
		books[q.phone] = &numberBook{}
		books[q.phone].taken[notMe] = true
		for i, hash := range q.known.hash {
			own, campaigns, hashes = append(own, q.phone[:]), append(campaigns, q.known.campaign[i]), append(hashes, hash)
		}
	}
	rows, err := tx.Query(ctx, `SELECT p.own, q.first_no, q.span, q.open FROM unnest($1::bytea[], $2::int[], $3::bytea[]) AS p(own, campaign, hash) CROSS JOIN LATERAL (
    SELECT id, first_no, `+spanSQL+` AS span, answered_at IS NULL AND asked_at > $4 AS open FROM question
    WHERE campaign_id = p.campaign AND phone_hash = p.hash ORDER BY id DESC LIMIT 100) q ORDER BY q.id DESC`, own, campaigns, hashes, at.Add(-desk.Answerable))
	if err != nil {
		return nil, err
	}
	var phone []byte
	var first, had int
	var open bool
	_, err = pgx.ForEachRow(rows, []any{&phone, &first, &had, &open}, func() error {
		b := books[vault.Hash(phone)]
		if b.next == 0 { // the newest comes first
			b.next = first + had
		}
		if open {
			b.take(first, had)
		}
		return nil
	})
	return books, err
}

func (b *numberBook) take(first, span int) {
	for i := first; i < first+span && i < len(b.taken); i++ {
		b.taken[i] = true
	}
}

// next takes numbers for a question, passing over those of questions that are still open. When
// every number is open the oldest question loses its own: the newest question with a number is the one that is answered.
func (all numberBooks) next(phone vault.Hash, span int) int {
	b := all[phone]
	first := freeNumber(max(b.next, 1), span, b.taken[:])
	b.take(first, span)
	b.next = first + span
	return first
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
