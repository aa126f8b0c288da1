package db

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// What a campaign's texts may cost in a day, and how many of them one phone may get. Whoever changes both rows takes the
// phone's first: the campaign's is shared by all and is held only for the commit.

// errCap undoes a claim for which the spend cap has no room any more. The next try finds that before it begins.
var errCap = errors.New("the campaign's spend cap was reached a moment ago")

// chargePhone counts a text for its phone. When the day's texts are used up, those of the phone or of the campaign, it reports
// false, the message waits for the next day, and an alarm says why.
func chargePhone(ctx context.Context, tx pgx.Tx, c *desk.Campaign, out Claim, at time.Time) (bool, error) {
	limits := c.Limits.WithDefaults()
	tag, err := tx.Exec(ctx, `
INSERT INTO phone_spend AS s (campaign_id, phone_hash, day, texts)
SELECT $1, $2, $3, 1 WHERE $4 > 0 AND coalesce((SELECT texts FROM spend WHERE campaign_id = $1 AND day = $3), 0) < $5
ON CONFLICT (campaign_id, phone_hash, day) DO UPDATE SET texts = s.texts + 1 WHERE s.texts < $4`,
		c.ID, out.phone[:], out.day, limits.TextsPerPhoneDay, limits.TextsPerDay)
	if err != nil || tag.RowsAffected() == 1 {
		return err == nil, err
	}
	if err := delay(ctx, tx, out.Message, at, nextMidnight(c, at)); err != nil {
		return false, err
	}
	if err := alarmPhone(ctx, tx, c, out, at); err != nil {
		return false, err
	}
	return false, alarmCap(ctx, tx, c, actorSend, at)
}

// chargeCampaign counts a text for the campaign.
func chargeCampaign(ctx context.Context, tx pgx.Tx, c *desk.Campaign, out Claim) error {
	tag, err := tx.Exec(ctx, `
INSERT INTO spend AS s (campaign_id, day, texts) SELECT $1, $2, 1 WHERE $3 > 0
ON CONFLICT (campaign_id, day) DO UPDATE SET texts = s.texts + 1 WHERE s.texts < $3`, c.ID, out.day, c.Limits.WithDefaults().TextsPerDay)
	if err == nil && tag.RowsAffected() == 0 {
		err = errCap
	}
	return err
}

// notCharged takes back what the claim counted for a text that the provider surely does not have: it costs nothing, and
// a code that was not sent does not count against anyone. One of which an earlier copy may have arrived counts: whoever holds it may use it.
func notCharged(ctx context.Context, tx pgx.Tx, c Claim) error {
	if c.request != 0 {
		if _, err := tx.Exec(ctx, `UPDATE code_request SET sent_at = NULL WHERE id = $1
			AND NOT EXISTS (SELECT FROM send_attempt WHERE message_id = $2 AND outcome IN ('unknown', 'absent'))`, c.request, c.Message); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE phone_spend SET texts = greatest(texts - 1, 0) WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3`,
		c.Campaign, c.phone[:], c.day); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE spend SET texts = greatest(texts - 1, 0) WHERE campaign_id = $1 AND day = $2`, c.Campaign, c.day)
	return err
}

// alarmPhone notes that a phone's limit was reached, if it was: one line in the trail per phone and day, with the first message
// that had to wait.
func alarmPhone(ctx context.Context, tx pgx.Tx, c *desk.Campaign, out Claim, at time.Time) error {
	limit := c.Limits.WithDefaults().TextsPerPhoneDay
	tag, err := tx.Exec(ctx, `UPDATE phone_spend SET alarmed_at = $4 WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3 AND texts >= $5 AND alarmed_at IS NULL`,
		c.ID, out.phone[:], out.day, at, limit)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return auditMessage(ctx, tx, out.subject(), actorSend, "spend.phone", map[string]any{"texts_per_phone_day": limit}, at)
}

// alarmCap raises the alarm that a day's cap was reached, if it was: one line in the trail per campaign and day.
func alarmCap(ctx context.Context, tx pgx.Tx, c *desk.Campaign, actor string, at time.Time) error {
	limit := c.Limits.WithDefaults().TextsPerDay
	tag, err := tx.Exec(ctx, `UPDATE spend SET alarmed_at = $3 WHERE campaign_id = $1 AND day = $2 AND texts >= $4 AND alarmed_at IS NULL`, c.ID, dayOf(c, at), at, limit)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return auditMessage(ctx, tx, subject{campaign: c.ID}, actor, "spend.cap", map[string]any{"texts_per_day": limit}, at)
}

// dayOf is the campaign's day of an instant, as PostgreSQL's date.
func dayOf(c *desk.Campaign, at time.Time) time.Time {
	y, m, d := at.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// nextMidnight is when the campaign's next day begins. Where the clocks skip midnight, time.Date may tell an instant of the day
// before: then the day begins when they have gone forward.
func nextMidnight(c *desk.Campaign, at time.Time) time.Time {
	y, m, d := at.In(c.Zone).Date()
	next := time.Date(y, m, d+1, 0, 0, 0, 0, c.Zone)
	for next.Day() == d {
		next = next.Add(time.Hour)
	}
	return next
}
