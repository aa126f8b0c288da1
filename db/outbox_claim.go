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
	"jari/booking/words"
)

const actorSend = "job:send"

// Fates that ClaimSend reports and that are no state of the message.
const (
	FateCapped = "capped" // it waits for the next day, because the campaign's spend cap or the phone's limit was reached
	FateBraked = "braked" // it waits, because its campaign's sending is braked
)

// Claim is the right to call the provider for one message, once.
type Claim struct {
	Message  int64
	Attempt  int64
	Campaign int32
	Kind     words.Kind
	Lang     booking.Lang
	Data     words.Data
	To       booking.Phone
	ValidFor time.Duration // how long the text is of use; 0 means as long as it takes
	Key      string        // of this copy
	Fate     string        // what became of the message; "sending" when the claim holds, empty when it was not ours

	entry   *booking.ID
	helper  int64
	request int64 // the code request that the text answers
	day     time.Time
	phone   vault.Hash // under which the text was counted
}

func (c *Claim) subject() subject { return subject{c.Message, c.Campaign, c.entry, c.helper} }

// outgoing is what a claim reads of its message.
type outgoing struct {
	subject
	inbound     int64
	appointment int64
	kind        words.Kind
	params      map[string]string
	reference   string
	until       time.Time
	braked      bool // nothing of this campaign may leave
}

// ClaimSend takes message id for sending if it still waits under its n-th task. ok is true when the provider is to be
// called now, and then FinishSend must follow. It is false when somebody else has the message, or when its fate was
// decided here: expired, suppressed, undelivered (a fixed line), failed, delayed to the next day by the spend cap or
// by the phone's limit, or put back because sending is braked.
func (o *Outbox) ClaimSend(ctx context.Context, id int64, n int, at time.Time) (c Claim, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return Claim{}, false, err // nothing is claimed for a caller that is gone
	}
	err = write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		c = Claim{}
		m, err := takeMessage(ctx, tx, id, n, at)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		return o.claim(ctx, tx, m, at, &c)
	})
	if err != nil {
		return Claim{}, false, fmt.Errorf("claim message %d: %w", id, err)
	}
	return c, c.Fate == msgSending, nil
}

func takeMessage(ctx context.Context, tx pgx.Tx, id int64, n int, at time.Time) (outgoing, error) {
	m := outgoing{subject: subject{id: id}}
	var entry *[16]byte
	var params []byte
	var until *time.Time
	err := tx.QueryRow(ctx, `
UPDATE message SET state = 'sending', state_at = $3 WHERE id = $1 AND state = 'queued' AND enqueued = $2
RETURNING campaign_id, registration_id, coalesce(inbound_id, 0), coalesce(appointment_id, 0), coalesce(helper_id, 0), kind, params, reference, useful_until,
    EXISTS (SELECT FROM brake b WHERE b.campaign_id = message.campaign_id AND b.what = 'sending')`,
		id, n, at).Scan(&m.campaign, &entry, &m.inbound, &m.appointment, &m.helper, &m.kind, &params, &m.reference, &until, &m.braked)
	if err != nil {
		return m, err
	}
	m.entry = (*booking.ID)(entry)
	if until != nil {
		m.until = *until
	}
	return m, json.Unmarshal(params, &m.params)
}

// claim decides whether the taken message is sent, and prepares everything that sending needs.
func (o *Outbox) claim(ctx context.Context, tx pgx.Tx, m outgoing, at time.Time, out *Claim) error {
	end := func(state string) error {
		out.Fate = state
		return moveMessage(ctx, tx, m.id, state, at)
	}
	if m.braked { // its turn comes again when sending goes on, as if it had never been queued
		out.Fate = FateBraked
		return moveMessage(ctx, tx, m.id, msgPending, at)
	}
	c, err := o.campaigns.ByID(m.campaign)
	if err != nil {
		return err
	}
	if !m.until.IsZero() && !at.Before(m.until) {
		if err := tellByCall(ctx, tx, c, m, at); err != nil {
			return err
		}
		return end(msgExpired)
	}
	l, err := readLetter(ctx, tx, c, m)
	if errors.Is(err, vault.ErrData) { // sending it again will not help; a person must look
		if err := escalate(ctx, tx, m.subject, actorSend, "unreadable", 0, at); err != nil {
			return err
		}
		return end(msgFailed)
	}
	if err != nil {
		return err
	}
	state, err := addressable(ctx, tx, c, m, l, at)
	if err != nil {
		return err
	}
	if state != msgSending {
		return end(state)
	}
	return o.prepare(ctx, tx, c, m, l, at, out)
}

