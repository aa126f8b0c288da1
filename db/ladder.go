package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// fallen is a copy of a message of which it is certain that it did not arrive.
type fallen struct {
	subject
	route  string     // by which it went; "": not recorded
	phone  vault.Hash // to which it went; zero: not recorded
	code   int        // the provider's
	never  bool       // the provider says, without a code, that no text will ever reach the number
	state  string     // what the message becomes when no text is tried any more: failed or undelivered
	reason string     // on the agents' list, without the code
}

// climb takes a message whose copy did not arrive to its next step: another number of ours, once more later, or a call and the agents' list
// (booking.AfterFailure). It returns the message's state. The caller holds the message's row. Each step stands in the trail.
func (o *Outbox) climb(ctx context.Context, tx pgx.Tx, f fallen, actor string, at time.Time) (string, error) {
	c, err := o.campaigns.ByID(f.campaign)
	if err != nil {
		return "", err
	}
	m, tried, err := fallenMessage(ctx, tx, &f, at)
	if err != nil {
		return "", err
	}
	l, err := readLetter(ctx, tx, c, m)
	unreadable := errors.Is(err, vault.ErrData)
	if err == nil || unreadable {
		err = noteReportedOptOut(ctx, tx, c, f, l.to, actor)
	}
	switch {
	case err != nil:
		return "", err
	case !unreadable && l.stale, // the person knows already, or it is no longer so
		m.kind.Repeats() && !m.until.IsZero() && !at.Before(m.until): // nobody is called to be reminded of what has begun
		return msgExpired, moveMessage(ctx, tx, m.id, msgExpired, at)
	}
	failures, err := failuresOf(ctx, tx, f)
	if err != nil {
		return "", err
	}
	next, wait := booking.TryCall, time.Duration(0)
	if !unreadable && (m.until.IsZero() || at.Before(m.until)) {
		if f.route == "" { // not recorded: it went the way that is chosen for it
			chosen, _ := o.routes.For(l.to, tried)
			f.route = chosen.Name
		}
		tried = append(tried, f.route)
		another, err := o.another(ctx, tx, c, l.to, tried)
		if err != nil {
			return "", err
		}
		next, wait = booking.AfterFailure(failures, another, untilUseless(m.until, at))
	}
	switch next {
	case booking.TryRoute:
		return msgPending, sendBy(ctx, tx, f, tried, actor, at)
	case booking.TryLater:
		return msgPending, sendLater(ctx, tx, f, at.Add(wait), actor, at)
	}
	if err := moveMessage(ctx, tx, f.id, f.state, at); err != nil {
		return "", err
	}
	return f.state, tellOtherwise(ctx, tx, c, m, l.to, actor, f.reason, f.code, at)
}

// another reports whether a phone has a number of ours left: one that was not tried, and by which it has not stopped our texts.
func (o *Outbox) another(ctx context.Context, tx pgx.Tx, c *desk.Campaign, to booking.Phone, tried []string) (bool, error) {
	stopped, err := (&facts{querier: tx}).stopped(ctx, c, c.Keys.Phone(to))
	if err != nil {
		return false, err
	}
	_, ok := o.routes.For(to, append(stopped, tried...))
	return ok, nil
}

// fallenMessage notes on the message's last attempt that it failed, and reads the message and by which number it went.
func fallenMessage(ctx context.Context, tx pgx.Tx, f *fallen, at time.Time) (outgoing, []string, error) {
	m := outgoing{subject: f.subject}
	var params []byte
	var until *time.Time
	var tried []string
	err := tx.QueryRow(ctx, `
WITH failed AS (
    UPDATE send_attempt SET failed_at = $2, failed_code = $3 WHERE id = (SELECT max(id) FROM send_attempt WHERE message_id = $1)
)
SELECT coalesce(inbound_id, 0), coalesce(appointment_id, 0), kind, params, reference, useful_until, tried,
    coalesce(nullif($4, ''), (SELECT s.route FROM send_attempt s WHERE s.message_id = $1 ORDER BY s.id DESC LIMIT 1), route, '') FROM message WHERE id = $1`,
		f.id, at, f.code, f.route).Scan(&m.inbound, &m.appointment, &m.kind, &params, &m.reference, &until, &tried, &f.route)
	if err != nil {
		return m, nil, fmt.Errorf("read a message that did not arrive: %w", err)
	}
	if until != nil {
		m.until = *until
	}
	return m, tried, json.Unmarshal(params, &m.params)
}

