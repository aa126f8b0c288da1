package db

// deviceChecks: laws 7 and 9, for devices that introduced themselves, proved a phone, or were shut out.
var deviceChecks = []check{
	// Both can come in one request, a batch of which may take half a minute, and a stamp gives an earlier request's arrival.
	{7, "was given the instant at which its device introduced itself as its arrival", `
SELECT 'registration ' || r.id, r.device = i.device AND r.received_at = i.introduced_at AND r.via = '' AND r.stored_at > r.received_at + @bulk::interval
FROM introduction i JOIN registration r ON r.campaign_id = i.campaign_id AND r.id = i.registration_id`},

	// A device asks under the identity that it named, which may be the entry's only since a correction.
	{9, "counts as proven by a code, and no code was used", `
SELECT 'registration ' || v.registration_id, NOT EXISTS (SELECT FROM code_request q
        WHERE q.campaign_id = v.campaign_id AND q.registration_id = v.registration_id AND q.device = v.device AND q.used_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM code_request q JOIN registration r ON r.campaign_id = q.campaign_id AND r.id = q.registration_id
        WHERE r.campaign_id = v.campaign_id AND r.alias_of = v.registration_id AND q.device = v.device AND q.used_at IS NOT NULL)
FROM verification v WHERE v.method = 'code'`},

	{9, "introduced a phone that counts as proven, and no code that went to it was used", `
SELECT 'introduction ' || i.registration_id, NOT EXISTS (SELECT FROM code_request q WHERE q.campaign_id = i.campaign_id AND q.registration_id = i.registration_id
    AND q.device = i.device AND q.phone_hash = i.phone_hash AND q.used_at IS NOT NULL)
FROM introduction i WHERE i.verified_at IS NOT NULL`},

	{9, "was shut out from without a line in the trail", `
SELECT 'registration ' || x.registration_id, NOT EXISTS (SELECT FROM audit_log l
    WHERE l.campaign_id = x.campaign_id AND l.act = 'devices.remove' AND l.at = x.at AND l.actor = x.actor)
FROM device_removed x`},
}
