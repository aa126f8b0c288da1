package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"jari/booking/desk"
	"jari/booking/words"
)

// What was put in comes back where somebody reads along: those messages are few, and whoever puts in none of them pays nothing.
const insertMessagesSQL = `
WITH told AS (
    INSERT INTO message (campaign_id, registration_id, inbound_id, appointment_id, kind, params, dedup, reference, urgent,
        priority_at, due_at, useful_until, state_at, created_at, helper_id)
    SELECT t.campaign, t.entry, nullif(t.inbound, 0), a.id, t.kind, t.params, t.dedup, t.reference, t.urgent,
        CASE WHEN t.last THEN t.due + interval '10 years' ELSE coalesce(s.starts_at, t.due) END, t.due, t.useful_until, $12, $12, nullif(t.helper, 0)
    FROM unnest($1::int[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::bool[],
        $10::timestamptz[], $11::timestamptz[], $13::bigint[], $14::bool[])
        AS t(campaign, entry, inbound, appointment, kind, params, dedup, reference, urgent, due, useful_until, helper, last)
    LEFT JOIN appointment a ON a.id = t.appointment
    LEFT JOIN slot s ON s.id = a.slot_id
    ORDER BY t.campaign, t.dedup
    ON CONFLICT (campaign_id, dedup) DO NOTHING
    RETURNING campaign_id, registration_id, dedup, helper_id
)
SELECT t.campaign_id, t.dedup, h.id FROM told t JOIN helper h ON h.campaign_id = t.campaign_id AND h.registration_id = t.registration_id AND h.ended_at IS NULL
WHERE t.helper_id IS NULL ORDER BY t.campaign_id, t.dedup`

// insertMessages puts messages into the outbox within the transaction that makes them true. A message whose purpose is
// there already is left out: each purpose is told once. A message without a due time is due at once. Whoever reads along
// gets a copy, a message of its own.
func insertMessages(ctx context.Context, tx pgx.Tx, campaigns desk.Campaigns, ms []desk.Message, at time.Time) error {
	if len(ms) == 0 {
		return nil
	}
	ms = slices.Clone(ms)
	slices.SortStableFunc(ms, func(a, b desk.Message) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Dedup, b.Dedup))
	})
	ms = slices.CompactFunc(ms, func(a, b desk.Message) bool { return a.Campaign == b.Campaign && a.Dedup == b.Dedup })

	n := len(ms)
	campaign, entry, inbound, appointment := make([]int32, n), make([]pgtype.UUID, n), make([]int64, n), make([]int64, n)
	kind, params, dedup, reference := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	urgent, last, due, until, helper := make([]bool, n), make([]bool, n), make([]time.Time, n), make([]*time.Time, n), make([]int64, n)
	for i := range ms {
		m := &ms[i]
		c, err := campaigns.ByID(m.Campaign)
		if err != nil {
			return fmt.Errorf("queue a message: %w", err)
		}
		if m.Entry != nil {
			entry[i] = pgtype.UUID{Bytes: *m.Entry, Valid: true}
		}
		if params[i], err = paramsJSON(m.Params); err != nil {
			return fmt.Errorf("queue a message: %w", err)
		}
		campaign[i], inbound[i], appointment[i] = m.Campaign, m.Inbound, m.Appointment
		kind[i], dedup[i], reference[i], urgent[i] = m.Kind, m.Dedup, c.Keys.MessageReference(m.Dedup), m.Urgent
		last[i], due[i], helper[i] = m.Last, m.Due, m.Helper
		if m.Due.IsZero() {
			due[i] = at
		}
		if !m.UsefulUntil.IsZero() {
			until[i] = &m.UsefulUntil
		}
	}
	rows, err := tx.Query(ctx, insertMessagesSQL, campaign, entry, inbound, appointment, kind, params, dedup, reference, urgent, due, until, at, helper, last)
	if err != nil {
		return err
	}
	along, err := pgx.CollectRows(rows, pgx.RowToStructByPos[readsAlong])
	if err != nil {
		return err
	}
	return insertMessages(ctx, tx, campaigns, copies(ms, along), at)
}

// readsAlong is a message, by its purpose, and the helper of its entry.
type readsAlong struct {
	Campaign int32
	Dedup    string
	Helper   int64
}

// copies makes the helpers' copies of messages. Nobody waits for a copy, so it goes after what people wait for and not in quiet hours,
// unless it answers what the helper asked for.
func copies(ms []desk.Message, along []readsAlong) []desk.Message {
	var out []desk.Message
	for _, a := range along {
		i, there := slices.BinarySearchFunc(ms, a, func(m desk.Message, a readsAlong) int {
			return cmp.Or(cmp.Compare(m.Campaign, a.Campaign), cmp.Compare(m.Dedup, a.Dedup))
		})
		if !there || !words.Kind(ms[i].Kind).Copied() {
			continue
		}
		m := ms[i]
		m.Dedup, m.Helper, m.Inbound, m.Urgent = copyDedup+m.Dedup, a.Helper, 0, m.Urgent && m.HelperAsked
		out = append(out, m)
	}
	return out
}

// copyDedup stands before the purpose of a message in that of its copy.
const copyDedup = "copy/"

func paramsJSON(p map[string]string) (string, error) {
	if len(p) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(p)
	return string(b), err
}
