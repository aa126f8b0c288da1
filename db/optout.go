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

// stoppedSQL is a condition on a row of opt_out: the phone wants no texts. What was said last holds.
const stoppedSQL = `stopped_at > coalesce(started_at, '-infinity')`

// optedOut reports whether a phone must not be texted by a route, because its owner or the provider said so. With route "" it is asked whether
// the owner said so, for all of our numbers.
func optedOut(ctx context.Context, q querier, campaign int32, phone vault.Hash, route string) (bool, error) {
	var out bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM opt_out WHERE campaign_id = $1 AND phone_hash = $2 AND route IN ('', $3) AND `+stoppedSQL+`)`,
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
	tag, err := tx.Exec(ctx, `UPDATE opt_out SET started_at = $3 WHERE campaign_id = $1 AND phone_hash = $2 AND $3 >= stopped_at AND `+stoppedSQL,
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
func silenced(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m outgoing, to booking.Phone, at time.Time) (string, error) {
	if !mustBeTold(m) {
		return msgUndelivered, auditMessage(ctx, tx, m.subject, actorSend, "message.opted_out", map[string]any{"kind": string(m.kind)}, at)
	}
	if err := owe(ctx, tx, c, m, to, actorSend, at); err != nil {
		return "", err
	}
	return msgUndelivered, escalate(ctx, tx, m.subject, actorSend, reasonOptedOut, 0, at)
}

// mustBeTold reports whether a person is left in the dark who is not told by this message. Whoever sent or asked for the others can ask again.
func mustBeTold(m outgoing) bool { return m.entry != nil && m.helper == 0 && mustKnow(m.kind) }

// mustKnow reports whether a person is left in the dark who is not told by a text of the kind.
func mustKnow(k words.Kind) bool {
	switch k {
	case words.Offer, words.Changed, words.Moved, words.Redated, words.Registered, words.Welcome, words.Cancelled, words.Lapsed, words.Missed, words.Correction:
		return true
	}
	return false
}

// codeOptedOut is what Twilio says of a phone that has sent STOP.
const codeOptedOut = 21610

// noteReportedOptOut keeps what a provider says when it refuses a text, or reports that it did not arrive: that its phone takes none from this number of
// ours. The attempt's own instant counts: somebody may have asked for texts again since. Where it is not recorded to which phone the text went, it is
// the one on file now, unless that was corrected meanwhile: nobody loses texts for somebody else's word.
func noteReportedOptOut(ctx context.Context, tx pgx.Tx, c *desk.Campaign, f fallen, onFile booking.Phone, actor string) error {
	if f.code != codeOptedOut {
		return nil
	}
	var at time.Time
	var route string
	var corrected bool
	err := tx.QueryRow(ctx, `SELECT s.claimed_at, coalesce(s.route, ''), EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = $2 AND l.registration_id = $3
			AND l.act = 'correct' AND l.at >= s.claimed_at)
		FROM send_attempt s WHERE s.message_id = $1 ORDER BY s.id DESC LIMIT 1`, f.id, f.campaign, (*[16]byte)(f.entry)).Scan(&at, &route, &corrected)
	if err != nil {
		return err
	}
	phone := f.phone
	if phone == (vault.Hash{}) {
		if corrected || onFile.IsZero() {
			return nil
		}
		phone = c.Keys.Phone(onFile)
	}
	news, err := noteOptOut(ctx, tx, f.campaign, phone, route, at)
	if err != nil || !news {
		return err
	}
	return auditMessage(ctx, tx, f.subject, actor, "texts.stopped", map[string]any{"code": f.code, "route": route}, at)
}

// stoppedOf is a condition: the phone on file of the entry in two columns wants no texts, by one of our numbers at least. Nothing goes unasked to such
// a phone that only says again what was said before, by any number.
func stoppedOf(campaign, entry string) string {
	return fmt.Sprintf(`EXISTS (SELECT FROM lookup l JOIN opt_out o ON o.campaign_id = l.campaign_id AND o.phone_hash = l.hash
		WHERE l.campaign_id = %s AND l.registration_id = %s AND l.kind = %d AND %s)`,
		campaign, entry, booking.LookupPhone, stoppedSQL)
}

// textsStopped reports whether the phone on file of an entry wants no texts.
func textsStopped(ctx context.Context, q querier, campaign int32, id booking.ID) (bool, error) {
	var stopped bool
	err := q.QueryRow(ctx, `SELECT `+stoppedOf("$1", "$2"), campaign, [16]byte(id)).Scan(&stopped)
	return stopped, err
}
