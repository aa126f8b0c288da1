package db

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

const actorSend = "job:send"

// Fates that a claim reports and that are no state of the message.
const (
	FateCapped = "capped" // it waits for the next day, because the campaign's spend cap or the phone's limit was reached
	FateBraked = "braked" // it waits, because its campaign's sending is braked
	FatePaced  = "paced"  // it waits, because its route has no time for it soon
)

// Claim is the right to call the provider for one message, once.
type Claim struct {
	desk.Letter
	Message  int64
	Attempt  int64
	Campaign int32
	Instant  time.Time // when it is to be handed over

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
	urgent      bool
	n           int      // of its turn
	tried       []string // routes that have failed for good
	braked      bool     // nothing of this campaign may leave
}

// claimed is what became of the messages of a batch: those to be handed over now, and how many had another fate, by name.
type claimed struct {
	claims []Claim
	fates  map[string]int
}

// claim takes messages for sending, as far as each still waits under its turn, in one transaction. For each of the claims the provider is to be
// called, once, and then finish must follow. The others are somebody else's, or their fate was decided here: expired,
// suppressed, undelivered (a fixed line), failed, delayed to the next day by the spend cap or by the phone's limit, or put back because
// sending is braked or the route has no time soon.
func (o *Outbox) claim(ctx context.Context, turns []desk.Turn, routes desk.Routes, at time.Time) (claimed, error) {
	if err := ctx.Err(); err != nil {
		return claimed{}, err // nothing is claimed for a caller that is gone
	}
	var out claimed
	err := write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		out = claimed{fates: map[string]int{}}
		if err := byIndex(ctx, tx); err != nil {
			return err
		}
		ms, err := takeMessages(ctx, tx, turns)
		if err != nil {
			return err
		}
		for len(ms) > 0 { // a batch is of one campaign, as the relay makes them
			n := slices.IndexFunc(ms, func(m outgoing) bool { return m.campaign != ms[0].campaign })
			if n < 0 {
				n = len(ms)
			}
			if err := o.claimCampaign(ctx, tx, ms[:n], routes, at, &out); err != nil {
				return err
			}
			ms = ms[n:]
		}
		return nil
	})
	if err != nil {
		return claimed{}, fmt.Errorf("claim %d messages: %w", len(turns), err)
	}
	return out, nil
}

