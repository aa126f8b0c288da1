package db

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

const (
	leastPause = time.Second     // after a refusal for speed without a Retry-After
	mostPause  = time.Minute     // a provider cannot stop a route for longer than this at a time
	firstWait  = 2 * time.Second // after the first attempt that never left
	mostWait   = 5 * time.Minute
)

// finish stores what the providers answered, in one transaction, and counts the messages' fates. It runs to its end even if the caller is
// gone. When it fails, or the process dies before it, Sweep makes the messages unknown and Reconcile asks the provider.
func (o *Outbox) finish(ctx context.Context, all []handedOver, at time.Time) (map[string]int, error) {
	for i := range all {
		if r := &all[i].result; r.Outcome == desk.SendAccepted && r.ProviderID == "" {
			r.Outcome = desk.SendUnknown // an acceptance that we could never ask about again
		}
	}
	var fates map[string]int
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		fates = map[string]int{}
		return o.finishAll(ctx, tx, all, at, fates)
	})
	if err != nil {
		return nil, fmt.Errorf("store the outcomes of %d messages: %w", len(all), err)
	}
	return fates, nil
}

// finishAll takes the routes' rows first, as a claim does, then the providers' ids and the messages, as a receipt does, and at the end what was
// counted for texts that were not sent.
func (o *Outbox) finishAll(ctx context.Context, tx pgx.Tx, all []handedOver, at time.Time, fates map[string]int) error {
	if err := byIndex(ctx, tx); err != nil {
		return err
	}
	if err := slowDownRoutes(ctx, tx, all, at); err != nil {
		return err
	}
	var ids []string
	for _, h := range all {
		if h.result.ProviderID != "" {
			ids = append(ids, h.result.ProviderID)
		}
	}
	if err := lockProviderIDs(ctx, tx, ids); err != nil {
		return err
	}
	ours, late, err := stillOurs(ctx, tx, all, fates)
	if err != nil {
		return err
	}
	for _, h := range late {
		if err := lateAnswer(ctx, tx, h.claim, h.result, at); err != nil {
			return err
		}
	}
	if err := finishAttempts(ctx, tx, ours, at); err != nil {
		return err
	}
	var took []acceptance
	var unknown []moved
	var others []handedOver
	for _, h := range ours {
		switch h.result.Outcome {
		case desk.SendAccepted:
			took = append(took, acceptance{h.claim.Message, h.result.ProviderID})
		case desk.SendSlowDown, desk.SendNotSent, desk.SendRefused:
			others = append(others, h)
		default:
			unknown = append(unknown, moved{id: h.claim.Message, state: msgUnknown})
		}
	}
	fates[msgUnknown] += len(unknown)
	if err := moveAll(ctx, tx, unknown, at); err != nil {
		return err
	}
	if err := o.acceptAll(ctx, tx, took, actorSend, at, fates); err != nil {
		return err
	}
	var back []Claim
	for _, h := range others {
		fate, err := o.notTaken(ctx, tx, h.claim, h.result, at)
		if err != nil {
			return err
		}
		if fates[fate]++; h.result.Outcome != desk.SendRefused {
			back = append(back, h.claim)
		}
	}
	return notCharged(ctx, tx, back)
}

// notTaken deals with a message that the provider surely does not have.
func (o *Outbox) notTaken(ctx context.Context, tx pgx.Tx, c Claim, r desk.SendResult, at time.Time) (string, error) {
	switch r.Outcome {
	case desk.SendSlowDown:
		return msgPending, slowDown(ctx, tx, c, r.RetryAfter, at)
	case desk.SendNotSent:
		return msgPending, notSent(ctx, tx, c, at)
	default:
		return o.refuse(ctx, tx, c, r, at)
	}
}

