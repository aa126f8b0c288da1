package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// finishing is a text that was handled.
type finishing struct {
	in      desk.Inbound
	talk    *desk.Conversation // nil: it stays as it is
	answers []desk.Message
	at      time.Time
}

// Finish implements desk.Switchboard.
func (s *Switchboard) Finish(ctx context.Context, in desk.Inbound, c *desk.Conversation, answers []desk.Message, at time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), soon) // what it did stands already: the caller's end must not leave that open
	defer cancel()
	_, err := s.finishing.ask(ctx, finishing{in, c, answers, at})
	if err != nil && booking.CodeOf(err) == "" {
		err = fmt.Errorf("finish a text: %w", err)
	}
	return err
}

// A text is finished when it is still open, with the arrival that it was handled with, and its conversation still has the version that was
// read: all or nothing of each text, for all texts of the batch in one statement. No two are of one phone. Rows are locked in the order
// of their keys.
const finishTextsSQL = `
WITH t AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::bool[], $5::int[], $6::bytea[], $7::timestamptz[], $8::timestamptz[], $9::bool[], $10::bytea[], $11::int[])
        AS t(id, arrival, at, talks, campaign, phone, first_at, expires_at, used, state, version)
), open AS MATERIALIZED (
    SELECT t.* FROM t CROSS JOIN LATERAL (SELECT i.id FROM inbound i WHERE i.id = t.id AND i.handled_at IS NULL AND i.arrival = t.arrival FOR UPDATE) i
), talked AS (
    INSERT INTO contact (campaign_id, phone_hash, first_at, expires_at, used, state_ct, version)
    SELECT campaign, phone, first_at, expires_at, used, state, version + 1 FROM open WHERE talks ORDER BY campaign, phone
    ON CONFLICT (campaign_id, phone_hash) DO UPDATE SET first_at = EXCLUDED.first_at, expires_at = EXCLUDED.expires_at, used = EXCLUDED.used,
        state_ct = EXCLUDED.state_ct, version = EXCLUDED.version WHERE contact.version = EXCLUDED.version - 1
    RETURNING campaign_id, phone_hash
)
UPDATE inbound i SET handled_at = o.at
FROM open o LEFT JOIN talked k ON k.campaign_id = o.campaign AND k.phone_hash = o.phone
WHERE i.id = o.id AND (NOT o.talks OR k.phone_hash IS NOT NULL) RETURNING i.id`

func (s *Switchboard) finishBatch(ctx context.Context, texts []finishing) ([]done[struct{}], error) {
	var out []done[struct{}]
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, finishTextsSQL, finishColumns(texts)...)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		out = make([]done[struct{}], len(texts))
		finished := make(map[int64]bool, len(ids))
		for _, id := range ids {
			finished[id] = true
		}
		var answers []desk.Message
		var left []int64
		var at time.Time
		for _, t := range texts {
			if !finished[t.in.ID] {
				left = append(left, t.in.ID)
				continue
			}
			answers = append(answers, t.answers...)
			if t.at.After(at) {
				at = t.at
			}
		}
		if err := alreadyHandled(ctx, tx, texts, left, out); err != nil {
			return err
		}
		return insertMessages(ctx, tx, s.campaigns, answers, at)
	})
	return out, err
}

// alreadyHandled decides about the texts that were not finished. Where somebody else has handled one, its answers stand. Otherwise an earlier
// delivery of it has come in meanwhile, and it must be handled with that one's arrival; or another text of the phone was handled.
func alreadyHandled(ctx context.Context, tx pgx.Tx, texts []finishing, left []int64, out []done[struct{}]) error {
	if len(left) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, `SELECT id FROM inbound WHERE id = ANY($1) AND handled_at IS NOT NULL`, left)
	if err != nil {
		return err
	}
	handled, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for i, t := range texts {
		if slices.Contains(left, t.in.ID) && !slices.Contains(handled, t.in.ID) {
			out[i].err = booking.Fail(booking.CodeConflict, nil)
		}
	}
	return nil
}