// byIndex keeps the planner from reading a whole table for a batch, as it plans while the table is still small.
func byIndex(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SET LOCAL enable_seqscan = off`)
	return err
}

// takeMessages locks the messages that still wait under their turn. They come by campaign, in the order of the turns.
func takeMessages(ctx context.Context, tx pgx.Tx, turns []desk.Turn) ([]outgoing, error) {
	ids, place := make([]int64, len(turns)), make(map[int64]int, len(turns))
	for i, t := range turns {
		ids[i], place[t.Message] = t.Message, i
	}
	all, err := collect(ctx, tx, scanOutgoing, `
SELECT m.id, m.campaign_id, m.registration_id, coalesce(m.inbound_id, 0), coalesce(m.appointment_id, 0), coalesce(m.helper_id, 0), m.kind, m.params, m.reference,
    m.useful_until, m.urgent, m.tried, m.enqueued, EXISTS (SELECT FROM brake b WHERE b.campaign_id = m.campaign_id AND b.what = 'sending')
FROM message m WHERE m.id = ANY($1) AND m.state = 'queued' ORDER BY m.id FOR UPDATE OF m`, ids)
	all = slices.DeleteFunc(all, func(m outgoing) bool { return turns[place[m.id]].N != m.n })
	slices.SortStableFunc(all, func(a, b outgoing) int {
		return cmp.Or(cmp.Compare(a.campaign, b.campaign), cmp.Compare(place[a.id], place[b.id]))
	})
	return all, err
}

func scanOutgoing(row pgx.CollectableRow) (outgoing, error) {
	var m outgoing
	var entry *[16]byte
	var params []byte
	var until *time.Time
	if err := row.Scan(&m.id, &m.campaign, &entry, &m.inbound, &m.appointment, &m.helper, &m.kind, &params, &m.reference, &until, &m.urgent, &m.tried, &m.n, &m.braked); err != nil {
		return m, err
	}
	m.entry = (*booking.ID)(entry)
	if until != nil {
		m.until = *until
	}
	return m, json.Unmarshal(params, &m.params)
}

// ready is a message whose letter may leave by a route.
type ready struct {
	outgoing
	letter
	by      desk.Route
	phone   vault.Hash
	instant time.Time // reserved on the route
}

// claimCampaign claims one campaign's messages, which are locked. Rows that others may want too are taken in a fixed order: the routes, the phones,
// the campaign.
func (o *Outbox) claimCampaign(ctx context.Context, tx pgx.Tx, ms []outgoing, routes desk.Routes, at time.Time, out *claimed) error {
	c, err := o.campaigns.ByID(ms[0].campaign)
	if err != nil {
		return err
	}
	f, err := readFacts(ctx, tx, c, ms)
	if err != nil {
		return err
	}
	if err := f.write(ctx, c, ms, at); err != nil {
		return err
	}
	var states []moved
	var able []ready
	for _, m := range ms {
		r, fate, err := o.judge(ctx, tx, f, c, m, routes, at)
		if err != nil {
			return err
		}
		if fate == msgSending {
			able = append(able, r)
			continue
		}
		out.fates[fate]++
		if fate == FateBraked { // its turn comes again when sending goes on, as if it had never been queued
			fate = msgPending
		}
		states = append(states, moved{id: m.id, state: fate})
	}
	judged := len(states)
	if able, err = reserveAll(ctx, tx, able, at, &states); err != nil {
		return err
	}
	out.fates[FatePaced] += len(states) - judged
	claims, err := o.prepare(ctx, tx, c, able, at, out)
	if err != nil {
		return err
	}
	for _, k := range claims {
		states = append(states, moved{k.Message, msgSending, k.Route.Name})
	}
	if err := moveAll(ctx, tx, states, at); err != nil {
		return err
	}
	out.claims = append(out.claims, claims...)
	return chargeCampaign(ctx, tx, c, len(claims), at)
}

// judge decides whether a message is sent, and by which route. The fate is "sending" when it is.
func (o *Outbox) judge(ctx context.Context, tx pgx.Tx, f *facts, c *desk.Campaign, m outgoing, routes desk.Routes, at time.Time) (ready, string, error) {
	if m.braked {
		return ready{}, FateBraked, nil
	}
	if !m.until.IsZero() && !at.Before(m.until) {
		return ready{}, msgExpired, tellByCall(ctx, tx, c, m, at)
	}
	l, err := f.written(ctx, c, m)
	if errors.Is(err, vault.ErrData) { // sending it again will not help; a person must look
		return ready{}, msgFailed, escalate(ctx, tx, m.subject, actorSend, "unreadable", 0, at)
	}
	if err != nil {
		return ready{}, "", err
	}
	state, err := addressable(ctx, tx, c, m, l, at)
	if err != nil || state != msgSending {
		return ready{}, state, err
	}
	phone := c.Keys.Phone(l.to)
	stopped, err := f.stopped(ctx, c, phone)
	if err != nil {
		return ready{}, "", err
	}
	route, ok := routes.For(l.to, append(stopped, m.tried...))
	_, left := routes.For(l.to, m.tried)
	switch {
	case slices.Contains(stopped, everyRoute), !ok && left: // by none that the phone has not stopped
		state, err := silenced(ctx, tx, c, m, l.to, at)
		return ready{}, state, err
	case !ok:
		return ready{}, msgUndelivered, tellOtherwise(ctx, tx, c, m, l.to, actorSend, "no_route", 0, at)
	}
	return ready{outgoing: m, letter: l, by: route, phone: phone}, msgSending, nil
}

// tellByCall opens an escalation for a message that came too late, if a person was left without something they must
// know: a time that still is theirs, that they are registered, or that their time is gone. A rehearsal calls nobody whom it may not text.
func tellByCall(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, at time.Time) error {
	if !mustBeTold(m) {
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
	l, err := readLetter(ctx, tx, c, m)
	unreadable := errors.Is(err, vault.ErrData)
	if err != nil && !unreadable {
		return err
	}
	var to booking.Phone // nobody, where it cannot be read: a person must look
	if !unreadable {
		to = l.to
	}
	if c.Mode == booking.Rehearsal && !booking.MayReach(c.Campaign, to) {
		return nil
	}
	return tellOtherwise(ctx, tx, c, m, to, actorSend, "not_told_in_time", 0, at)
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
		return msgUndelivered, tellOtherwise(ctx, tx, c, m, l.to, actorSend, "landline", 0, at)
	}
	return msgSending, nil
}

// prepare counts the texts, as far as the day's limits go, records the attempts and opens the questions.
func (o *Outbox) prepare(ctx context.Context, tx pgx.Tx, c *desk.Campaign, able []ready, at time.Time, out *claimed) ([]Claim, error) {
	within, err := charge(ctx, tx, c, able, at)
	if out.fates[FateCapped] += len(able) - len(within); err != nil || len(within) == 0 {
		return nil, err
	}
	ids := make([]int64, len(within))
	for i, m := range within {
		ids[i] = m.id
	}
	taken, err := copiesTaken(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	attempts, err := begin(ctx, tx, within, at)
	if err != nil {
		return nil, err
	}
	first, err := o.askAll(ctx, tx, c, within, at)
	if err != nil {
		return nil, err
	}
	var requests []int64
	claims := make([]Claim, len(within))
	for i, m := range within {
		claims[i] = m.claim(c, at, attempts[m.id], first[m.id], copyKey(m.id, taken[m.id], m.phone))
		if m.request != 0 {
			requests = append(requests, m.request)
		}
	}
	if len(requests) > 0 {
		_, err = tx.Exec(ctx, `UPDATE code_request SET sent_at = $2 WHERE id = ANY($1)`, requests, at)
	}
	return claims, err
}

// claim makes the claim. first is the question's first answer number, 0 where none is asked.
func (m *ready) claim(c *desk.Campaign, at time.Time, attempt int64, first int, key string) Claim {
	k := Claim{
		Letter:  desk.Letter{Route: m.by, Urgent: m.urgent, Kind: m.kind, Lang: m.lang, Data: m.data, Text: desk.OutgoingText{To: m.to, Key: key}},
		Message: m.id, Attempt: attempt, Campaign: m.campaign, Instant: m.instant,
		entry: m.entry, helper: m.helper, request: m.request, day: dayOf(c, at), phone: m.phone,
	}
	if first != 0 {
		k.Data.First = first
	}
	if !m.until.IsZero() {
		k.Text.ValidFor = max(m.until.Sub(m.instant), time.Second)
	}
	return k
}

// begin records an attempt for each.
func begin(ctx context.Context, tx pgx.Tx, ms []ready, at time.Time) (map[int64]int64, error) {
	ids, routes := make([]int64, len(ms)), make([]string, len(ms))
	for i, m := range ms {
		ids[i], routes[i] = m.id, m.by.Name
	}
	rows, err := tx.Query(ctx, `INSERT INTO send_attempt (message_id, claimed_at, route) SELECT t.id, $3, t.route FROM unnest($1::bigint[], $2::text[]) AS t(id, route)
		RETURNING message_id, id`, ids, routes, at)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]int64, len(ms))
	var message, attempt int64
	_, err = pgx.ForEachRow(rows, []any{&message, &attempt}, func() error { out[message] = attempt; return nil })
	return out, err
}
