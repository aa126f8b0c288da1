package db

import (
	"time"

	"jari/booking"
)

// textWithin is how soon a text that was kept must have been dealt with (law 1): a longer outage is a violation that
// nobody can mend afterwards. What came by a provider's log counts from when the log gave it to us.
const textWithin = 10 * time.Minute

// messageChecks: laws 5 and 6. What stands in "queued" or "sending" for too long is law 10's; everything else that has
// no known fate is law 5's.
var messageChecks = []check{
	{5, "was never told of its registration", `
SELECT 'registration ' || p.registration_id, NOT EXISTS (SELECT FROM message m
    WHERE m.campaign_id = p.campaign_id AND m.registration_id = p.registration_id AND m.dedup = 'registered/' || replace(p.registration_id::text, '-', ''))
FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
WHERE p.sealed_at < @old`},

	{5, "was never told to the person", `
SELECT 'appointment ' || a.id, NOT EXISTS (SELECT FROM message m WHERE m.campaign_id = a.campaign_id AND m.registration_id = a.registration_id AND m.dedup = 'offer/' || a.id)
FROM appointment a`},

	{5, "was given up and the person not told", `
SELECT 'registration ' || r.id, NOT EXISTS (SELECT FROM message m
    WHERE m.campaign_id = r.campaign_id AND m.registration_id = r.id AND m.helper_id IS NULL AND m.kind = 'withdrawn' AND m.created_at >= r.withdrawn_at - interval '1 second')
FROM registration r WHERE r.withdrawn_at IS NOT NULL`},

	// Whoever had an appointment was told how it ended.
	{5, "waits, and no round's record or no text says why", `
SELECT 'registration ' || w.registration_id, w.reason IS DISTINCT FROM (SELECT d.reason FROM decision d
        WHERE d.campaign_id = w.campaign_id AND d.registration_id = w.registration_id AND d.dose = w.dose ORDER BY d.id DESC LIMIT 1)
    OR w.reason NOT IN ('not_ready', 'incomplete', 'declines', 'held') AND NOT EXISTS (SELECT FROM message m
        WHERE m.campaign_id = w.campaign_id AND m.registration_id = w.registration_id AND m.dedup = 'no_time/' || replace(w.registration_id::text, '-', ''))
    AND NOT EXISTS (SELECT FROM appointment a WHERE a.campaign_id = w.campaign_id AND a.registration_id = w.registration_id AND (a.state IN ` + served + ` OR a.state IN ` + over + `))
FROM waiting w WHERE w.reason <> ''`},

	{5, "lapsed although no rule lets it, or its text is not known to have arrived", `
SELECT 'appointment ' || a.id, NOT EXISTS (SELECT FROM message m WHERE m.campaign_id = a.campaign_id AND m.dedup = 'offer/' || a.id AND m.state = 'delivered')
    OR (r.campaign_id, r.cohort) NOT IN (SELECT campaign, cohort FROM unnest(@rule_campaign::int[], @rule_cohort::text[], @rule_lapses::bool[]) AS v(campaign, cohort, lapses) WHERE lapses)
FROM appointment a JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id WHERE a.state = 'lapsed'`},

	{5, "was changed and the person not told", `
SELECT 'appointment ' || a.id, NOT EXISTS (SELECT FROM message m
    WHERE m.campaign_id = a.campaign_id AND m.registration_id = a.registration_id AND m.helper_id IS NULL AND m.created_at >= e.at - interval '1 second'
      AND (m.appointment_id = a.id AND m.kind = e.to_state OR e.to_state = 'cancelled' AND m.kind IN ('withdrawn', 'cancelled')))
FROM appointment_event e JOIN appointment a ON a.id = e.appointment_id
WHERE e.to_state IN ('confirmed', 'declined', 'lapsed', 'missed') OR e.to_state = 'cancelled' AND a.cause IN ('', 'withdrawn')`},

	// An appointment that gave way to another one is told together with it, in one text: no second one says that it was cancelled.
	{5, "gave way to another appointment, or was taken away, and the person was not told in exactly one text", `
SELECT 'appointment ' || a.id, count(m.id) <> 1
FROM appointment a LEFT JOIN message m ON m.campaign_id = a.campaign_id AND m.registration_id = a.registration_id AND m.helper_id IS NULL AND (
    m.params->>'from' = a.id::text AND m.dedup = 'offer/' || m.appointment_id
        AND m.kind = CASE a.cause WHEN 'swap' THEN 'changed' WHEN 'redated' THEN 'redated' ELSE 'moved' END
    OR m.appointment_id = a.id AND m.kind = 'cancelled')
WHERE a.state = 'cancelled' AND a.cause NOT IN ('', 'withdrawn') GROUP BY a.id`},

	{5, "has no known fate", `
SELECT 'message ' || id, state NOT IN ('delivered', 'undelivered', 'failed', 'suppressed', 'expired')
    AND NOT (state IN ('queued', 'sending') AND state_at < @old)
    AND NOT (state = 'pending' AND NOT urgent AND campaign_id = ANY(@quiet::int[]))
    AND NOT (state = 'pending' AND (EXISTS (SELECT FROM brake b WHERE b.campaign_id = message.campaign_id AND b.what = 'sending')
        OR EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = message.campaign_id AND l.registration_id IS NULL
            AND l.act = 'brake.off' AND l.detail->>'what' = 'sending' AND l.at >= @old)))
FROM message WHERE greatest(created_at, due_at) < @old`},

	// Whoever has only introduced themselves reads in the app that no code came, and asks again. Whoever wants no texts gets none of what can be asked again.
	{5, "did not arrive and nobody was asked to call", `
SELECT 'message ' || m.id, NOT EXISTS (SELECT FROM escalation e WHERE e.message_id = m.id)
    AND NOT EXISTS (SELECT FROM callback k, unnest(k.messages) AS told(id) WHERE told.id = m.id)
    AND NOT (m.kind <> ALL(@known::text[])
        AND EXISTS (SELECT FROM audit_log l WHERE l.campaign_id = m.campaign_id AND l.registration_id = m.registration_id
            AND l.act = 'message.opted_out' AND l.detail->>'message' = m.id::text))
FROM message m WHERE m.state IN ('undelivered', 'failed') AND m.registration_id IS NOT NULL AND m.helper_id IS NULL AND NOT m.params ? 'introduced' AND m.state_at < @old`},

	{5, "was closed although not all of what it was to tell was told or over", `
SELECT 'callback ' || k.id, bool_or(NOT (` + toldSQL(`'-infinity'`) + ` OR ` + overSQL + `))
FROM callback k CROSS JOIN LATERAL unnest(k.messages) AS x(id) JOIN message m ON m.id = x.id WHERE k.closed_by = '` + actorTold + `' GROUP BY k.id`},

	{5, "came too late to tell of an appointment that still stands, and nobody was asked to call", `
SELECT 'message ' || m.id, NOT EXISTS (SELECT FROM escalation e WHERE e.message_id = m.id AND e.reason = 'not_told_in_time')
FROM message m JOIN appointment a ON a.id = m.appointment_id
WHERE m.kind IN ('offer', 'changed', 'moved', 'redated') AND m.helper_id IS NULL AND m.state = 'expired' AND m.state_at < @old
  AND (a.state = 'offered' OR a.state = 'confirmed' AND m.kind <> 'offer') -- whoever has confirmed an offer knows of it
  AND NOT EXISTS (SELECT FROM refusal f WHERE f.campaign_id = m.campaign_id AND f.registration_id = m.registration_id
    AND f.refused_at <= m.state_at AND coalesce(f.undone_stored_at, 'infinity') >= m.state_at - @margin::interval)`},

	// Judged where it is certain that the helper stood when the message was made.
	{5, "was not copied to the helper", `
SELECT 'message ' || m.id, NOT EXISTS (SELECT FROM message k WHERE k.campaign_id = m.campaign_id AND k.helper_id = h.id AND k.dedup = 'copy/' || m.dedup)
FROM helper h JOIN message n ON n.campaign_id = h.campaign_id AND n.dedup = 'helper_named/' || h.id
JOIN message m ON m.campaign_id = h.campaign_id AND m.registration_id = h.registration_id AND m.id > n.id AND m.created_at > h.stored_at + @bulk::interval
WHERE h.ended_at IS NULL AND m.helper_id IS NULL AND m.kind <> ALL(@uncopied::text[])`},

	{11, "told a helper what is not for them, or told it after their part had ended", `
SELECT 'message ' || m.id, (h.campaign_id, h.registration_id) IS DISTINCT FROM (m.campaign_id, m.registration_id)
    OR m.kind IN ('code', 'registered', 'helper_set', 'helper_gone')
    OR m.kind <> 'helper_over' AND h.ended <> 'withdrawn' AND EXISTS (SELECT FROM send_attempt s
        WHERE s.message_id = m.id AND s.claimed_at > h.ended_stored_at + @margin::interval)
FROM message m LEFT JOIN helper h ON h.id = m.helper_id WHERE m.helper_id IS NOT NULL`},

	// A code is the way back for whoever did apply, and whoever asks is answered.
	{11, "was sent to a phone that knows nothing of the application", `
SELECT 'message ' || m.id, bool_or(s.claimed_at > f.stored_at + @margin::interval AND s.claimed_at < coalesce(f.undone_at, 'infinity') - @margin::interval)
FROM refusal f JOIN message m ON m.campaign_id = f.campaign_id AND m.registration_id = f.registration_id JOIN send_attempt s ON s.message_id = m.id
WHERE m.helper_id IS NULL AND m.inbound_id IS NULL AND m.kind <> 'code' GROUP BY m.id`},

	// A copy may follow one of which it was known by then that it had not arrived.
	{6, "was sent more than once", `
SELECT 'message ' || s.message_id, count(*) > 1 AND EXISTS (SELECT FROM send_attempt a JOIN send_attempt b ON b.message_id = a.message_id AND b.id > a.id
    WHERE a.message_id = s.message_id AND a.outcome IN ('accepted', 'found') AND b.outcome IN ('accepted', 'found')
      AND (a.failed_at IS NULL OR a.failed_at > b.claimed_at + @clock::interval))
FROM send_attempt s WHERE s.outcome IN ('accepted', 'found') GROUP BY s.message_id`},
}

// quietSince reports whether it is, or was within the grace before, a time at which unasked texts wait.
func quietSince(l booking.Limits, local time.Time, grace time.Duration) bool {
	for back := time.Duration(0); back < grace; back += time.Hour {
		if l.Quiet(local.Add(-back)) {
			return true
		}
	}
	return l.Quiet(local.Add(-grace))
}
