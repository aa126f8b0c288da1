package db

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Thread implements desk.Book.
func (b *Book) Thread(ctx context.Context, c *desk.Campaign, e desk.Entry, limit int, actor string, at time.Time) ([]desk.ThreadText, error) {
	var out []desk.ThreadText
	err := write(ctx, b.pool, func(ctx context.Context, tx pgx.Tx) error {
		ours, err := sentTexts(ctx, tx, c, e, limit)
		if err != nil {
			return err
		}
		theirs, err := receivedTexts(ctx, tx, c, e, limit)
		if err != nil {
			return err
		}
		out = append(ours, theirs...)
		slices.SortStableFunc(out, func(a, b desk.ThreadText) int { return b.At.Compare(a.At) })
		out = out[:min(limit, len(out))]
		// In the same transaction: nobody looks unseen.
		return auditMessage(ctx, tx, subject{campaign: c.ID, entry: &e.ID}, actor, "thread.read", map[string]any{"texts": len(out)}, at)
	})
	if err != nil {
		return nil, fmt.Errorf("read a thread: %w", err)
	}
	return out, nil
}

// sentText is a message with what is known of its last copy.
type sentText struct {
	outgoing
	desk.ThreadText
	first int
}

// sentTexts reads what we texted about an entry, the newest first.
func sentTexts(ctx context.Context, tx pgx.Tx, c *desk.Campaign, e desk.Entry, limit int) ([]desk.ThreadText, error) {
	all, err := collect(ctx, tx, scanSent, `
SELECT m.id, m.campaign_id, m.registration_id, coalesce(m.helper_id, 0), coalesce(m.inbound_id, 0), coalesce(m.appointment_id, 0), m.kind, m.params, m.reference,
    m.state, coalesce(t.claimed_at, m.created_at), coalesce(t.route, m.route, ''), coalesce(t.failed_code, t.code, 0), t.failed_at IS NOT NULL, coalesce(q.first_no, 0)
FROM message m
LEFT JOIN LATERAL (SELECT s.claimed_at, s.route, s.code, s.failed_code, s.failed_at FROM send_attempt s WHERE s.message_id = m.id ORDER BY s.id DESC LIMIT 1) t ON true
LEFT JOIN question q ON q.message_id = m.id
WHERE m.campaign_id = $1 AND m.registration_id = $2 ORDER BY m.id DESC LIMIT $3`, c.ID, [16]byte(e.ID), limit)
	if err != nil {
		return nil, err
	}
	out := make([]desk.ThreadText, 0, len(all))
	for _, m := range all {
		l, err := readLetter(ctx, tx, c, m.outgoing)
		if err != nil && !errors.Is(err, vault.ErrData) {
			return nil, err
		}
		t := m.ThreadText
		t.Lang, t.Data = l.lang, l.data
		t.Data.Code, t.Data.First = "", cmp.Or(l.data.First, m.first)
		out = append(out, t)
	}
	return out, nil
}

func scanSent(row pgx.CollectableRow) (sentText, error) {
	var m sentText
	var entry *[16]byte
	var params []byte
	var failed bool
	err := row.Scan(&m.id, &m.campaign, &entry, &m.helper, &m.inbound, &m.appointment, &m.kind, &params, &m.reference,
		&m.Fate, &m.At, &m.Number, &m.Code, &failed, &m.first)
	if err != nil {
		return m, err
	}
	m.entry, m.Kind, m.With = (*booking.ID)(entry), string(m.kind), desk.WithPerson
	if m.helper != 0 {
		m.With = desk.WithHelper
	}
	if failed {
		m.Failure = booking.FailureOf(m.Code).String()
	}
	return m, json.Unmarshal(params, &m.params)
}

// receivedTexts reads what came from the phone on file and from the helper's, the newest first. Resident numbers were cut before a text was
// stored. A phone may carry several people: what it texted about the others is there, too.
func receivedTexts(ctx context.Context, tx pgx.Tx, c *desk.Campaign, e desk.Entry, limit int) ([]desk.ThreadText, error) {
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if errors.Is(err, vault.ErrData) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out, err := receivedFrom(ctx, tx, c, c.Keys.Phone(p.Phone), desk.WithPerson, limit)
	if err != nil || e.Helper == nil {
		return out, err
	}
	helpers, err := receivedFrom(ctx, tx, c, e.Helper.Phone, desk.WithHelper, limit)
	return append(out, helpers...), err
}

func receivedFrom(ctx context.Context, tx pgx.Tx, c *desk.Campaign, phone vault.Hash, with string, limit int) ([]desk.ThreadText, error) {
	return collect(ctx, tx, func(row pgx.CollectableRow) (desk.ThreadText, error) {
		t := desk.ThreadText{In: true, With: with, Said: true, Fate: "handled"}
		var sid string
		var body []byte
		var handled bool
		err := row.Scan(&t.Inbound, &t.At, &t.Number, &sid, &body, &handled)
		if err != nil {
			return t, err
		}
		if !handled {
			t.Fate = "open"
		}
		t.Text, err = openBody(c, t.Number, sid, body)
		if errors.Is(err, vault.ErrData) { // one line that cannot be read hides none of the others
			t.Text, t.Fate, err = "", desk.FateUnreadable, nil
		}
		return t, err
	}, `SELECT id, arrival, provider, provider_sid, body_ct, handled_at IS NOT NULL FROM inbound WHERE campaign_id = $1 AND phone_hash = $2 ORDER BY id DESC LIMIT $3`,
		c.ID, phone[:], limit)
}
