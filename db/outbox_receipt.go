package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

const actorReceipt = "job:receipt"

// receiptBatch bounds how many receipts are stored together.
const receiptBatch = 250

// reported is a receipt on its way into the database.
type reported struct {
	desk.Receipt
	at time.Time
}

// Receive stores what the provider reports about one of its messages and moves the message forward, never back. Repeating
// it changes nothing. A receipt for an id that we do not know yet waits until finish or Reconcile learns whose it is. Receipts that come at the same
// time are stored together; Receive returns after the commit, with CodeOverloaded when too many wait already.
func (o *Outbox) Receive(ctx context.Context, providerID string, status desk.ReceiptStatus, code int, at time.Time) error {
	if providerID == "" || status.Rank() == 0 {
		return fmt.Errorf("store a receipt: no id, or an unknown status %q", status)
	}
	_, err := o.receipts.ask(ctx, reported{desk.Receipt{ProviderID: providerID, Status: status, Code: code}, at})
	if err != nil {
		return fmt.Errorf("store a receipt: %w", err)
	}
	return nil
}

// receiveAll stores receipts in one transaction.
func (o *Outbox) receiveAll(ctx context.Context, all []reported) ([]done[struct{}], error) {
	err := pgx.BeginFunc(ctx, o.pool, func(tx pgx.Tx) error {
		if err := byIndex(ctx, tx); err != nil {
			return err
		}
		var ids []string
		latest := all[0].at
		for _, r := range all {
			ids = append(ids, r.ProviderID)
			if r.at.After(latest) {
				latest = r.at
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if err := lockProviderIDs(ctx, tx, ids); err != nil {
			return err
		}
		if err := keepReceipts(ctx, tx, all); err != nil {
			return err
		}
		_, err := o.applyReceipts(ctx, tx, ids, actorReceipt, latest)
		return err
	})
	return make([]done[struct{}], len(all)), err
}

// lockProviderIDs makes receipts and our own storing of the same id wait for each other: otherwise both could miss what
// the other has not committed yet.
func lockProviderIDs(ctx context.Context, tx pgx.Tx, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = "provider/" + id
	}
	return lockNames(ctx, tx, names)
}

func keepReceipts(ctx context.Context, tx pgx.Tx, all []reported) error {
	n := len(all)
	ids, states, codes, ats := make([]string, n), make([]string, n), make([]int, n), make([]time.Time, n)
	for i, r := range all {
		ids[i], states[i], codes[i], ats[i] = r.ProviderID, string(r.Status), r.Code, r.at
	}
	// In the order in which they came: of two final ones the first counts. What is applied in a moment is marked at once: that saves a write.
	_, err := tx.Exec(ctx, `INSERT INTO receipt (provider_id, status, code, received_at, applied)
		SELECT t.id, t.status, t.code, t.at,
		    EXISTS (SELECT FROM message m WHERE m.provider_id = t.id AND m.state IN ('accepted', 'sent', 'delivered', 'undelivered', 'failed'))
		FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[]) WITH ORDINALITY AS t(id, status, code, at, n) ORDER BY t.n
		ON CONFLICT (provider_id, status) DO NOTHING`, ids, states, codes, ats)
	return err
}

// heard is a message and what is reported of it.
type heard struct {
	subject
	state    desk.ReceiptStatus // as it stands
	best     desk.ReceiptStatus // as it is to be
	code     int
	unmarked bool // some receipts are not marked as applied
}

// applyReceipts moves the messages of providers' ids to the highest state that was reported, the first one among final
// states, and returns their states; an id that is not known yet has none. The caller holds the ids' locks.
func (o *Outbox) applyReceipts(ctx context.Context, tx pgx.Tx, ids []string, actor string, at time.Time) (map[string]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := readHeard(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	states := make(map[string]string, len(all))
	var apply []string
	var up []moved
	for id, m := range all {
		states[id] = string(m.best)
		if m.unmarked {
			apply = append(apply, id)
		}
		if m.best != m.state && m.best != desk.ReceiptUndelivered && m.best != desk.ReceiptFailed {
			up = append(up, moved{id: m.id, state: string(m.best)})
		}
	}
	if len(apply) > 0 {
		if _, err := tx.Exec(ctx, `UPDATE receipt SET applied = true WHERE provider_id = ANY($1) AND NOT applied`, apply); err != nil {
			return nil, err
		}
	}
	if err := moveAll(ctx, tx, up, at); err != nil {
		return nil, err
	}
	for id, m := range all {
		if m.best == m.state || m.best != desk.ReceiptUndelivered && m.best != desk.ReceiptFailed {
			continue
		}
		if states[id], err = o.climb(ctx, tx, fallen{subject: m.subject, state: string(m.best), reason: string(m.best), code: m.code}, actor, at); err != nil {
			return nil, err
		}
	}
	return states, nil
}

// readHeard locks the messages of providers' ids and finds what is reported of each. A message whose turn it is not at the provider, because it is
// being sent again, is left as it is.
func readHeard(ctx context.Context, tx pgx.Tx, ids []string) (map[string]*heard, error) {
	rows, err := tx.Query(ctx, `
SELECT m.id, m.campaign_id, m.registration_id, coalesce(m.helper_id, 0), m.state, m.provider_id, r.status, r.code, r.applied
FROM message m JOIN receipt r ON r.provider_id = m.provider_id
WHERE m.provider_id = ANY($1) ORDER BY m.id, r.id FOR UPDATE OF m`, ids)
	if err != nil {
		return nil, err
	}
	out := map[string]*heard{}
	var m heard
	var entry *[16]byte
	var providerID string
	var status desk.ReceiptStatus
	var code int
	var applied bool
	_, err = pgx.ForEachRow(rows, []any{&m.id, &m.campaign, &entry, &m.helper, &m.state, &providerID, &status, &code, &applied}, func() error {
		t := out[providerID]
		if t == nil {
			one := m
			t, one.entry, one.best = &one, (*booking.ID)(entry), m.state
			out[providerID] = t
		}
		if t.id != m.id || t.state.Rank() == 0 {
			return nil
		}
		t.unmarked = t.unmarked || !applied
		if status.Rank() > t.best.Rank() {
			t.best, t.code = status, code
		}
		return nil
	})
	return out, err
}
