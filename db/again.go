package db

import (
	"context"

	"github.com/jackc/pgx/v5"

	"jari/booking/desk"
)

// What a dose, d, of an appointment's person, a, follows: the attended one before it, and when and where it may be ($3 and $4 are the
// series' intervals, $5 whether it keeps to the site, $6 the sites that there are, $7 the zone: seriesArgs). The window is reckoned by the
// zone's clocks: 21 days later is the same hour, also when they changed.
const (
	followsSQL = `LEFT JOIN LATERAL (SELECT s.starts_at, si.code AS site FROM appointment b JOIN slot s ON s.id = b.slot_id JOIN site si ON si.id = s.site_id
    WHERE b.campaign_id = a.campaign_id AND b.registration_id = a.registration_id AND b.dose = d.dose - 1 AND b.state = 'attended') before ON d.dose > 1`
	windowColumns = `(before.starts_at AT TIME ZONE $7 + $3::interval) AT TIME ZONE $7, (before.starts_at AT TIME ZONE $7 + $4::interval) AT TIME ZONE $7,
    CASE WHEN $5 AND before.site = ANY($6) THEN before.site ELSE '' END`
)

// awaited is what the person of an appointment waits for.
type awaited int

const (
	another   awaited = iota // one of the same dose, because this one has ended
	exchange                 // one of the same dose, for which this one is given up then
	following                // one of the next dose, because this one was attended
)

// waitFor lets the people of appointments wait for another one, by the order key that they have. A later dose is promised: it waits
// before all others, within the window that the attended one before it opened, at its site where the series keeps to that and the site
// is still there.
func waitFor(ctx context.Context, tx pgx.Tx, c *desk.Campaign, appointments []int64, what awaited) error {
	if len(appointments) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
INSERT INTO waiting (campaign_id, registration_id, dose, pool_id, queue_id, grade, arrival, tie, look, not_before, not_after, site, swap_of)
SELECT a.campaign_id, a.registration_id, d.dose, q.pool_id, p.queue_id, CASE WHEN d.dose > 1 AND NOT $8 THEN 0 ELSE 1 END, p.arrival, p.tie, true,
    `+windowColumns+`, CASE WHEN $8 THEN a.id END
FROM appointment a JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id JOIN queue q ON q.id = p.queue_id
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
CROSS JOIN LATERAL (SELECT CASE WHEN $9 THEN a.dose + 1 ELSE a.dose END AS dose) d
`+followsSQL+`
WHERE a.campaign_id = $1 AND a.id = ANY($2)
ORDER BY a.registration_id, d.dose
ON CONFLICT (campaign_id, registration_id, dose) DO UPDATE SET look = true, woken = waiting.woken + 1, since = EXCLUDED.since,
    grade = EXCLUDED.grade, swap_of = EXCLUDED.swap_of`, append(append([]any{c.ID, appointments}, seriesArgs(c)...), what == exchange, what == following)...)
	return err
}

// seriesArgs are what SQL must know of a campaign's series, $3 to $7.
func seriesArgs(c *desk.Campaign) []any {
	if c.Series == nil {
		return []any{nil, nil, false, siteCodes(c), c.Zone.String()}
	}
	return []any{c.Series.Least, c.Series.Most, c.Series.SameSite, siteCodes(c), c.Zone.String()}
}

// siteCodes are the sites that there are.
func siteCodes(c *desk.Campaign) []string {
	sites := make([]string, len(c.Sites))
	for i, s := range c.Sites {
		sites[i] = s.Code
	}
	return sites
}