// stillOurs splits off those whose attempt is not the message's last or whose fate something else has decided. An answer may come
// so late that the message was reconciled meanwhile. It locks the messages.
func stillOurs(ctx context.Context, tx pgx.Tx, all []handedOver, fates map[string]int) (ours, late []handedOver, err error) {
	ids := make([]int64, len(all))
	for i, h := range all {
		ids[i] = h.claim.Message
	}
	rows, err := tx.Query(ctx, `SELECT m.id, m.state, (SELECT max(a.id) FROM send_attempt a WHERE a.message_id = m.id) FROM message m WHERE m.id = ANY($1) ORDER BY m.id FOR UPDATE OF m`, ids)
	if err != nil {
		return nil, nil, err
	}
	states, last := map[int64]string{}, map[int64]int64{}
	var id, attempt int64
	var state string
	if _, err := pgx.ForEachRow(rows, []any{&id, &state, &attempt}, func() error { states[id], last[id] = state, attempt; return nil }); err != nil {
		return nil, nil, err
	}
	for _, h := range all {
		state := states[h.claim.Message]
		if last[h.claim.Message] == h.claim.Attempt && slices.Contains([]string{msgSending, msgUnknown, msgPending, msgQueued}, state) {
			ours = append(ours, h)
			continue
		}
		late = append(late, h)
		fates[state]++
	}
	return ours, late, nil
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

func finishAttempts(ctx context.Context, tx pgx.Tx, all []handedOver, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	n := len(all)
	ids, outcomes, codes, providers := make([]int64, n), make([]string, n), make([]int, n), make([]string, n)
	for i, h := range all {
		ids[i], outcomes[i], codes[i], providers[i] = h.claim.Attempt, outcomeWord(h.result.Outcome), h.result.Code, h.result.ProviderID
	}
	_, err := tx.Exec(ctx, `UPDATE send_attempt a SET outcome = t.outcome, code = t.code, provider_id = nullif(t.provider, ''), finished_at = $5
		FROM unnest($1::bigint[], $2::text[], $3::int[], $4::text[]) AS t(id, outcome, code, provider) WHERE a.id = t.id`, ids, outcomes, codes, providers, at)
	return err
}

func outcomeWord(o desk.SendOutcome) string {
	switch o {
	case desk.SendAccepted:
		return "accepted"
	case desk.SendNotSent:
		return "not_sent"
	case desk.SendSlowDown:
		return "slow_down"
	case desk.SendRefused:
		return "refused"
	}
	return "unknown"
}

// acceptance says under which id a provider has a message.
type acceptance struct {
	message    int64
	providerID string
}

// acceptAll notes the providers' ids and applies the receipts that were faster than we. The caller holds the ids' locks and the messages'.
func (o *Outbox) acceptAll(ctx context.Context, tx pgx.Tx, all []acceptance, actor string, at time.Time, fates map[string]int) error {
	if len(all) == 0 {
		return nil
	}
	ids, providers := make([]int64, len(all)), make([]string, len(all))
	for i, a := range all {
		ids[i], providers[i] = a.message, a.providerID
	}
	early, err := collect(ctx, tx, pgx.RowTo[string], `
WITH early AS (SELECT DISTINCT provider_id FROM receipt WHERE provider_id = ANY($2)), took AS (
    UPDATE message m SET state = 'accepted', state_at = $3, provider_id = t.provider
    FROM unnest($1::bigint[], $2::text[]) AS t(id, provider) WHERE m.id = t.id)
SELECT provider_id FROM early`, ids, providers, at)
	if err != nil {
		return err
	}
	states, err := o.applyReceipts(ctx, tx, early, actor, at)
	if err != nil {
		return err
	}
	for _, a := range all {
		state := states[a.providerID]
		if state == "" {
			state = msgAccepted
		}
		fates[state]++
	}
	return nil
}

// slowDownRoutes lets nothing leave by the routes whose provider asks for that, for as long as it asks.
func slowDownRoutes(ctx context.Context, tx pgx.Tx, all []handedOver, at time.Time) error {
	pause := map[string]time.Duration{}
	for _, h := range all {
		if h.result.Outcome == desk.SendSlowDown {
			pause[h.claim.Route.Name] = max(pause[h.claim.Route.Name], min(max(h.result.RetryAfter, leastPause), mostPause))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pause)) {
		if err := slowDownRoute(ctx, tx, name, at, at.Add(pause[name])); err != nil {
			return err
		}
	}
	return nil
}

// slowDown lets a message wait that its provider had no room for.
func slowDown(ctx context.Context, tx pgx.Tx, c Claim, after time.Duration, at time.Time) error {
	after = max(after, leastPause)
	return delay(ctx, tx, c.Message, at, at.Add(after+jitter(after/2)))
}

func notSent(ctx context.Context, tx pgx.Tx, c Claim, at time.Time) error {
	var before int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM send_attempt WHERE message_id = $1 AND outcome = 'not_sent'`, c.Message).Scan(&before); err != nil {
		return err
	}
	wait := min(firstWait<<min(before-1, 10), mostWait)
	return delay(ctx, tx, c.Message, at, at.Add(wait+jitter(wait/2)))
}

// refuse takes a message that this provider would refuse again to its next step. The code that it gave goes to the agents.
func (o *Outbox) refuse(ctx context.Context, tx pgx.Tx, c Claim, r desk.SendResult, at time.Time) (string, error) {
	if err := noteRefusedOptOut(ctx, tx, c, r.Code); err != nil {
		return "", err
	}
	f := fallen{subject: c.subject(), route: c.Route.Name, code: r.Code, never: r.Permanent, state: msgFailed, reason: "refused"}
	if r.Permanent || booking.FailureOf(r.Code) == booking.FailureNumber {
		f.state, f.reason = msgUndelivered, "unreachable"
	}
	return o.climb(ctx, tx, f, actorSend, at)
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // spreads retries
}
