package db

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// What a campaign's texts may cost in a day, and how many of them one phone may get. Whoever changes both rows takes the
// phone's first: the campaign's is shared by all and is held only for the commit.

// errCap undoes a claim for which the spend cap has no room any more. The next try finds that before it begins.
var errCap = errors.New("the campaign's spend cap was reached a moment ago")

// charge counts texts for their phones, and finds those for which the day has room. When a day's texts are used up, those of the phone or
// of the campaign, the message waits for the next day, an urgent one too for its first hour that is not quiet, because nobody waits for it any more, and an alarm
// says why. The campaign itself is charged at the end (chargeCampaign).
func charge(ctx context.Context, tx pgx.Tx, c *desk.Campaign, able []ready, at time.Time) ([]ready, error) {
	if len(able) == 0 {
		return nil, nil
	}
	spent, err := spentOn(ctx, tx, c, at)
	if err != nil {
		return nil, err
	}
	room := min(len(able), max(0, c.Limits.WithDefaults().TextsPerDay-spent))
	phones, err := chargePhones(ctx, tx, c, able[:room], at)
	if err != nil {
		return nil, err
	}
	var within []ready
	for i, m := range able {
		if i < room && phones[m.phone] > 0 {
			phones[m.phone]--
			within = append(within, m)
			continue
		}
		if err := delay(ctx, tx, m.id, at, notQuiet(c, nextMidnight(c, at))); err != nil {
			return nil, err
		}
		if err := alarmPhone(ctx, tx, c, m, at); err != nil {
			return nil, err
		}
	}
	if len(within) < len(able) {
		err = alarmCap(ctx, tx, c, actorSend, at)
	}
	return within, err
}

// spentOn is how many texts a campaign has sent on the day of an instant.
func spentOn(ctx context.Context, q querier, c *desk.Campaign, at time.Time) (spent int, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce((SELECT texts FROM spend WHERE campaign_id = $1 AND day = $2), 0)`, c.ID, dayOf(c, at)).Scan(&spent)
	return spent, err
}

// chargePhones counts texts for phones, in the phones' order, and returns how many each may get of those.
func chargePhones(ctx context.Context, tx pgx.Tx, c *desk.Campaign, able []ready, at time.Time) (map[vault.Hash]int, error) {
	wanted := map[vault.Hash]int{}
	for _, m := range able {
		wanted[m.phone]++
	}
	hashes, n := make([][]byte, 0, len(wanted)), make([]int, 0, len(wanted))
	for _, h := range slices.SortedFunc(maps.Keys(wanted), func(a, b vault.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		hashes, n = append(hashes, h[:]), append(n, wanted[h])
	}
	limit := c.Limits.WithDefaults().TextsPerPhoneDay
	rows, err := tx.Query(ctx, `INSERT INTO phone_spend AS s (campaign_id, phone_hash, day, texts)
		SELECT $1, t.phone, $2, t.n FROM unnest($3::bytea[], $4::int[]) AS t(phone, n) WHERE t.n <= $5 ORDER BY t.phone
		ON CONFLICT (campaign_id, phone_hash, day) DO UPDATE SET texts = s.texts + EXCLUDED.texts WHERE s.texts + EXCLUDED.texts <= $5
		RETURNING phone_hash`, c.ID, dayOf(c, at), hashes, n, limit)
	if err != nil {
		return nil, err
	}
	granted := map[vault.Hash]int{}
	var phone []byte
	if _, err := pgx.ForEachRow(rows, []any{&phone}, func() error { h := vault.Hash(phone); granted[h] = wanted[h]; return nil }); err != nil {
		return nil, err
	}
	for i, h := range hashes { // those that have room for fewer, or for none
		if _, ok := granted[vault.Hash(h)]; ok {
			continue
		}
		if granted[vault.Hash(h)], err = chargeSome(ctx, tx, c, h, n[i], at); err != nil {
			return nil, err
		}
	}
	return granted, nil
}

// chargeSome counts as many of n texts for a phone as it has room for.
func chargeSome(ctx context.Context, tx pgx.Tx, c *desk.Campaign, phone []byte, n int, at time.Time) (int, error) {
	day := dayOf(c, at)
	if _, err := tx.Exec(ctx, `INSERT INTO phone_spend (campaign_id, phone_hash, day) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, c.ID, phone, day); err != nil {
		return 0, err
	}
	var before int
	if err := tx.QueryRow(ctx, `SELECT texts FROM phone_spend WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3 FOR UPDATE`, c.ID, phone, day).Scan(&before); err != nil {
		return 0, err
	}
	some := min(n, max(0, c.Limits.WithDefaults().TextsPerPhoneDay-before))
	_, err := tx.Exec(ctx, `UPDATE phone_spend SET texts = texts + $4 WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3`, c.ID, phone, day, some)
	return some, err
}