// failuresOf reads why each copy of the message did not arrive, the last one by what is known of it now.
func failuresOf(ctx context.Context, tx pgx.Tx, f fallen) ([]booking.TextFailure, error) {
	codes, err := collect(ctx, tx, pgx.RowTo[int], `SELECT failed_code FROM send_attempt WHERE message_id = $1 AND failed_at IS NOT NULL ORDER BY id`, f.id)
	if err != nil {
		return nil, err
	}
	var out []booking.TextFailure
	for _, code := range codes {
		out = append(out, booking.FailureOf(code))
	}
	if len(out) == 0 { // no attempt: its text could not be made
		return []booking.TextFailure{booking.FailureOf(f.code)}, nil
	}
	if f.never && f.code == 0 {
		out[len(out)-1] = booking.FailureNumber
	}
	return out, nil
}

// untilUseless is how long a text is still of use; 0: without end.
func untilUseless(until, at time.Time) time.Duration {
	if until.IsZero() {
		return 0
	}
	return until.Sub(at)
}

// sendBy lets a message leave by another number of ours.
func sendBy(ctx context.Context, tx pgx.Tx, f fallen, tried []string, actor string, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE message SET state = 'pending', state_at = $2, due_at = $2, provider_id = NULL, route = NULL, tried = $3 WHERE id = $1`, f.id, at, tried); err != nil {
		return err
	}
	return auditMessage(ctx, tx, f.subject, actor, "message.rerouted", map[string]any{"after": f.route, "code": f.code, "failure": booking.FailureOf(f.code).String()}, at)
}

// sendLater lets a message leave once more.
func sendLater(ctx context.Context, tx pgx.Tx, f fallen, due time.Time, actor string, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE message SET state = 'pending', state_at = $2, due_at = $3, provider_id = NULL, route = NULL WHERE id = $1`, f.id, at, due); err != nil {
		return err
	}
	return auditMessage(ctx, tx, f.subject, actor, "message.again", map[string]any{"due": due.UTC(), "code": f.code, "failure": booking.FailureOf(f.code).String()}, at)
}

// tellOtherwise is what remains when no text can tell somebody: a call, and as long as nothing calls by itself the agents' list too.
// What only reminds of something that was told before adds to a call that is open and opens no second item.
func tellOtherwise(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, to booking.Phone, actor, reason string, code int, at time.Time) error {
	if m.entry == nil || m.helper != 0 || m.params[paramIntroduced] != "" {
		return nil
	}
	open := false
	if m.kind.Repeats() {
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM callback WHERE campaign_id = $1 AND registration_id = $2 AND closed_at IS NULL AND 'untold' = ANY (reasons))`,
			m.campaign, [16]byte(*m.entry)).Scan(&open); err != nil {
			return err
		}
	}
	if !open {
		if err := escalate(ctx, tx, m.subject, actor, reason, code, at); err != nil {
			return err
		}
	}
	if to.IsZero() || !booking.PrefixAllowed(c.Campaign, to) { // nobody to call, or not at our cost
		return nil
	}
	return owe(ctx, tx, c, m, to, actor, at)
}

// owe opens the call. Its order is that of the entry, and nobody is called in quiet hours.
func owe(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, to booking.Phone, actor string, at time.Time) error {
	var arrival time.Time
	entry := *m.entry
	err := tx.QueryRow(ctx, `SELECT coalesce(p.arrival, e.arrival), e.id FROM registration r
		JOIN registration e ON e.campaign_id = r.campaign_id AND e.id = CASE WHEN r.withdrawn_at IS NULL THEN coalesce(r.alias_of, r.id) ELSE r.id END
		LEFT JOIN place p ON p.campaign_id = e.campaign_id AND p.registration_id = e.id
		WHERE r.campaign_id = $1 AND r.id = $2`, m.campaign, [16]byte(entry)).Scan(&arrival, (*[16]byte)(&entry))
	if err != nil {
		return fmt.Errorf("read whom to call: %w", err)
	}
	return oweCall(ctx, tx, owed{
		campaign: m.campaign, entry: &entry, phone: c.Keys.Phone(to), reason: desk.CallUntold, message: m.id, order: arrival, due: notQuiet(c, at), actor: actor,
	}, at)
}

// notQuiet is the first instant from at on that lies outside the campaign's quiet hours; at itself where every hour is quiet.
func notQuiet(c *desk.Campaign, at time.Time) time.Time {
	if next, ok := booking.NotQuiet(at, c.Limits, c.Zone); ok {
		return next
	}
	return at
}
