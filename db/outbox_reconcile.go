package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

const (
	actorReconcile = "job:reconcile"
	reconcilePage  = 100
	reconcilePages = 10 // in one run: after a worker's death or an outage there are many
	// clockSlack is how much earlier than our claim a provider's clock may date a message.
	clockSlack = time.Minute
)

// unknownMessage is a message of which nobody knows whether the provider has it.
type unknownMessage struct {
	outgoing
	attempt int64
	route   string    // by which the attempt went; "": one from before routes
	since   time.Time // the first claim: an earlier copy may show up late
}

// Reconcile asks the providers about messages whose outcome has been unknown for after, by the number and our reference.
// What is found is accepted, further copies are counted as known doubles. What is absent in two readings, the second one
// begun at least gap after the first had ended, is sent again under the same reference. Messages that the provider has had
// for final without saying what became of them are asked about by id.
//
// after must be longer than a call to the provider can last plus the delay of its list. The counts are by fate ("found",
// "double", "absent", "waiting", "asked"). An error is about single messages, or means that the provider or the database is
// away: the next run goes on.
func (o *Outbox) Reconcile(ctx context.Context, clock desk.Clock, routes desk.Routes, after, gap, final time.Duration) (map[string]int, error) {
	counts := map[string]int{}
	names := []string{""} // from before routes
	for _, r := range routes {
		names = append(names, r.Name)
	}
	// In no order: whoever does not answer takes time from those behind.
	rand.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] }) //nolint:gosec // only an order of work
	errs := []error{o.unaskable(ctx, names, clock.Now().Add(-after))}
	for _, name := range names {
		errs = append(errs, o.reconcileRoute(ctx, clock, routes, name, after, gap, counts))
	}
	return counts, errors.Join(append(errs, o.askAgain(ctx, clock, routes, final, counts))...)
}

// reconcileRoute asks about what went by one route, so that a provider that is away keeps nobody waiting who went by another.
func (o *Outbox) reconcileRoute(ctx context.Context, clock desk.Clock, routes desk.Routes, name string, after, gap time.Duration, counts map[string]int) error {
	for range reconcilePages {
		n, err := o.reconcilePage(ctx, clock, routes, name, after, gap, counts)
		if err != nil || n < reconcilePage || ctx.Err() != nil { // whoever was asked about has another fate now, or waits
			return err
		}
	}
	return nil
}

// reconcilePage asks about some messages with an unknown outcome and returns how many there were.
func (o *Outbox) reconcilePage(ctx context.Context, clock desk.Clock, routes desk.Routes, name string, after, gap time.Duration, counts map[string]int) (int, error) {
	todo, err := o.unknownMessages(ctx, name, clock.Now(), after, gap)
	if err != nil {
		return 0, fmt.Errorf("reconcile messages: %w", err)
	}
	// In no order: those that cannot be asked about would stand first every time.
	rand.Shuffle(len(todo), func(i, k int) { todo[i], todo[k] = todo[k], todo[i] }) //nolint:gosec // only an order of work
	return len(todo), askEach(ctx, todo, func(m unknownMessage) error {
		if err := o.reconcile(ctx, clock, routes, m, gap, counts); err != nil {
			return fmt.Errorf("reconcile message %d: %w", m.id, err)
		}
		return nil
	})
}

func (o *Outbox) unknownMessages(ctx context.Context, route string, at time.Time, after, gap time.Duration) ([]unknownMessage, error) {
	rows, err := o.pool.Query(ctx, `
SELECT m.id, m.campaign_id, m.registration_id, coalesce(m.helper_id, 0), coalesce(m.inbound_id, 0), m.params, m.reference, a.id, coalesce(a.route, ''),
    (SELECT min(f.claimed_at) FROM send_attempt f WHERE f.message_id = m.id)
FROM message m
JOIN LATERAL (SELECT id, absent_at, route FROM send_attempt l WHERE l.message_id = m.id ORDER BY id DESC LIMIT 1) a ON true
WHERE m.state = 'unknown' AND m.state_at <= $1 AND (a.absent_at IS NULL OR a.absent_at <= $2) AND coalesce(m.route, '') = $4 AND m.campaign_id = ANY ($5)
ORDER BY m.state_at LIMIT $3`, at.Add(-after), at.Add(-gap), reconcilePage, route, o.held())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (unknownMessage, error) {
		var m unknownMessage
		var entry *[16]byte
		err := row.Scan(&m.id, &m.campaign, &entry, &m.helper, &m.inbound, &m.params, &m.reference, &m.attempt, &m.route, &m.since)
		m.entry = (*booking.ID)(entry)
		return m, err
	})
}

func (o *Outbox) reconcile(ctx context.Context, clock desk.Clock, routes desk.Routes, m unknownMessage, gap time.Duration, counts map[string]int) error {
	c, err := o.campaigns.ByID(m.campaign)
	if err != nil {
		return err
	}
	l, err := readLetter(ctx, o.pool, c, m.outgoing)
	if errors.Is(err, vault.ErrData) {
		return o.giveUp(ctx, m, clock.Now())
	}
	if err != nil {
		return err
	}
	asked := clock.Now()
	list, err := listOf(ctx, routes, m, l.to)
	if err != nil {
		return err
	}
	heard := clock.Now()
	var copies []desk.SentText
	for i := len(list) - 1; i >= 0; i-- { // oldest first
		if strings.Contains(list[i].Body, "("+m.reference+")") {
			copies = append(copies, list[i])
		}
	}
	var fate string
	var doubles int
	err = write(ctx, o.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		fate, doubles, err = o.settleUnknown(ctx, tx, m, copies, asked, heard, gap)
		return err
	})
	if err == nil && fate != "" {
		counts[fate]++
		counts["double"] += doubles
	}
	return err
}