// chargeCampaign counts texts for the campaign.
func chargeCampaign(ctx context.Context, tx pgx.Tx, c *desk.Campaign, n int, at time.Time) error {
	if n == 0 {
		return nil
	}
	tag, err := tx.Exec(ctx, `
INSERT INTO spend AS s (campaign_id, day, texts) SELECT $1, $2, $4::int WHERE $4::int <= $3::int
ON CONFLICT (campaign_id, day) DO UPDATE SET texts = s.texts + $4::int WHERE s.texts + $4::int <= $3::int`, c.ID, dayOf(c, at), c.Limits.WithDefaults().TextsPerDay, n)
	if err == nil && tag.RowsAffected() == 0 {
		err = errCap
	}
	return err
}

// notCharged takes back what claims counted for texts that the provider surely does not have: they cost nothing, and
// a code that was not sent does not count against anyone. One of which an earlier copy may have arrived counts: whoever holds it may use it.
// The rows are taken in the order in which a claim takes them.
func notCharged(ctx context.Context, tx pgx.Tx, all []Claim) error {
	type spending struct {
		campaign int32
		phone    vault.Hash // zero: the campaign's own
		day      time.Time
	}
	back := map[spending]int{}
	for _, c := range all {
		back[spending{c.Campaign, c.phone, c.day}]++
		back[spending{c.Campaign, vault.Hash{}, c.day}]++
		if c.request == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE code_request SET sent_at = NULL WHERE id = $1
			AND NOT EXISTS (SELECT FROM send_attempt WHERE message_id = $2 AND outcome IN ('unknown', 'absent'))`, c.request, c.Message); err != nil {
			return err
		}
	}
	rows := slices.SortedFunc(maps.Keys(back), func(a, b spending) int {
		own := func(s spending) int { return map[bool]int{true: 1}[s.phone == vault.Hash{}] } // the campaign's come last
		return cmp.Or(cmp.Compare(own(a), own(b)), bytes.Compare(a.phone[:], b.phone[:]), cmp.Compare(a.campaign, b.campaign), a.day.Compare(b.day))
	})
	for _, s := range rows {
		var err error
		if s.phone == (vault.Hash{}) {
			_, err = tx.Exec(ctx, `UPDATE spend SET texts = greatest(texts - $3, 0) WHERE campaign_id = $1 AND day = $2`, s.campaign, s.day, back[s])
		} else {
			_, err = tx.Exec(ctx, `UPDATE phone_spend SET texts = greatest(texts - $4, 0) WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3`,
				s.campaign, s.phone[:], s.day, back[s])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// alarmPhone notes that a phone's limit was reached, if it was: one line in the trail per phone and day, with the first message
// that had to wait.
func alarmPhone(ctx context.Context, tx pgx.Tx, c *desk.Campaign, m ready, at time.Time) error {
	limit := c.Limits.WithDefaults().TextsPerPhoneDay
	tag, err := tx.Exec(ctx, `UPDATE phone_spend SET alarmed_at = $4 WHERE campaign_id = $1 AND phone_hash = $2 AND day = $3 AND texts >= $5 AND alarmed_at IS NULL`,
		c.ID, m.phone[:], dayOf(c, at), at, limit)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return auditMessage(ctx, tx, m.subject, actorSend, "spend.phone", map[string]any{"texts_per_phone_day": limit}, at)
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
	return booking.DateOf(at, c.Zone).UTC()
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
