package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// applySupplies stores what sites have for a period and ties the slots of the period to it. The days are the campaign's own. What
// is taken of a supply is counted anew, because its period may be another one now.
func applySupplies(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32) error {
	var had bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM supply WHERE campaign_id = $1)`, id).Scan(&had); err != nil || !had && len(c.Supplies) == 0 {
		return err
	}
	// Whoever gives a seat back locks its slot first and its supply then: nobody does from here on.
	if _, err := tx.Exec(ctx, `SELECT FROM slot WHERE campaign_id = $1 ORDER BY id FOR UPDATE`, id); err != nil {
		return err
	}
	if err := refuseLessSupply(ctx, tx, c, id); err != nil {
		return err
	}
	site, from, to, doses := supplyColumns(c)
	if _, err := tx.Exec(ctx, `UPDATE supply SET taken = 0 WHERE campaign_id = $1`, id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
INSERT INTO supply (campaign_id, site_id, from_day, to_day, doses)
SELECT $1, si.id, t.from_day, t.to_day, t.doses FROM unnest($2::text[], $3::date[], $4::date[], $5::int[]) AS t(site, from_day, to_day, doses)
JOIN site si ON si.campaign_id = $1 AND si.code = t.site ORDER BY si.id, t.from_day
ON CONFLICT (site_id, from_day) DO UPDATE SET to_day = EXCLUDED.to_day, doses = EXCLUDED.doses`, id, site, from, to, doses); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
UPDATE slot s SET supply_id = t.supply FROM (
    SELECT s.id, u.id AS supply FROM slot s JOIN site si ON si.id = s.site_id
    LEFT JOIN unnest($3::text[], $4::date[], $5::date[]) AS w(site, from_day, to_day)
        ON w.site = si.code AND (s.starts_at AT TIME ZONE $2)::date BETWEEN w.from_day AND w.to_day
    LEFT JOIN supply u ON u.site_id = s.site_id AND u.from_day = w.from_day
    WHERE s.campaign_id = $1) t
WHERE s.id = t.id AND s.supply_id IS DISTINCT FROM t.supply`, id, c.Zone.String(), site, from, to); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM supply u WHERE u.campaign_id = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::date[]) AS w(site, from_day)
		JOIN site si ON si.campaign_id = $1 AND si.code = w.site WHERE si.id = u.site_id AND w.from_day = u.from_day)`, id, site, from); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE supply u SET taken = t.n FROM (SELECT supply_id, sum(taken)::int AS n FROM slot WHERE campaign_id = $1 AND supply_id IS NOT NULL GROUP BY 1) t
		WHERE u.id = t.supply_id`, id)
	return err
}

// supplyColumns are the supplies as PostgreSQL takes a list of them.
func supplyColumns(c *booking.Campaign) (site []string, from, to []time.Time, doses []int32) {
	for _, s := range c.Supplies {
		site, from, to, doses = append(site, s.Site), append(from, s.From.UTC()), append(to, s.To.UTC()), append(doses, int32(s.Doses))
	}
	return site, from, to, doses
}

// refuseLessSupply looks for a supply of which more is taken than there will be.
func refuseLessSupply(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32) error {
	sites, froms, tos, all := supplyColumns(c)
	var site string
	var from time.Time
	var doses, taken int
	err := tx.QueryRow(ctx, `
SELECT w.site, w.from_day, w.doses, sum(s.taken) FROM unnest($3::text[], $4::date[], $5::date[], $6::int[]) AS w(site, from_day, to_day, doses)
JOIN site si ON si.campaign_id = $1 AND si.code = w.site
JOIN slot s ON s.site_id = si.id AND (s.starts_at AT TIME ZONE $2)::date BETWEEN w.from_day AND w.to_day
GROUP BY 1, 2, 3 HAVING sum(s.taken) > w.doses ORDER BY 2, 1 LIMIT 1`, id, c.Zone.String(), sites, froms, tos, all).Scan(&site, &from, &doses, &taken)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s has %d for the days from %s, and more appointments in them (%d): make the slots smaller first",
		ErrApply, site, doses, from.Format(time.DateOnly), taken)
}
