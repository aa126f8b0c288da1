package db

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
)

// Outbox is the life of messages that must reach a person. Read in the order of that life: outbox_insert.go (made true
// together with what it tells), outbox_release.go and outbox_lane.go (pending → queued, as far as the campaigns and routes go), outbox_claim.go (queued →
// sending, before the provider is called, as far as outbox_limits.go goes, with what outbox_facts.go and outbox_letter.go read and at
// an instant of outbox_pace.go), outbox_deliver.go (to the provider), outbox_finish.go (what the provider
// answered), outbox_receipt.go (what became of it), ladder.go (what follows when it did not arrive), outbox_reconcile.go (what nobody
// answered), outbox_sweep.go (what was left behind), owe_told.go (calls that nobody has to make
// any more).
//
// Every step is one short transaction guarded by the state before it, so that any number of workers may try it, and so
// that Redis may be lost at any moment.
type Outbox struct {
	pool      *pgxpool.Pool
	campaigns desk.Campaigns
	receipts  *gather[reported, struct{}]
	routes    desk.Routes

	looking sync.Mutex
	looked  openCall // the last open call that CloseTold has looked at; where it begins anew costs nothing
}

// NewOutbox makes an outbox.
func NewOutbox(pool *pgxpool.Pool, campaigns desk.Campaigns) *Outbox {
	o := &Outbox{pool: pool, campaigns: campaigns}
	o.receipts = gathering(receiptBatch, nil, o.receiveAll)
	o.receipts.hands = 1 // larger batches; two would mostly wait for each other's messages
	return o
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

// moved is a message's new state, with the route that was chosen.
type moved struct {
	id    int64
	state string
	route string // "": as it was
}

// moveAll sets states in one statement. The caller holds the rows' locks.
func moveAll(ctx context.Context, tx pgx.Tx, all []moved, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	ids, states, routes := make([]int64, len(all)), make([]string, len(all)), make([]string, len(all))
	for i, m := range all {
		ids[i], states[i], routes[i] = m.id, m.state, m.route
	}
	_, err := tx.Exec(ctx, `UPDATE message m SET state = t.state, state_at = $4, route = coalesce(nullif(t.route, ''), m.route)
		FROM unnest($1::bigint[], $2::text[], $3::text[]) AS t(id, state, route) WHERE m.id = t.id`, ids, states, routes, at)
	return err
}

// delay puts a message back to wait until due.
func delay(ctx context.Context, tx pgx.Tx, id int64, at, due time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE message SET state = 'pending', state_at = $2, due_at = $3 WHERE id = $1`, id, at, due)
	return err
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
