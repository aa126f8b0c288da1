package db

// trailChecks: laws 7 and 9.
var trailChecks = []check{
	{7, "arrived after it was stored", `
SELECT 'registration ' || id, arrival > stored_at + @clock::interval FROM registration WHERE alias_of IS NULL`},

	{9, "was announced and nobody registered it", `
SELECT 'registration ' || p.registration_id, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = p.campaign_id AND l.registration_id = p.registration_id AND l.act = 'register' AND l.actor <> '')
FROM place p`},

	{9, "took over an earlier arrival without a line in the trail", `
SELECT 'registration ' || r.id, NOT EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = r.campaign_id AND l.registration_id = r.id AND l.act = 'arrival.earlier')
FROM registration r WHERE r.arrival < r.received_at AND r.alias_of IS NULL`},

	{9, "was given up without a line in the trail", `
SELECT 'registration ' || r.id, NOT EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = r.campaign_id AND l.registration_id = r.id AND l.act = 'withdraw')
FROM registration r WHERE r.withdrawn_at IS NOT NULL`},

	{9, "was changed without a line in the trail", `
SELECT 'registration ' || o.registration_id, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = o.campaign_id AND l.registration_id = o.registration_id AND l.act = o.kind AND l.at = o.at)
FROM operation o WHERE o.kind IN ('wishes', 'correct') AND o.outcome = ''`},

	{9, "named or ended a helper without a line in the trail", `
SELECT 'helper ' || h.id, NOT EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = h.campaign_id AND l.registration_id = h.registration_id AND l.act = s.act
    AND l.detail->>'helper' = h.id::text AND l.at = s.at AND l.actor <> '')
FROM helper h CROSS JOIN LATERAL (VALUES ('helper', h.since), ('helper.end', h.ended_at)) AS s(act, at) WHERE s.at IS NOT NULL`},

	{9, "was refused, or that taken back, without a line in the trail", `
SELECT 'registration ' || f.registration_id, NOT EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = f.campaign_id AND l.registration_id = f.registration_id
    AND l.act = s.act AND l.at = s.at AND l.actor = s.actor)
FROM refusal f CROSS JOIN LATERAL (VALUES ('refuse', f.refused_at, f.actor), ('refuse.undo', f.undone_at, f.undone_by)) AS s(act, at, actor) WHERE s.at IS NOT NULL`},

	{9, "was drawn with a step that has no line in the trail", `
SELECT 'queue ' || d.queue_id, NOT EXISTS (SELECT FROM audit_log l JOIN queue q ON q.id = d.queue_id
    WHERE l.campaign_id = d.campaign_id AND l.registration_id IS NULL AND l.act = s.act AND l.detail->>'queue' = q.code AND (s.actor IS NULL OR l.actor = s.actor))
FROM draw d CROSS JOIN LATERAL (VALUES ('draw.commit', d.committed_at, NULL), ('draw.close', d.listed_at, d.listed_by), ('draw.run', d.drawn_at, d.drawn_by)) AS s(act, at, actor)
WHERE s.at IS NOT NULL`},

	// Its events are append-only and written by the database, each with its actor: they are the trail.
	{9, "has no history, or one without an actor", `
SELECT 'appointment ' || a.id, count(e.id) = 0 OR bool_or(e.actor = '') OR count(e.id) FILTER (WHERE e.from_state = '') <> 1
FROM appointment a LEFT JOIN appointment_event e ON e.appointment_id = a.id GROUP BY a.id`},

	// What a person or an agent changes stands in the trail too, with the operation.
	{9, "changed without a line in the trail", `
SELECT 'appointment ' || a.id, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = a.campaign_id AND l.registration_id = a.registration_id AND l.act = 'appointment.' || e.to_state
      AND l.detail->>'appointment' = a.id::text AND l.actor = e.actor)
FROM appointment_event e JOIN appointment a ON a.id = e.appointment_id WHERE e.from_state <> '' AND e.actor NOT LIKE 'job:%'`},

	{9, "is not what its history says", `
SELECT 'appointment ' || a.id, last.to_state IS DISTINCT FROM a.state
FROM appointment a LEFT JOIN LATERAL (SELECT e.to_state FROM appointment_event e WHERE e.appointment_id = a.id ORDER BY e.id DESC LIMIT 1) last ON true`},

	{9, "was given in a round that left no record", `
SELECT 'appointment ' || a.id, NOT EXISTS (SELECT FROM round r WHERE r.pool_id = s.pool_id AND r.number = a.round) FROM appointment a JOIN slot s ON s.id = a.slot_id`},

	{9, "has a step in its history that cannot be taken", `
SELECT 'appointment ' || e.appointment_id, e.from_state <> lag(e.to_state, 1, '') OVER (PARTITION BY e.appointment_id ORDER BY e.id)
    OR NOT EXISTS (SELECT FROM appointment_transition t WHERE t.from_state = e.from_state AND t.to_state = e.to_state)
FROM appointment_event e`},

	{9, "was verified without a line in the trail", `
SELECT 'registration ' || v.registration_id, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = v.campaign_id AND l.registration_id = v.registration_id AND l.act = 'verify.' || v.method AND l.actor = v.actor)
FROM verification v`},

	{9, "was applied without a line in the trail", `
SELECT 'campaign ' || v.campaign_id || ' version ' || v.version, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = v.campaign_id AND l.registration_id IS NULL AND l.act = 'campaign.apply' AND l.detail->>'version' = v.version::text)
FROM campaign_version v`},

	{9, "could be rewritten by the program's role", `
SELECT 'table ' || t, has_table_privilege('` + Role + `', t, 'UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege('` + Role + `', t, 'UPDATE')
FROM unnest(ARRAY['audit_log', 'appointment_event', 'appointment_transition', 'place', 'draw_list', 'claim', 'verification', 'round', 'decision', 'campaign_version', 'operation', 'device_removed']) AS t
UNION ALL SELECT 'rows of ' || t, has_table_privilege('` + Role + `', t, 'DELETE, TRUNCATE') FROM unnest(ARRAY['registration', 'appointment', 'message', 'inbound', 'draw', 'helper', 'refusal']) AS t
UNION ALL SELECT 'rows made in ' || t, has_any_column_privilege('` + Role + `', t, 'INSERT') FROM unnest(ARRAY['appointment_event', 'appointment_transition']) AS t
UNION ALL SELECT 'column draw.' || c, has_column_privilege('` + Role + `', 'draw', c, 'UPDATE') FROM unnest(ARRAY['secret_ct', 'commitment', 'committed_at']) AS c
UNION ALL SELECT 'trigger ' || n, NOT EXISTS (SELECT FROM pg_trigger WHERE tgname = n AND tgenabled <> 'D') FROM unnest(ARRAY['appointment_made', 'appointment_changed']) AS n`},
}

