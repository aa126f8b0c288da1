package jobs

import (
	"context"
	"time"

	"jari/booking/desk"
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
	// Remind makes the reminders of appointments that are due by now and returns how many. Several at once are harmless.
	Remind func(ctx context.Context, now time.Time) (int, error)
	// News makes the week's news to those who wait, as far as it is time for them, and returns how many. Several at once are harmless.
	News func(ctx context.Context, now time.Time) (int, error)
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
	Routes       desk.Routes // by which texts leave; at least one
	Clock        desk.Clock
}

func (p Ports) complete() bool {
	return p.Seal != nil && p.Count != nil && p.Enrol != nil && p.Pools != nil && p.Round != nil && p.Lapse != nil && p.Remind != nil && p.News != nil &&
		p.OpenTexts != nil && p.HandleText != nil && p.ForgetTexts != nil && p.RecoverTexts != nil && p.Outages != nil && p.Outbox != nil && len(p.Routes) > 0 && p.Clock != nil
}

// Outbox is the life of messages; see db.Outbox for what each step promises.
type Outbox interface {
	// Release lets due messages go and calls hand with them after the commit; hand says how many it took. An error of hand ends the run;
	// what was not handed over is found by Sweep.
	Release(ctx context.Context, at time.Time, routes desk.Routes, window int, every time.Duration,
		hand func(ctx context.Context, ms []desk.Released) (int, error)) (released int, err error)
	// Deliver claims messages, calls send for each of which the claim holds, at the message's instant and at most fresh after the claim, many
	// at the same time, and stores the outcomes. It counts the messages' fates; a message for which there was nothing to do has none. After an
	// error the messages are where Sweep finds them.
	Deliver(ctx context.Context, turns []desk.Turn, routes desk.Routes, clock desk.Clock, fresh time.Duration,
		send func(ctx context.Context, l desk.Letter) desk.SendResult) (fates map[string]int, err error)
	// Reconcile asks the providers about messages with an unknown outcome and returns counts by what became of them.
	Reconcile(ctx context.Context, clock desk.Clock, routes desk.Routes, after, gap, final time.Duration) (map[string]int, error)
	// Sweep brings back what a lost task or a dead worker left behind.
	Sweep(ctx context.Context, at time.Time, queued, sending time.Duration) (requeued, unknown int, err error)
	// CloseTold closes calls that we owed to people who know by now what they were to be told, and returns how many.
	CloseTold(ctx context.Context, at time.Time) (closed int, err error)
	// Stuck counts what has not moved for older, by state.
	Stuck(ctx context.Context, at time.Time, older time.Duration) (map[string]int, error)
}
