package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// InsertMessages is insertMessages for tests outside the package.
var InsertMessages = insertMessages

// What tests do with single messages that go by the only route.

// OneRoute is a route to every phone without a limit.
func OneRoute(s desk.Sender) desk.Routes { return desk.Routes{{Name: "test", Sender: s}} }

// ways are the routes that a test has set, or else the only one.
func (o *Outbox) ways() desk.Routes {
	if len(o.routes) > 0 {
		return o.routes
	}
	return OneRoute(nil)
}

// OneClaim is a claim of one message, or what became of it instead.
type OneClaim struct {
	Claim
	Fate string
}

// ClaimSend claims one message.
func (o *Outbox) ClaimSend(ctx context.Context, id int64, n int, at time.Time) (OneClaim, bool, error) {
	got, err := o.claim(ctx, []desk.Turn{{Message: id, N: n}}, o.ways(), at)
	if len(got.claims) == 1 {
		return OneClaim{got.claims[0], msgSending}, true, err
	}
	return OneClaim{Fate: fate(got.fates)}, false, err
}

// FinishSend stores the outcome of one message.
func (o *Outbox) FinishSend(ctx context.Context, c OneClaim, r desk.SendResult, at time.Time) (string, error) {
	fates, err := o.finish(ctx, []handedOver{{c.Claim, r}}, at)
	return fate(fates), err
}

// DeliverOne is Deliver for one message.
func (o *Outbox) DeliverOne(ctx context.Context, id int64, n int, clock desk.Clock,
	send func(ctx context.Context, kind words.Kind, lang booking.Lang, data words.Data, text desk.OutgoingText) desk.SendResult,
) (string, error) {
	fates, err := o.Deliver(ctx, []desk.Turn{{Message: id, N: n}}, o.ways(), clock, time.Minute, func(ctx context.Context, l desk.Letter) desk.SendResult {
		return send(ctx, l.Kind, l.Lang, l.Data, l.Text)
	})
	return fate(fates), err
}

// ReleaseEach is Release that hands over one message after the other.
func (o *Outbox) ReleaseEach(ctx context.Context, at time.Time, window int, every time.Duration,
	hand func(ctx context.Context, id int64, n int, kind words.Kind, urgent bool) error,
) (int, error) {
	return o.Release(ctx, at, o.ways(), window, every, func(ctx context.Context, ms []desk.Released) (int, error) {
		for i, m := range ms {
			if err := hand(ctx, m.Message, m.N, m.Kind, m.Urgent); err != nil {
				return i, err
			}
		}
		return len(ms), nil
	})
}

// ReconcileBy is Reconcile with one provider.
func (o *Outbox) ReconcileBy(ctx context.Context, clock desk.Clock, s desk.Sender, after, gap, final time.Duration) (map[string]int, error) {
	return o.Reconcile(ctx, clock, OneRoute(s), after, gap, final)
}

// fate is the only one.
func fate(fates map[string]int) string {
	for f, n := range fates {
		if n > 0 {
			return f
		}
	}
	return ""
}

// Reserve reserves instants as a claim does.
func (o *Outbox) Reserve(ctx context.Context, r desk.Route, n int, at time.Time) (out []time.Time, err error) {
	err = write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		out = nil
		p, err := reserve(ctx, tx, r, n, at)
		for i := range p.room {
			out = append(out, p.at(i))
		}
		return err
	})
	return out, err
}
