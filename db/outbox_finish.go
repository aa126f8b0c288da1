package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

const (
	leastPause = time.Second     // after a refusal for speed without a Retry-After
	mostPause  = time.Minute     // a provider cannot stop a whole campaign for longer than this at a time
	firstWait  = 2 * time.Second // after the first attempt that never left
	mostWait   = 5 * time.Minute
)

// Deliver claims a message, lets send hand it to the provider, and stores the outcome: the provider is never called
// without a committed claim. The text comes without a body, which send makes of the rest. Deliver returns the message's
// fate, which is empty when the message was not there to be sent.
func (o *Outbox) Deliver(ctx context.Context, id int64, n int, clock desk.Clock,
	send func(ctx context.Context, kind words.Kind, lang booking.Lang, data words.Data, text desk.OutgoingText) desk.SendResult,
) (string, error) {
	c, ok, err := o.ClaimSend(ctx, id, n, clock.Now())
	if err != nil || !ok {
		return c.Fate, err
	}
	r := send(ctx, c.Kind, c.Lang, c.Data, desk.OutgoingText{To: c.To, ValidFor: c.ValidFor, Key: c.Key})
	return o.FinishSend(ctx, c, r, clock.Now())
}

// FinishSend stores what the provider answered and returns the message's fate. It runs to its end even if the caller is
// gone. When it fails, or the process dies before it, Sweep makes the message unknown and Reconcile asks the provider.
func (o *Outbox) FinishSend(ctx context.Context, c Claim, r desk.SendResult, at time.Time) (string, error) {
	var fate string
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		fate, err = o.finish(ctx, tx, c, r, at)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("store the outcome of message %d: %w", c.Message, err)
	}
	return fate, nil
}

func (o *Outbox) finish(ctx context.Context, tx pgx.Tx, c Claim, r desk.SendResult, at time.Time) (string, error) {
	if r.Outcome == desk.SendAccepted && r.ProviderID == "" {
		r.Outcome = desk.SendUnknown // an acceptance that we could never ask about again
	}
	if r.ProviderID != "" {
		if err := lockProviderID(ctx, tx, r.ProviderID); err != nil {
			return "", err
		}
	}
	state, ours, err := stillOurs(ctx, tx, c)
	if err != nil {
		return "", err
	}
	if !ours {
		return state, lateAnswer(ctx, tx, c, r, at)
	}
	if err := finishAttempt(ctx, tx, c.Attempt, r, at); err != nil {
		return "", err
	}
	switch r.Outcome {
	case desk.SendAccepted:
		return accept(ctx, tx, c.subject(), r.ProviderID, actorSend, at)
	case desk.SendSlowDown:
		return msgPending, o.slowDown(ctx, tx, c, r.RetryAfter, at)
	case desk.SendNotSent:
		return msgPending, notSent(ctx, tx, c, at)
	case desk.SendRefused:
		return refuse(ctx, tx, c, r, at)
	default:
		return msgUnknown, moveMessage(ctx, tx, c.Message, msgUnknown, at)
	}
}

// stillOurs reports whether this attempt is the message's last and nothing else has decided its fate. An answer may come
// so late that the message was reconciled meanwhile.
func stillOurs(ctx context.Context, tx pgx.Tx, c Claim) (state string, ours bool, err error) {
	var last int64
	err = tx.QueryRow(ctx, `SELECT state, (SELECT max(id) FROM send_attempt WHERE message_id = $1) FROM message WHERE id = $1 FOR UPDATE`, c.Message).Scan(&state, &last)
	switch state {
	case msgSending, msgUnknown, msgPending, msgQueued:
		return state, last == c.Attempt, err
	}
	return state, false, err
}

// lateAnswer keeps an acceptance that came after the message's fate was decided otherwise: if it is another copy than
// the one we know of, it is a known double.
func lateAnswer(ctx context.Context, tx pgx.Tx, c Claim, r desk.SendResult, at time.Time) error {
	if r.Outcome != desk.SendAccepted {
		return nil
	}
	_, err := tx.Exec(ctx, `
UPDATE send_attempt a SET provider_id = $2, finished_at = $3, extra = a.extra + 1
FROM message m WHERE a.id = $1 AND m.id = a.message_id AND m.provider_id IS DISTINCT FROM $2 AND a.provider_id IS DISTINCT FROM $2`,
		c.Attempt, r.ProviderID, at)
	return err
}

func finishAttempt(ctx context.Context, tx pgx.Tx, id int64, r desk.SendResult, at time.Time) error {
	outcome := map[desk.SendOutcome]string{
		desk.SendAccepted: "accepted", desk.SendNotSent: "not_sent", desk.SendSlowDown: "slow_down", desk.SendRefused: "refused",
	}[r.Outcome]
	if outcome == "" {
		outcome = "unknown"
	}
	_, err := tx.Exec(ctx, `UPDATE send_attempt SET outcome = $2, code = $3, provider_id = nullif($4, ''), finished_at = $5 WHERE id = $1`,
		id, outcome, r.Code, r.ProviderID, at)
	return err
}

// accept notes the provider's id and applies the receipts that were faster than we. The caller holds the id's lock.
func accept(ctx context.Context, tx pgx.Tx, m subject, providerID, actor string, at time.Time) (string, error) {
	var early bool
	err := tx.QueryRow(ctx, `UPDATE message SET state = 'accepted', state_at = $2, provider_id = $3 WHERE id = $1
		RETURNING EXISTS (SELECT FROM receipt WHERE provider_id = $3)`, m.id, at, providerID).Scan(&early)
	if err != nil || !early {
		return msgAccepted, err
	}
	return applyReceipts(ctx, tx, providerID, actor, at)
}

// slowDown lets this message wait and stops the campaign's releases for as long as the provider asks.
func (o *Outbox) slowDown(ctx context.Context, tx pgx.Tx, c Claim, after time.Duration, at time.Time) error {
	after = max(after, leastPause)
	if err := delay(ctx, tx, c.Message, at, at.Add(after+jitter(after/2))); err != nil {
		return err
	}
	if err := notCharged(ctx, tx, c); err != nil { // first: it takes the phone's row before the campaign's, as a claim does
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE spend SET allowance = least(allowance, 0), paced_at = greatest(paced_at, $3) WHERE campaign_id = $1 AND day = $2`,
		c.Campaign, c.day, at.Add(min(after, mostPause)))
	return err
}

func notSent(ctx context.Context, tx pgx.Tx, c Claim, at time.Time) error {
	var before int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM send_attempt WHERE message_id = $1 AND outcome = 'not_sent'`, c.Message).Scan(&before); err != nil {
		return err
	}
	wait := min(firstWait<<min(before-1, 10), mostWait)
	if err := delay(ctx, tx, c.Message, at, at.Add(wait+jitter(wait/2))); err != nil {
		return err
	}
	return notCharged(ctx, tx, c)
}

// refuse ends a message that the provider would refuse again. The code that it gave goes to the agents.
func refuse(ctx context.Context, tx pgx.Tx, c Claim, r desk.SendResult, at time.Time) (string, error) {
	if err := noteRefusedOptOut(ctx, tx, c, r.Code); err != nil {
		return "", err
	}
	state, reason := msgFailed, "refused"
	if r.Permanent {
		state, reason = msgUndelivered, "unreachable"
	}
	if err := escalate(ctx, tx, c.subject(), actorSend, reason, r.Code, at); err != nil {
		return "", err
	}
	return state, moveMessage(ctx, tx, c.Message, state, at)
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // spreads retries
}
