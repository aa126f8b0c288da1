package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

const actorReceipt = "job:receipt"

// Receive stores what the provider reports about one of its messages and moves the message forward, never back. Repeating
// it changes nothing. A receipt for an id that we do not know yet waits until FinishSend or Reconcile learns whose it is.
func (o *Outbox) Receive(ctx context.Context, providerID string, status desk.ReceiptStatus, code int, at time.Time) error {
	if providerID == "" || status.Rank() == 0 {
		return fmt.Errorf("store a receipt: no id, or an unknown status %q", status)
	}
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		if err := lockProviderID(ctx, tx, providerID); err != nil {
			return err
		}
		if err := keepReceipt(ctx, tx, providerID, status, code, at); err != nil {
			return err
		}
		_, err := o.applyReceipts(ctx, tx, providerID, actorReceipt, at)
		return err
	})
	if err != nil {
		return fmt.Errorf("store a receipt: %w", err)
	}
	return nil
}

// lockProviderID makes a receipt and our own storing of the same id wait for each other: otherwise both could miss what
// the other has not committed yet.
func lockProviderID(ctx context.Context, tx pgx.Tx, id string) error {
	return lockName(ctx, tx, "provider/"+id)
}

func keepReceipt(ctx context.Context, tx pgx.Tx, providerID string, status desk.ReceiptStatus, code int, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO receipt (provider_id, status, code, received_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (provider_id, status) DO NOTHING`, providerID, status, code, at)
	return err
}

// applyReceipts moves the message of a provider's id to the highest state that was reported, the first one among final
// states, and returns its state; "" when the id is not known yet. The caller holds the id's lock.
func (o *Outbox) applyReceipts(ctx context.Context, tx pgx.Tx, providerID, actor string, at time.Time) (string, error) {
	var m subject
	var entry *[16]byte
	var route string
	var state desk.ReceiptStatus
	err := tx.QueryRow(ctx, `SELECT id, campaign_id, registration_id, coalesce(helper_id, 0), coalesce(route, ''), state FROM message WHERE provider_id = $1 ORDER BY id LIMIT 1 FOR UPDATE`, providerID).
		Scan(&m.id, &m.campaign, &entry, &m.helper, &route, &state)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	m.entry = (*booking.ID)(entry)
	if state.Rank() == 0 {
		return string(state), nil // not the provider's turn: it is being sent again
	}
	best, code, err := bestReceipt(ctx, tx, providerID, state)
	if err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `UPDATE receipt SET applied = true WHERE provider_id = $1 AND NOT applied`, providerID); err != nil {
		return "", err
	}
	if best == state {
		return string(state), nil
	}
	if best == desk.ReceiptUndelivered || best == desk.ReceiptFailed {
		return o.climb(ctx, tx, fallen{subject: m, route: route, code: code, state: string(best), reason: string(best)}, actor, at)
	}
	return string(best), moveMessage(ctx, tx, m.id, string(best), at)
}

func bestReceipt(ctx context.Context, tx pgx.Tx, providerID string, state desk.ReceiptStatus) (desk.ReceiptStatus, int, error) {
	rows, err := tx.Query(ctx, `SELECT status, code FROM receipt WHERE provider_id = $1 ORDER BY id`, providerID)
	if err != nil {
		return state, 0, err
	}
	best, bestCode := state, 0
	var status desk.ReceiptStatus
	var code int
	_, err = pgx.ForEachRow(rows, []any{&status, &code}, func() error {
		if status.Rank() > best.Rank() {
			best, bestCode = status, code
		}
		return nil
	})
	return best, bestCode, err
}
