package jobs

import (
	"context"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Sealer turns order into places.
type Sealer interface {
	// SealAll seals every queue and returns how many places were announced.
	SealAll(ctx context.Context) (int, error)
}

// Counter writes the public documents.
type Counter interface {
	// WriteDocuments writes the queue documents that changed and returns how many there were. It decides by itself how
	// often it counts what is costly to count. Several at once are harmless.
	WriteDocuments(ctx context.Context) (int, error)
}

// Enroller derives what the intake leaves for later.
type Enroller interface {
	// EnrolPage handles up to limit registrations of each queue and returns how many there were in all.
	EnrolPage(ctx context.Context, limit int) (int, error)
}

// Assigner gives slots to people.
type Assigner interface {
	// Pools lists the pools of all campaigns. It answers from memory.
	Pools(ctx context.Context) ([]int32, error)
	// RunRound walks one pool once. A second round of the same pool at the same time is harmless.
	RunRound(ctx context.Context, pool int32, actor string) (looked, assigned, unmatched int, err error)
}

// Lapser ends offers that nobody answered.
type Lapser interface {
	// Lapse ends all offers whose clock has run out by now and returns how many. Several at once are harmless.
	Lapse(ctx context.Context, actor string, now time.Time) (int, error)
}

// Inbound finds kept texts that nobody has handled and handles them.
type Inbound interface {
	// OpenInbound lists kept texts that arrived before the instant and are not handled, oldest first, a bounded number.
	OpenInbound(ctx context.Context, before time.Time) ([]int64, error)
	// HandleInbound handles one. Handling it a second time changes nothing.
	HandleInbound(ctx context.Context, id int64) error
}

// Outbox is the life of messages; see db.Outbox for what each step promises.
type Outbox interface {
	// Release lets due messages go and calls hand for each after the commit. An error of hand ends the run; what was not
	// handed over is found by Sweep.
	Release(ctx context.Context, at time.Time, window int, every time.Duration,
		hand func(ctx context.Context, id int64, n int, kind words.Kind, urgent bool) error) (released int, err error)
	// Deliver claims a message, calls send if the claim holds, and stores the outcome. The fate is empty when there was
	// nothing to do. After an error the message is where Sweep finds it.
	Deliver(ctx context.Context, id int64, n int, clock desk.Clock,
		send func(ctx context.Context, kind words.Kind, lang booking.Lang, data words.Data, text desk.OutgoingText) desk.SendResult) (fate string, err error)
	// Reconcile asks the provider about messages with an unknown outcome and returns counts by what became of them.
	Reconcile(ctx context.Context, clock desk.Clock, provider desk.Sender, after, gap, final time.Duration) (map[string]int, error)
	// Sweep brings back what a lost task or a dead worker left behind.
	Sweep(ctx context.Context, at time.Time, queued, sending time.Duration) (requeued, unknown int, err error)
	// Stuck counts what has not moved for older, by state.
	Stuck(ctx context.Context, at time.Time, older time.Duration) (map[string]int, error)
}

// Ports is everything that the tasks need. All fields are required.
type Ports struct {
	Sealer   Sealer
	Counter  Counter
	Enroller Enroller
	Assigner Assigner
	Lapser   Lapser
	Outbox   Outbox
	Inbound  Inbound
	Sender   desk.Sender
	Clock    desk.Clock
}
