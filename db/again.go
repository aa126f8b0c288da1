package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// backToWaitingSQL lets the people of appointments that ended wait for another one of the same dose, by the order key that they have. A
// later dose waits before all others, within the window that the attended one before it opened, at its site where the series keeps
// to that and the site is still there.
const backToWaitingSQL = `
INSERT INTO waiting (campaign_id, registration_id, dose, pool_id, queue_id, grade, arrival, tie, look, not_before, not_after, site, swap_of)
SELECT a.campaign_id, a.registration_id, a.dose, q.pool_id, p.queue_id, CASE WHEN a.dose > 1 AND NOT $8 THEN 0 ELSE 1 END, p.arrival, p.tie, true,
    (before.starts_at AT TIME ZONE $7 + $3::interval) AT TIME ZONE $7, (before.starts_at AT TIME ZONE $7 + $4::interval) AT TIME ZONE $7,
    CASE WHEN $5 AND before.site = ANY($6) THEN before.site ELSE '' END, CASE WHEN $8 THEN a.id END
FROM appointment a JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id JOIN queue q ON q.id = p.queue_id
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
LEFT JOIN LATERAL (SELECT s.starts_at, si.code AS site FROM appointment b JOIN slot s ON s.id = b.slot_id JOIN site si ON si.id = s.site_id
    WHERE b.campaign_id = a.campaign_id AND b.registration_id = a.registration_id AND b.dose = a.dose - 1 AND b.state = 'attended') before ON a.dose > 1
WHERE a.campaign_id = $1 AND a.id = ANY($2)
ORDER BY a.registration_id, a.dose
ON CONFLICT (campaign_id, registration_id, dose) DO UPDATE SET look = true, woken = waiting.woken + 1, since = EXCLUDED.since,
    grade = EXCLUDED.grade, swap_of = EXCLUDED.swap_of`

// backToWaiting lets the people of these appointments, which have ended, wait for another one.
func backToWaiting(ctx context.Context, tx pgx.Tx, c *desk.Campaign, appointments []int64) error {
	return waitFor(ctx, tx, c, appointments, false)
}

// waitFor does the same; with swap the appointments are kept until there is another one.
func waitFor(ctx context.Context, tx pgx.Tx, c *desk.Campaign, appointments []int64, swap bool) error {
	if len(appointments) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, backToWaitingSQL, append(append([]any{c.ID, appointments}, seriesArgs(c)...), swap)...)
	return err
}

// seriesArgs are what SQL must know of a campaign's series, $3 to $7 of each statement: the intervals, whether it keeps to the site, the
// sites that there are, and the zone, in which the window is reckoned: 21 days later is the same hour, also when clocks changed.
func seriesArgs(c *desk.Campaign) []any {
	sites := make([]string, len(c.Sites))
	for i, s := range c.Sites {
		sites[i] = s.Code
	}
	if c.Series == nil {
		return []any{nil, nil, false, sites, c.Zone.String()}
	}
	return []any{c.Series.Least, c.Series.Most, c.Series.SameSite, sites, c.Zone.String()}
}
