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

	{4, "is used up, or what is taken of it does not agree with its slots", `
SELECT 'supply ' || u.id, u.taken > u.doses OR u.taken <> (SELECT coalesce(sum(s.taken), 0) FROM slot s WHERE s.supply_id = u.id) FROM supply u`},
}
