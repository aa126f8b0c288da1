package db

// slotChecks: law 4. What a capacity was before the campaign's last change is not recorded, so that only what was taken
// since then is held against it.
var slotChecks = []check{
	{4, "keeps count of its reserve or its supply wrongly", `
SELECT 'slot ' || s.id, s.kept_taken <> (SELECT count(*) FROM appointment a WHERE a.slot_id = s.id AND a.kept AND a.state IN ` + holds + `) FROM slot s
UNION ALL SELECT 'supply ' || u.id, u.taken > u.doses OR u.taken <> (SELECT count(*) FROM slot s JOIN appointment a ON a.slot_id = s.id AND a.state IN ` + holds + ` WHERE s.supply_id = u.id)
FROM supply u`},

	{4, "more were given than it takes, or what is taken does not agree with its appointments", `
SELECT 'slot ' || s.id, s.taken > s.capacity OR s.taken <> coalesce(now.n, 0) OR coalesce(history.peak, 0) > s.capacity
FROM slot s
LEFT JOIN (SELECT slot_id, count(*) AS n FROM appointment WHERE state IN ` + holds + ` GROUP BY slot_id) now ON now.slot_id = s.id
LEFT JOIN (SELECT slot_id, max(n) FILTER (WHERE counts) AS peak FROM (
        SELECT a.slot_id, (c.version = 1 OR e.at >= c.changed_at) AND e.id > coalesce(s.lowered_after, 0) AS counts, sum(` + held + `) OVER (PARTITION BY a.slot_id ORDER BY e.id) AS n
        FROM appointment_event e JOIN appointment a ON a.id = e.appointment_id JOIN campaign c ON c.id = a.campaign_id JOIN slot s ON s.id = a.slot_id) running
    GROUP BY slot_id) history ON history.slot_id = s.id`},

	// A change of the campaign may keep more than is free still, and for others than before.
	{4, "took a seat that is kept for others", `
SELECT 'slot ' || s.id, s.taken - s.kept_taken > s.capacity - s.reserved FROM slot s JOIN campaign c ON c.id = s.campaign_id AND c.version = 1
WHERE s.reserve > 0 AND NOT s.released AND s.lowered_after IS NULL
UNION ALL SELECT 'appointment ' || a.id, (s.reserve, r.cohort) NOT IN (SELECT number, cohort FROM unnest(@kept_campaign::int[], @kept_number::int[], @kept_cohort::text[])
    AS k(campaign, number, cohort) WHERE campaign = a.campaign_id)
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN campaign c ON c.id = a.campaign_id AND c.version = 1
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id WHERE a.kept AND a.dose = 1`},

	{4, "is used up, or what is taken of it does not agree with its slots", `
SELECT 'supply ' || u.id, u.taken > u.doses OR u.taken <> (SELECT coalesce(sum(s.taken), 0) FROM slot s WHERE s.supply_id = u.id) FROM supply u`},
}
