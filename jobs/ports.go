package jobs

import (
	"context"
	"time"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// Ports is everything that the tasks need. All fields are required.
type Ports struct {
	// Seal numbers what is due in every queue and returns how many places were announced.
	Seal func(ctx context.Context) (int, error)
	// Count writes the public documents that changed and returns how many there were. It decides by itself how often it
	// counts what is costly to count. Several at once are harmless.
	Count func(ctx context.Context) (int, error)
	// Enrol derives what the intake left for later, for up to limit registrations of each queue, and returns how many there
	// were in all.
	Enrol func(ctx context.Context, limit int) (int, error)
	// Pools lists the pools of all campaigns. It answers from memory.
	Pools func(ctx context.Context) ([]int32, error)
	// Round walks one pool once and returns how many people got a slot. A second round of the same pool at the same time is
	// harmless.
	Round func(ctx context.Context, pool int32, actor string) (int, error)
	// Lapse ends all offers whose clock has run out by now and returns how many. Several at once are harmless.
	Lapse func(ctx context.Context, actor string, now time.Time) (int, error)
	// OpenTexts takes kept texts that arrived before the instant and are not handled, oldest first, a bounded number. Nobody else gets them for
	// some seconds.
	OpenTexts func(ctx context.Context, before, now time.Time) ([]desk.OpenText, error)
	// HandleText handles one. Handling it a second time changes nothing.
	HandleText func(ctx context.Context, id int64) error
	// ForgetTexts forgets conversations that nobody completed in time.
	ForgetTexts func(ctx context.Context, now time.Time) error
	// RecoverTexts keeps what a provider's log has of an outage, and returns how many texts were missing. Repeating it is safe.
	RecoverTexts func(ctx context.Context, o desk.Outage) (kept int, err error)
	Outages      Outages
	Outbox       Outbox
	Sender       desk.Sender
	Clock        desk.Clock
}

func (p Ports) complete() bool {
	return p.Seal != nil && p.Count != nil && p.Enrol != nil && p.Pools != nil && p.Round != nil && p.Lapse != nil &&
		p.OpenTexts != nil && p.HandleText != nil && p.ForgetTexts != nil && p.RecoverTexts != nil && p.Outages != nil && p.Outbox != nil && p.Sender != nil && p.Clock != nil
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
