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

const (
	fetchPage = 50
	// askFor is how long after its last copy a message without a final receipt is asked about: some carriers never report.
	askFor = 72 * time.Hour
)

// askedFor is a condition on a message: its last copy is from after an instant. Many are written long before they are due, so that the message's own
// age does not tell. What has not moved since then is passed over in the index.
func askedFor(since string) string {
	return `state_at > ` + since + ` AND (created_at > ` + since + ` OR (SELECT max(a.claimed_at) FROM send_attempt a WHERE a.message_id = message.id) > ` + since + `)`
}

// unaskable reports messages that nobody can be asked about now, by an error. They keep none of the others waiting.
func (o *Outbox) unaskable(ctx context.Context, names []string, before time.Time) error {
	var route, campaign bool
	err := o.pool.QueryRow(ctx, `SELECT coalesce(bool_or(coalesce(route, '') <> ALL ($2)), false), coalesce(bool_or(campaign_id <> ALL ($3)), false)
		FROM message WHERE state = 'unknown' AND state_at <= $1`, before, names, o.held()).Scan(&route, &campaign)
	switch {
	case err != nil:
		return fmt.Errorf("reconcile messages: %w", err)
	case route:
		return errors.New("messages of unknown fate went by a route that is there no more: it must stay until what went by it is known")
	case campaign:
		return errors.New("messages of unknown fate are of a campaign that cannot be opened")
	}
	return nil
}

// held are the campaigns whose messages can be read.
func (o *Outbox) held() []int32 {
	var ids []int32
	for _, c := range o.campaigns.All() {
		ids = append(ids, c.ID)
	}
	return ids
}

// giveUp ends a message whose phone cannot be read: nobody can be asked about it, and a person must look.
func (o *Outbox) giveUp(ctx context.Context, m unknownMessage, at time.Time) error {
	return write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE message SET state = 'failed', state_at = $2 WHERE id = $1 AND state = 'unknown'`, m.id, at)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return escalate(ctx, tx, m.subject, actorReconcile, "unreadable", 0, at)
	})
}

// listOf asks the provider for the texts among which the message must be. Of a phone with which a device is no longer introduced nobody knows the
// number any more: then there are none, and the claim that follows ends the message.
func listOf(ctx context.Context, routes desk.Routes, m unknownMessage, to booking.Phone) ([]desk.SentText, error) {
	if to.IsZero() && m.params[paramIntroduced] != "" {
		return nil, nil
	}
	provider, err := askOf(routes, m.route, to)
	if err != nil {
		return nil, err
	}
	return provider.List(ctx, to, m.since.Add(-clockSlack))
}

// patience is how many questions in a row may go without an answer before a run ends: then the provider or the database is away.
const patience = 3

// askEach asks about each. One that fails by itself does not keep the others waiting.
func askEach[T any](ctx context.Context, all []T, ask func(T) error) error {
	var errs []error
	failed := 0 // in a row
	for _, one := range all {
		err := ask(one)
		errs = append(errs, err)
		if failed++; err == nil {
			failed = 0
		}
		if failed == patience || ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// unfinal is a message whose final receipt is long due.
type unfinal struct {
	ProviderID string
	Route      string
}

// askAgain fetches messages by id whose final receipt is long due: it was lost, or came while PostgreSQL was away. Each is
// asked about once in final, whatever the answer; for that the time of its state moves on first.
func (o *Outbox) askAgain(ctx context.Context, clock desk.Clock, routes desk.Routes, final time.Duration, counts map[string]int) error {
	at := clock.Now()
	due, err := collect(ctx, o.pool, pgx.RowToStructByPos[unfinal], `UPDATE message SET state_at = $1 WHERE id IN (
		SELECT id FROM message WHERE state IN ('accepted', 'sent') AND state_at <= $2 AND provider_id IS NOT NULL AND `+askedFor("$3")+`
		ORDER BY state_at LIMIT $4 FOR UPDATE SKIP LOCKED) RETURNING provider_id, coalesce(route, '')`, at, at.Add(-final), at.Add(-askFor), fetchPage)
	if err != nil {
		return fmt.Errorf("find messages without a final receipt: %w", err)
	}
	return askEach(ctx, due, func(m unfinal) error {
		if m.Route == "" && len(routes) > 0 { // from before routes
			m.Route = routes[0].Name
		}
		provider, err := askOf(routes, m.Route, booking.Phone{})
		if err != nil {
			return err
		}
		s, err := provider.Fetch(ctx, m.ProviderID)
		if err != nil {
			return fmt.Errorf("ask the provider about %s: %w", m.ProviderID, err)
		}
		counts["asked"]++
		if s.Status.Rank() == 0 { // the provider does not know it
			return nil
		}
		return o.Receive(ctx, m.ProviderID, s.Status, s.Code, clock.Now())
	})
}