// stuckChecks: law 10. What a lost wake-up left behind must have been found by the sweeps.
var stuckChecks = []check{
	{10, "has no place yet", `
SELECT 'registration ' || r.id, p.number IS NULL
FROM registration r LEFT JOIN place p ON p.campaign_id = r.campaign_id AND p.registration_id = r.id
LEFT JOIN unnest(@settled::int[], @settle::float8[]) AS c(id, settle) ON c.id = r.campaign_id
LEFT JOIN draw d ON d.queue_id = r.queue_id
WHERE (d.queue_id IS NULL OR d.drawn_at < @old) AND r.alias_of IS NULL AND r.withdrawn_at IS NULL
  AND greatest(r.stored_at, r.arrival) < @old::timestamptz - make_interval(secs => coalesce(c.settle, 0))`},

	{10, "belongs to nothing", `
SELECT 'place ' || p.queue_id || '/' || p.number, q.id IS NULL FROM place p LEFT JOIN queue q ON q.id = p.queue_id
UNION ALL SELECT 'appointment ' || a.id, (s.campaign_id, s.pool_id) IS DISTINCT FROM (a.campaign_id, a.pool_id) FROM appointment a LEFT JOIN slot s ON s.id = a.slot_id
UNION ALL SELECT 'event ' || e.id, a.id IS NULL FROM appointment_event e LEFT JOIN appointment a ON a.id = e.appointment_id
UNION ALL SELECT 'message ' || m.id, a.id IS NULL FROM message m LEFT JOIN appointment a ON a.id = m.appointment_id WHERE m.appointment_id IS NOT NULL`},

	// Whoever was looked at has an appointment or waits.
	{10, "was looked at and is forgotten", `
SELECT 'registration ' || p.registration_id, w.registration_id IS NULL AND NOT EXISTS (SELECT FROM appointment a
    WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND (a.state IN ` + served + ` OR a.state = 'missed'))
FROM place p JOIN walk q ON q.queue_id = p.queue_id AND p.number <= q.walked_to
JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
LEFT JOIN waiting w ON w.campaign_id = p.campaign_id AND w.registration_id = p.registration_id AND w.dose = 1`},

	{10, "waits to be looked at and nobody does", `
SELECT 'registration ' || w.registration_id, w.look AND w.since < @old AND q.first_round_at < @old AND coalesce(p.busy_until < @now, true)
    AND coalesce((SELECT max(r.at) < @old FROM round r WHERE r.pool_id = w.pool_id), true)
FROM waiting w JOIN queue q ON q.id = w.queue_id JOIN pool p ON p.id = w.pool_id`},

	{10, "waits for what has come long ago, and nobody looks", `
SELECT 'registration ' || w.registration_id, NOT w.look AND coalesce(p.busy_until < @now, true) AND coalesce(p.checked_to, @now) > @old AND (
    w.reason = 'not_ready' AND EXISTS (SELECT FROM verification v WHERE v.campaign_id = w.campaign_id AND v.registration_id = w.registration_id AND v.stored_at < @old)
    OR w.reason = 'held' AND EXISTS (SELECT FROM refusal f WHERE f.campaign_id = w.campaign_id AND f.registration_id = w.registration_id AND f.undone_stored_at < @old)
        AND NOT EXISTS (SELECT FROM refusal f WHERE f.campaign_id = w.campaign_id AND f.registration_id = w.registration_id AND f.undone_at IS NULL)
        AND NOT EXISTS (SELECT FROM escalation e WHERE e.campaign_id = w.campaign_id AND e.registration_id = w.registration_id
            AND e.reason = 'corrected_duplicate' AND e.closed_at IS NULL)
    OR (w.arrival, w.tie) IS DISTINCT FROM (l.arrival, l.tie) AND coalesce(l.moved_at, l.sealed_at) < @old
    OR w.swap_of IS NULL AND EXISTS (SELECT FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND a.dose = w.dose
        AND a.state IN ` + served + ` AND a.changed_at < @old))
FROM waiting w JOIN pool p ON p.id = w.pool_id JOIN place l ON l.campaign_id = w.campaign_id AND l.registration_id = w.registration_id
JOIN queue q ON q.id = w.queue_id AND q.first_round_at < @old`},

	{10, "is stuck on its way to the provider", `
SELECT 'message ' || id, state_at < @old FROM message WHERE state IN ('queued', 'sending')`},

	{10, "tells of a message of ours and was not applied", `
SELECT 'receipt ' || r.id, r.received_at < @old AND EXISTS (SELECT FROM message m WHERE m.provider_id = r.provider_id)
FROM receipt r WHERE NOT r.applied`},
}
