package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Outbox is the life of messages that must reach a person. Read in the order of that life: outbox_insert.go (made true
// together with what it tells), outbox_release.go (pending → queued, at the provider's pace), outbox_claim.go (queued →
// sending, before the provider is called, as far as the limits in outbox_limits.go go), outbox_finish.go (what the provider
// answered), outbox_receipt.go (what became of it), ladder.go (what is tried when it did not arrive), outbox_reconcile.go (what nobody answered), outbox_sweep.go (what was left
// behind).
//
// Every step is one short transaction guarded by the state before it, so that any number of workers may try it, and so
// that Redis may be lost at any moment.
type Outbox struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	routes    desk.Routes
}

// NewOutbox makes an outbox.
func NewOutbox(pool *pgxpool.Pool, campaigns desk.Campaigns) *Outbox {
	return &Outbox{pool: pool, campaigns: campaigns}
}

// Over says by which of our numbers texts may leave, for what is tried when one of them does not get through.
func (o *Outbox) Over(routes desk.Routes) *Outbox {
	o.routes = routes
	return o
}

// The states of a message. Pending, queued, sending and unknown are ours; the others are what is known of its fate.
const (
	msgPending     = "pending"     // waits for its turn
	msgQueued      = "queued"      // handed to the task queue
	msgSending     = "sending"     // claimed: the provider is being called
	msgUnknown     = "unknown"     // nobody knows whether the provider has it
	msgAccepted    = "accepted"    // the provider has it
	msgUndelivered = "undelivered" // it cannot reach this number
	msgFailed      = "failed"      // the provider gave up or refused
	msgSuppressed  = "suppressed"  // a rehearsal, or a country that the campaign does not serve
	msgExpired     = "expired"     // no longer true or of use when its turn came
)

// subject is the message that a change is about.
type subject struct {
	id       int64
	campaign int32
	entry    *booking.ID
	helper   int64 // who is told instead of the phone on file; 0: nobody
}

// moveMessage sets the state. The caller holds the row's lock and knows that the step is allowed.
func moveMessage(ctx context.Context, tx pgx.Tx, id int64, state string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE message SET state = $2, state_at = $3 WHERE id = $1`, id, state, at)
	return err
}

// delay puts a message back to wait until due.
func delay(ctx context.Context, tx pgx.Tx, id int64, at, due time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE message SET state = 'pending', state_at = $2, due_at = $3 WHERE id = $1`, id, at, due)
	return err
}

// escalate puts the person on the agents' list, because a text cannot tell them. An answer to a phone that has no entry
// ends here: there is nobody to call. So does what a helper was to be told (the person is told by themselves), and a code for a device that
// has only introduced itself.
func escalate(ctx context.Context, tx pgx.Tx, m subject, actor, reason string, code int, at time.Time) error {
	if m.entry == nil || m.helper != 0 {
		return nil
	}
	if code != 0 {
		reason = fmt.Sprintf("%s:%d", reason, code)
	}
	tag, err := tx.Exec(ctx, `INSERT INTO escalation (campaign_id, registration_id, message_id, reason, opened_at)
		SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT FROM message WHERE id = $3 AND params ? 'introduced')
		ON CONFLICT (campaign_id, registration_id, message_id, reason) DO NOTHING`,
		m.campaign, [16]byte(*m.entry), m.id, reason, at)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return auditMessage(ctx, tx, m, actor, "message.escalated", map[string]any{"reason": reason}, at)
}

// auditMessage adds to the trail. detail must hold no personal data.
func auditMessage(ctx context.Context, tx pgx.Tx, m subject, actor, act string, detail map[string]any, at time.Time) error {
	if m.id != 0 {
		detail["message"] = m.id
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.campaign, (*[16]byte)(m.entry), at, actor, act, detail)
	return err
}

// phoneHash is what we keep of a phone that texts go to.
func phoneHash(c *desk.Campaign, to booking.Phone) vault.Hash {
	return c.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: to}))
}
