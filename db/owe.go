package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// owed is a call that we owe somebody.
type owed struct {
	campaign int32
	entry    *booking.ID // nil: a phone without an entry
	phone    vault.Hash
	inbound  int64 // the text that asked for it; needed where there is no entry
	reason   desk.CallReason
	message  int64     // what must be told; 0: nothing in particular
	order    time.Time // the arrival of the contact or entry that earned it
	due      time.Time
	actor    string
}

// oweCall opens a call, or adds the reason to the one that is open for the person: there is one for each, and it keeps its earliest order.
func oweCall(ctx context.Context, tx pgx.Tx, o owed, at time.Time) error {
	whose := fmt.Sprintf("callback/%d/%x", o.campaign, o.phone)
	if o.entry != nil { // whichever phone it is about: it may have been corrected a moment ago, or be another one that may speak for the person
		whose = fmt.Sprintf("callback/%d/%x", o.campaign, *o.entry)
	}
	if err := lockName(ctx, tx, whose); err != nil {
		return err
	}
	messages := []int64{}
	if o.message != 0 {
		messages = []int64{o.message}
	}
	tag, err := tx.Exec(ctx, `UPDATE callback SET reasons = CASE WHEN $4::text = ANY (reasons) THEN reasons ELSE reasons || $4::text END,
			messages = CASE WHEN messages @> $5::bigint[] THEN messages ELSE messages || $5 END, order_at = least(order_at, $6), due_at = least(due_at, $7)
		WHERE campaign_id = $1 AND closed_at IS NULL AND (registration_id = $2 OR $2::uuid IS NULL AND registration_id IS NULL AND phone_hash = $3)`,
		o.campaign, (*[16]byte)(o.entry), o.phone[:], string(o.reason), messages, o.order, o.due)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	if _, err = tx.Exec(ctx, `INSERT INTO callback (campaign_id, registration_id, phone_hash, inbound_id, reasons, messages, order_at, due_at, opened_at)
		VALUES ($1, $2, $3, nullif($4::bigint, 0), ARRAY[$5], $6, $7, $8, $9)`,
		o.campaign, (*[16]byte)(o.entry), o.phone[:], o.inbound, string(o.reason), messages, o.order, o.due, at); err != nil {
		return err
	}
	return auditMessage(ctx, tx, subject{id: o.message, campaign: o.campaign, entry: o.entry}, o.actor, "callback.opened", map[string]any{"reason": string(o.reason)}, at)
}

// OweCall implements desk.Switchboard.
func (s *Switchboard) OweCall(ctx context.Context, in desk.Inbound, entry *booking.ID, order time.Time, reason desk.CallReason, at time.Time) error {
	err := write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		return oweCall(ctx, tx, owed{campaign: in.Campaign, entry: entry, phone: in.PhoneHash, inbound: in.ID, reason: reason, order: order, due: at, actor: "phone"}, at)
	})
	if err != nil {
		return fmt.Errorf("owe a call: %w", err)
	}
	return nil
}