// tellByCall opens an escalation for a message that came too late, if a person was left without something they must
// know: a time that still is theirs, that they are registered, or that their time is gone. Whoever sent or asked for the
// other kinds can ask again. A rehearsal calls nobody whom it may not text.
func tellByCall(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, at time.Time) error {
	switch m.kind {
	case words.Offer, words.Changed, words.Moved, words.Redated, words.Registered, words.Welcome, words.Cancelled, words.Lapsed:
	default:
		return nil
	}
	if m.entry == nil || m.helper != 0 {
		return nil
	}
	var untold bool
	err := tx.QueryRow(ctx, `
SELECT EXISTS (SELECT FROM registration r WHERE r.campaign_id = $1 AND r.id = $2 AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
    AND (NOT $3 OR EXISTS (SELECT FROM appointment a WHERE a.campaign_id = r.campaign_id AND a.registration_id = r.id
        AND ($4::bigint = 0 OR a.id = $4) AND a.state IN ('offered', 'confirmed'))))`,
		m.campaign, [16]byte(*m.entry), m.kind.TellsAppointment(), m.appointment).Scan(&untold)
	if err != nil || !untold {
		return err
	}
	if c.Mode == booking.Rehearsal {
		l, err := readLetter(ctx, tx, c, m)
		unreadable := errors.Is(err, vault.ErrData)
		if err != nil && !unreadable {
			return err
		}
		if unreadable || !booking.MayReach(c.Campaign, l.to) {
			return nil
		}
	}
	return escalate(ctx, tx, m.subject, actorSend, "not_told_in_time", 0, at)
}

// addressable decides whether a text may go to this phone at all. It returns "sending" or the message's fate.
func addressable(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, l letter, at time.Time) (string, error) {
	switch {
	case l.stale:
		return msgExpired, nil
	case l.to.IsZero():
		return msgUndelivered, escalate(ctx, tx, m.subject, actorSend, "no_phone", 0, at)
	case !booking.MayReach(c.Campaign, l.to):
		if err := auditMessage(ctx, tx, m.subject, actorSend, "message.suppressed", map[string]any{"mode": c.Mode}, at); err != nil {
			return "", err
		}
		if c.Mode == booking.Rehearsal {
			return msgSuppressed, nil
		}
		return msgSuppressed, escalate(ctx, tx, m.subject, actorSend, "country", 0, at)
	case !l.to.CanText():
		return msgUndelivered, escalate(ctx, tx, m.subject, actorSend, "landline", 0, at)
	}
	if out, err := optedOut(ctx, tx, c.ID, phoneHash(c, l.to), everyRoute); err != nil || out {
		if err != nil {
			return "", err
		}
		return silenced(ctx, tx, c, m, l, at)
	}
	return msgSending, nil
}

// prepare records the attempt, opens the question, and counts the text, as far as the day's limits go.
func (o *Outbox) prepare(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, l letter, at time.Time, out *Claim) error {
	*out = Claim{
		Message: m.id, Campaign: m.campaign, Kind: m.kind, Lang: l.lang, Data: l.data, To: l.to, Fate: msgSending,
		entry: m.entry, helper: m.helper, request: l.request, day: dayOf(c, at), phone: phoneHash(c, l.to),
	}
	if room, err := chargePhone(ctx, tx, c, *out, at); err != nil || !room {
		out.Fate = FateCapped
		return err
	}
	if !m.until.IsZero() {
		out.ValidFor = m.until.Sub(at)
	}
	taken, err := copiesTaken(ctx, tx, []int64{m.id})
	if err != nil {
		return err
	}
	out.Key = copyKey(m.id, taken[m.id], out.phone)
	if err := tx.QueryRow(ctx, `INSERT INTO send_attempt (message_id, claimed_at) VALUES ($1, $2) RETURNING id`, m.id, at).Scan(&out.Attempt); err != nil {
		return err
	}
	if kind := questionKind(m.kind); kind != "" && (m.entry != nil || !needsEntry(kind)) {
		first, err := o.ask(ctx, tx, c, m, kind, l.choices, l.to, at)
		if err != nil {
			return err
		}
		out.Data.First = first
	}
	if l.request != 0 {
		if _, err := tx.Exec(ctx, `UPDATE code_request SET sent_at = $2 WHERE id = $1`, l.request, at); err != nil {
			return err
		}
	}
	return chargeCampaign(ctx, tx, c, *out)
}