func finishColumns(texts []finishing) []any {
	texts = slices.Clone(texts)
	slices.SortFunc(texts, func(a, b finishing) int { return cmp.Compare(a.in.ID, b.in.ID) })
	n := len(texts)
	id, arrival, at, talks := make([]int64, n), make([]time.Time, n), make([]time.Time, n), make([]bool, n)
	campaign, phone, firstAt, expires := make([]int32, n), make([][]byte, n), make([]*time.Time, n), make([]*time.Time, n)
	used, state, version := make([]bool, n), make([][]byte, n), make([]int32, n)
	for i := range texts {
		t := &texts[i]
		id[i], arrival[i], at[i], campaign[i], phone[i] = t.in.ID, t.in.Arrival, t.at, t.in.Campaign, t.in.PhoneHash[:]
		if c := t.talk; c != nil {
			talks[i], firstAt[i], expires[i], used[i], state[i], version[i] = true, &c.FirstAt, &c.Expires, c.Used, c.State, c.Version
		}
	}
	return []any{id, arrival, at, talks, campaign, phone, firstAt, expires, used, state, version}
}

// making is an entry that a phone makes by text.
type making struct {
	campaign int32
	phone    vault.Hash
	entry    booking.ID
	limit    int
	at       time.Time
}

// Made implements desk.Switchboard.
func (s *Switchboard) Made(ctx context.Context, campaign int32, phone vault.Hash, entry booking.ID, limit int, at time.Time) error {
	_, err := s.making.ask(ctx, making{campaign, phone, entry, limit, at})
	if err != nil && booking.CodeOf(err) == "" {
		err = fmt.Errorf("count the people of a phone: %w", err)
	}
	return err
}

// makeBatch counts under a lock for each phone, taken in their order; no two are of one phone.
func (s *Switchboard) makeBatch(ctx context.Context, made []making) ([]done[struct{}], error) {
	sorted := slices.Clone(made)
	slices.SortFunc(sorted, func(a, b making) int { return bytes.Compare(a.phone[:], b.phone[:]) })
	n := len(made)
	names, campaign, phone, entry := make([]string, n), make([]int32, n), make([][]byte, n), make([][16]byte, n)
	limit, at := make([]int32, n), make([]time.Time, n)
	for i, m := range sorted {
		names[i], campaign[i], phone[i], entry[i] = "phone/"+hex.EncodeToString(m.phone[:]), m.campaign, m.phone[:], m.entry
		limit[i], at[i] = int32(m.limit), m.at
	}
	found := make(map[making]bool, n)
	// One round trip and one commit: the second statement begins when the locks are held, and so sees what others counted.
	var b pgx.Batch
	b.Queue(`SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest($1::text[]) WITH ORDINALITY AS t(name, n) ORDER BY n`, names)
	b.Queue(`
WITH t AS MATERIALIZED (SELECT * FROM unnest($1::int[], $2::bytea[], $3::uuid[], $4::int[], $5::timestamptz[]) AS t(campaign, phone, entry, most, at)), fresh AS (
    INSERT INTO phone_entry (campaign_id, phone_hash, registration_id, at)
    SELECT campaign, phone, entry, at FROM t
    WHERE (SELECT count(*) FROM phone_entry WHERE campaign_id = campaign AND phone_hash = phone AND registration_id <> entry) < most
    ON CONFLICT DO NOTHING RETURNING campaign_id, phone_hash, registration_id)
SELECT campaign_id, phone_hash, registration_id FROM fresh
UNION ALL SELECT e.campaign_id, e.phone_hash, e.registration_id FROM t
    CROSS JOIN LATERAL (SELECT * FROM phone_entry WHERE campaign_id = campaign AND phone_hash = phone AND registration_id = entry LIMIT 1) e`,
		campaign, phone, entry, limit, at).Query(func(rows pgx.Rows) error {
		var m making
		var hash []byte
		_, err := pgx.ForEachRow(rows, []any{&m.campaign, &hash, (*[16]byte)(&m.entry)}, func() error {
			m.phone = vault.Hash(hash)
			found[m] = true
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	out := make([]done[struct{}], n)
	for i, m := range made {
		if !found[making{campaign: m.campaign, phone: m.phone, entry: m.entry}] {
			out[i].err = booking.Fail(booking.CodeTooMany, nil)
		}
	}
	return out, nil
}
