package db

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// reasonOptedOut is the item on the agents' list for what must be told to somebody who wants no texts.
const reasonOptedOut = "opted_out"

// everyRoute is where the record of a person's own word stands: it holds for all of our numbers.
const everyRoute = ""

// optedOut reports whether a phone must not be texted by a route, because its owner or the provider said so. With route "" it is asked whether
// the owner said so, for all of our numbers.
func optedOut(ctx context.Context, q querier, campaign int32, phone vault.Hash, route string) (bool, error) {
	var out bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM opt_out WHERE campaign_id = $1 AND phone_hash = $2 AND route IN ('', $3) AND stopped_at > coalesce(started_at, '-infinity'))`,
		campaign, phone[:], route).Scan(&out)
	return out, err
}

// noteOptOut keeps that a phone takes no texts by a route, from an instant on. It reports whether that is news.
func noteOptOut(ctx context.Context, tx pgx.Tx, campaign int32, phone vault.Hash, route string, at time.Time) (bool, error) {
	before, err := optedOut(ctx, tx, campaign, phone, route)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO opt_out AS o (campaign_id, phone_hash, route, stopped_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign_id, phone_hash, route) DO UPDATE SET stopped_at = greatest(o.stopped_at, EXCLUDED.stopped_at)`, campaign, phone[:], route, at)
	if err != nil {
		return false, err
	}
	after, err := optedOut(ctx, tx, campaign, phone, route)
	return after && !before, err
}

// noteOptIn keeps that a phone's owner wants texts again, by all of our numbers. It reports whether that is news.
func noteOptIn(ctx context.Context, tx pgx.Tx, campaign int32, phone vault.Hash, at time.Time) (bool, error) {
	tag, err := tx.Exec(ctx, `UPDATE opt_out SET started_at = $3 WHERE campaign_id = $1 AND phone_hash = $2 AND $3 >= stopped_at AND stopped_at > coalesce(started_at, '-infinity')`,
		campaign, phone[:], at)
	if err != nil {
		return false, err
	}
	// Kept also where nothing was said before: an earlier "stop" may still come.
	_, err = tx.Exec(ctx, `INSERT INTO opt_out AS o (campaign_id, phone_hash, route, started_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (campaign_id, phone_hash, route) DO UPDATE SET started_at = greatest(o.started_at, EXCLUDED.started_at)`, campaign, phone[:], everyRoute, at)
	return tag.RowsAffected() > 0, err
}

// Stop implements desk.Switchboard.
func (s *Switchboard) Stop(ctx context.Context, in desk.Inbound, stop bool) (news bool, err error) {
	err = write(ctx, s.pool, func(ctx context.Context, tx pgx.Tx) error {
		act := "texts.started"
		if stop {
			act = "texts.stopped"
			news, err = noteOptOut(ctx, tx, in.Campaign, in.PhoneHash, everyRoute, in.Arrival)
		} else {
			news, err = noteOptIn(ctx, tx, in.Campaign, in.PhoneHash, in.Arrival)
		}
		if err != nil || !news {
			return err
		}
		return auditMessage(ctx, tx, subject{campaign: in.Campaign}, "phone", act, map[string]any{"inbound": in.ID}, in.Arrival)
	})
	if err != nil {
		return false, fmt.Errorf("note what a phone wants: %w", err)
	}
	return news, nil
}

// silenced ends a message to a phone that wants no texts. What its person must know becomes a call; the rest can be asked for again.
func silenced(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, l letter, at time.Time) (string, error) {
	if m.entry == nil || m.helper != 0 || !mustKnow(m.kind) {
		return msgUndelivered, auditMessage(ctx, tx, m.subject, actorSend, "message.opted_out", map[string]any{"kind": string(m.kind)}, at)
	}
	var order time.Time
	err := tx.QueryRow(ctx, `SELECT arrival FROM registration WHERE campaign_id = $1 AND id = $2`, m.campaign, [16]byte(*m.entry)).Scan(&order)
	if err != nil {
		return "", err
	}
	if err := oweCall(ctx, tx, owed{
		campaign: m.campaign, entry: m.entry, phone: phoneHash(c, l.to), reason: desk.CallUntold, message: m.id, order: order, due: at, actor: actorSend,
	}, at); err != nil {
		return "", err
	}
	return msgUndelivered, escalate(ctx, tx, m.subject, actorSend, reasonOptedOut, 0, at)
}

// mustKnow reports whether a person is left in the dark who is not told by a text of the kind.
func mustKnow(k words.Kind) bool {
	switch k {
	case words.Offer, words.Changed, words.Moved, words.Redated, words.Registered, words.Welcome, words.Cancelled, words.Lapsed, words.Missed:
		return true
	}
	return false
}

// codeOptedOut is what Twilio says of a phone that has sent STOP.
const codeOptedOut = 21610

// noteRefusedOptOut keeps what a provider says when it refuses a text: that its phone takes none from this number of ours. The attempt's own
// instant counts: somebody may have asked for texts again since.
func noteRefusedOptOut(ctx context.Context, tx pgx.Tx, c Claim, code int) error {
	if code != codeOptedOut {
		return nil
	}
	var at time.Time
	var route string
	if err := tx.QueryRow(ctx, `SELECT claimed_at, coalesce(route, '') FROM send_attempt WHERE id = $1`, c.Attempt).Scan(&at, &route); err != nil {
		return err
	}
	news, err := noteOptOut(ctx, tx, c.Campaign, c.phone, route, at)
	if err != nil || !news {
		return err
	}
	return auditMessage(ctx, tx, c.subject(), actorSend, "texts.stopped", map[string]any{"code": code, "route": route}, at)
}

// textsStopped reports whether the phone on file of an entry wants no texts.
func textsStopped(ctx context.Context, q querier, campaign int32, id booking.ID) (bool, error) {
	var stopped bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM lookup l JOIN opt_out o ON o.campaign_id = l.campaign_id AND o.phone_hash = l.hash
		WHERE l.campaign_id = $1 AND l.registration_id = $2 AND l.kind = $3 AND o.stopped_at > coalesce(o.started_at, '-infinity'))`,
		campaign, [16]byte(id), int16(booking.LookupPhone)).Scan(&stopped)
	return stopped, err
}