// settleUnknown decides by one reading of the provider's list. The fate is empty when somebody else decided meanwhile.
func (o *Outbox) settleUnknown(ctx context.Context, tx pgx.Tx, m unknownMessage, copies []desk.SentText, asked, heard time.Time, gap time.Duration) (string, int, error) {
	// Every decision about references happens one after the other: two messages with the same reference to one phone
	// must not both take the same copy.
	if err := lockName(ctx, tx, "reconcile/"+m.reference); err != nil {
		return "", 0, err
	}
	var ids []string
	for _, s := range copies {
		ids = append(ids, s.ProviderID)
	}
	if err := lockProviderIDs(ctx, tx, ids); err != nil {
		return "", 0, err
	}
	var state string
	if err := tx.QueryRow(ctx, `SELECT state FROM message WHERE id = $1 FOR UPDATE`, m.id).Scan(&state); err != nil || state != msgUnknown {
		return "", 0, err
	}
	own, err := unattached(ctx, tx, m.id, copies)
	if err != nil {
		return "", 0, err
	}
	if len(own) > 0 {
		return "found", len(own) - 1, o.settleFound(ctx, tx, m, own, heard)
	}
	return settleAbsent(ctx, tx, m, asked, heard, gap)
}

// unattached leaves out copies that belong to another message (four characters are not enough to tell two messages to
// one phone apart with certainty), and earlier copies of this one of which we know already that they did not arrive.
func unattached(ctx context.Context, tx pgx.Tx, message int64, copies []desk.SentText) ([]desk.SentText, error) {
	var own []desk.SentText
	for _, s := range copies {
		var other bool
		if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM message WHERE provider_id = $1 AND id <> $2)
			OR EXISTS (SELECT FROM send_attempt WHERE message_id = $2 AND provider_id = $1 AND failed_at IS NOT NULL)`, s.ProviderID, message).Scan(&other); err != nil {
			return nil, err
		}
		if !other {
			own = append(own, s)
		}
	}
	return own, nil
}

func (o *Outbox) settleFound(ctx context.Context, tx pgx.Tx, m unknownMessage, own []desk.SentText, at time.Time) error {
	first := own[max(0, slices.IndexFunc(own, func(s desk.SentText) bool { return !lost(s.Status) }))] // of several, one that may arrive
	_, err := tx.Exec(ctx, `UPDATE send_attempt SET outcome = 'found', provider_id = $2, extra = $3, finished_at = $4 WHERE id = $1`,
		m.attempt, first.ProviderID, len(own)-1, at)
	if err != nil {
		return err
	}
	if first.Status.Rank() > 0 {
		r := reported{desk.Receipt{ProviderID: first.ProviderID, Status: first.Status, Code: first.Code}, at}
		if err := keepReceipts(ctx, tx, []reported{r}); err != nil {
			return err
		}
	}
	return o.acceptAll(ctx, tx, []acceptance{{m.id, first.ProviderID}}, actorReconcile, at, map[string]int{})
}

// lost reports whether a copy is known not to have arrived.
func lost(s desk.ReceiptStatus) bool { return s == desk.ReceiptUndelivered || s == desk.ReceiptFailed }

func settleAbsent(ctx context.Context, tx pgx.Tx, m unknownMessage, asked, heard time.Time, gap time.Duration) (string, int, error) {
	tag, err := tx.Exec(ctx, `UPDATE send_attempt SET absent_at = $2 WHERE id = $1 AND absent_at IS NULL`, m.attempt, heard)
	if err != nil || tag.RowsAffected() == 1 {
		return "waiting", 0, err
	}
	tag, err = tx.Exec(ctx, `UPDATE send_attempt SET outcome = 'absent', finished_at = $2 WHERE id = $1 AND absent_at <= $3`, m.attempt, heard, asked.Add(-gap))
	if err != nil || tag.RowsAffected() == 0 {
		return "waiting", 0, err
	}
	var before int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM send_attempt WHERE message_id = $1 AND outcome = 'absent'`, m.id).Scan(&before); err != nil {
		return "", 0, err
	}
	return "absent", 0, delay(ctx, tx, m.id, heard, heard.Add(absentWait(before)))
}

// absentWait is how long a message waits before it is sent again that was absent so often. A provider that takes texts, does not say so and does not list
// them would otherwise be given the same one every two minutes, and the phone might show them all.
func absentWait(times int) time.Duration {
	switch {
	case times <= 3:
		return 0
	case times == 4:
		return 5 * time.Minute
	}
	return 30 * time.Minute
}

// askOf finds who is asked about a text that went by a route; by the first one to the phone where that is not recorded.
func askOf(routes desk.Routes, name string, to booking.Phone) (desk.Sender, error) {
	r, ok := routes.Named(name)
	if name == "" {
		r, ok = routes.For(to, nil)
	}
	if !ok {
		return nil, fmt.Errorf("there is no route %q any more: it must stay until what went by it is known", name)
	}
	return r.Sender, nil
}
