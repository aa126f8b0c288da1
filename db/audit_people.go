package db

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// held is what an event changes in the number of appointments that are held. History is read in the order of its ids:
// whoever takes a slot has waited for the commit of whoever gave it back, so this order is the true one, while the
// events' times come from several clocks.
const held = `(CASE WHEN e.to_state IN ` + holds + ` THEN 1 ELSE 0 END - CASE WHEN e.from_state IN ` + holds + ` THEN 1 ELSE 0 END)`

// personChecks: laws 1 and 2.
var personChecks = []check{
	{1, "was not dealt with in time", `
SELECT 'text ' || i.id, CASE WHEN i.handled_at IS NULL
        THEN greatest(i.arrival, i.found_at, r.at) < @text_old AND NOT EXISTS (SELECT FROM brake b WHERE b.campaign_id = i.campaign_id AND b.what = 'intake')
        ELSE i.handled_at - greatest(i.arrival, i.found_at, r.at) > @text_within::interval END
FROM inbound i LEFT JOIN LATERAL (SELECT max(l.at) AS at FROM audit_log l WHERE l.campaign_id = i.campaign_id AND l.registration_id IS NULL
    AND l.act = 'brake.off' AND l.detail->>'what' = 'intake' AND l.at <= coalesce(i.handled_at, @now)) r ON true`},

	{1, "was announced, says the trail, and has no entry or no place any more", `
SELECT 'registration ' || l.registration_id, r.id IS NULL OR p.number IS NULL FROM audit_log l
LEFT JOIN registration r ON r.campaign_id = l.campaign_id AND r.id = l.registration_id
LEFT JOIN place p ON p.campaign_id = l.campaign_id AND p.registration_id = l.registration_id WHERE l.act = 'register'`},

	{2, "held two appointments at once", `
SELECT 'registration ' || registration_id, max(n) > 1 FROM (
    SELECT a.campaign_id, a.registration_id, a.dose, sum(CASE WHEN e.to_state IN ` + served + ` THEN 1 ELSE 0 END - CASE WHEN e.from_state IN ` + served + ` THEN 1 ELSE 0 END)
        OVER (PARTITION BY a.campaign_id, a.registration_id, a.dose ORDER BY e.id) AS n
    FROM appointment_event e JOIN appointment a ON a.id = e.appointment_id) history
GROUP BY campaign_id, registration_id, dose`},

	// An entry that was withdrawn keeps its place, also when its identity has become another entry's.
	{2, "has two places, or a place that is another entry's", `
SELECT 'registration ' || p.registration_id, count(*) > 1 OR bool_or(r.id IS NULL OR r.alias_of IS NOT NULL AND r.withdrawn_at IS NULL)
FROM place p LEFT JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id
GROUP BY p.campaign_id, p.registration_id`},

	{2, "points to an entry that does not exist", `
SELECT 'registration ' || r.id, t.id IS NULL
FROM registration r LEFT JOIN registration t ON t.campaign_id = r.campaign_id AND t.id = r.alias_of
WHERE r.alias_of IS NOT NULL`},

	// An offer that the withdrawal itself cancelled, at its own instant, was made before the withdrawal.
	{2, "belongs to an entry that was given up", `
SELECT 'appointment ' || a.id, r.id IS NULL OR r.alias_of IS NOT NULL AND r.withdrawn_at IS NULL
    OR a.state IN ('offered', 'confirmed') AND coalesce(s.starts_at > r.withdrawn_at, false)
    OR coalesce(a.made_at > r.withdrawn_at + @margin::interval AND a.changed_at <> r.withdrawn_at, false)
FROM appointment a JOIN slot s ON s.id = a.slot_id LEFT JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id`},
}

// sampled is one entry whose identity is computed again.
type sampled struct {
	id         booking.ID
	ct         []byte
	generation int
	live       bool // not withdrawn
}

// identities decrypts people and computes their ids again: the key of an entry must be the keyed hash of the person in
// it, or an alias must lead from there to it; and an entry of a later generation may live only when the earlier ones do
// not.
func (a *auditor) identities(ctx context.Context) (finding, error) {
	var sum finding
	for _, v := range latest(a.versions) {
		c, err := a.campaigns.ByID(v.campaign)
		if err != nil {
			a.info.Unopened = append(a.info.Unopened, v.content.Slug)
			continue
		}
		f, err := a.campaignIdentities(ctx, c)
		if err != nil {
			return sum, err
		}
		sum.join(f)
	}
	return sum, nil
}

func (a *auditor) campaignIdentities(ctx context.Context, c *desk.Campaign) (finding, error) {
	var f finding
	people, err := a.samplePeople(ctx, c.ID)
	if err != nil {
		return f, err
	}
	f.checked = int64(len(people))
	var elsewhere, before pairs
	for _, p := range people {
		person, err := c.Keys.OpenPerson(p.id, p.ct)
		if err != nil {
			f.bad(entryName(p.id) + ": its person cannot be read")
			continue
		}
		ids, err := generations(c, person, p.generation)
		switch {
		case err != nil:
			f.bad(entryName(p.id) + ": its person has no identity")
		case ids[p.generation] != p.id:
			if ids, err = generations(c, person, lastGeneration); err != nil {
				return f, err
			}
			for _, id := range ids { // a corrected identity counts from the first generation
				elsewhere.add(p.id, id)
			}
		case p.live:
			for _, id := range ids[:p.generation] {
				before.add(p.id, id)
			}
		}
	}
	err = a.badPairs(ctx, &f, c.ID, elsewhere, "is not the key of the person in it", elsewhereSQL)
	if err != nil {
		return f, err
	}
	if before, err = a.stillLead(ctx, c, before); err != nil {
		return f, err
	}
	return f, a.badPairs(ctx, &f, c.ID, before, "an earlier entry of the same person lives too", beforeSQL)
}

// stillLead leaves out the pairs whose other id a correction gave to an entry that has been corrected to other data since: it is nobody's now.
func (a *auditor) stillLead(ctx context.Context, c *desk.Campaign, all pairs) (pairs, error) {
	var out pairs
	if len(all.entry) == 0 {
		return out, nil
	}
	rows, err := a.tx.Query(ctx, `SELECT t.entry, t.other, l.id, coalesce(l.person_ct, ''::bytea) FROM unnest($2::uuid[], $3::uuid[]) AS t(entry, other)
		LEFT JOIN registration r ON r.campaign_id = $1 AND r.id = t.other LEFT JOIN registration l ON l.campaign_id = $1 AND l.id = r.alias_of`, c.ID, all.entry, all.other)
	if err != nil {
		return out, err
	}
	var entry, other booking.ID
	var led *[16]byte
	var ct []byte
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&entry), (*[16]byte)(&other), &led, &ct}, func() error {
		if led == nil || !desk.Left(c, desk.Entry{ID: *led, PersonCT: ct}, other) {
			out.add(entry, other)
		}
		return nil
	})
	return out, err
}

// lastGeneration is how often somebody can have applied again.
const lastGeneration = 19

// generations computes a person's ids up to the given generation.
func generations(c *desk.Campaign, person booking.Person, to int) ([]booking.ID, error) {
	ids := make([]booking.ID, to+1)
	for g := range ids {
		text, err := booking.Identity(c.Identity, person, g)
		if err != nil {
			return nil, err
		}
		ids[g] = c.Keys.ID(text)
	}
	return ids, nil
}

// samplePeople reads all entries of a campaign if there are few, otherwise some evenly spread over the serials.
func (a *auditor) samplePeople(ctx context.Context, campaign int32) ([]sampled, error) {
	rows, err := a.tx.Query(ctx, `
SELECT id, person_ct, generation, withdrawn_at IS NULL FROM registration
WHERE campaign_id = $1 AND alias_of IS NULL
  AND serial % greatest(1, (SELECT (count(*) + $2::int - 1) / $2::int FROM registration WHERE campaign_id = $1)) = 0
ORDER BY serial`, campaign, a.sample)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (sampled, error) {
		var s sampled
		err := row.Scan((*[16]byte)(&s.id), &s.ct, &s.generation, &s.live)
		return s, err
	})
}

// pairs are entries, each with an id that has to do with it.
type pairs struct{ entry, other [][16]byte }

func (p *pairs) add(entry, other booking.ID) {
	p.entry, p.other = append(p.entry, entry), append(p.other, other)
}

// A corrected identity is found through its alias. Where another entry lives under it, both stay, the pair is on the
// agents' list, and the corrected one is held back until an agent has looked.
const elsewhereSQL = `
SELECT t.entry FROM unnest($2::uuid[], $3::uuid[]) AS t(entry, other) GROUP BY t.entry HAVING bool_and(
  NOT EXISTS (SELECT FROM registration r WHERE r.campaign_id = $1 AND r.id = t.other AND r.alias_of = t.entry)
  AND NOT EXISTS (SELECT FROM possible_duplicate d WHERE d.campaign_id = $1 AND d.one = least(t.entry, t.other) AND d.other = greatest(t.entry, t.other)
                  AND d.reason = 'corrected')
  AND NOT EXISTS (SELECT FROM escalation e JOIN registration r ON r.campaign_id = e.campaign_id AND r.id = t.other
                  JOIN registration l ON l.campaign_id = r.campaign_id AND l.id = coalesce(r.alias_of, r.id)
                  WHERE e.campaign_id = $1 AND e.registration_id = t.entry AND e.reason = 'corrected_duplicate' AND e.closed_at IS NULL
                  AND l.id <> t.entry AND l.withdrawn_at IS NULL))
ORDER BY 1`

const beforeSQL = `
SELECT DISTINCT t.entry FROM unnest($2::uuid[], $3::uuid[]) AS t(entry, other)
JOIN registration r ON r.campaign_id = $1 AND r.id = t.other
JOIN registration l ON l.campaign_id = $1 AND l.id = coalesce(r.alias_of, r.id)
WHERE l.id <> t.entry AND l.withdrawn_at IS NULL AND l.alias_of IS NULL
  AND NOT EXISTS (SELECT FROM possible_duplicate d WHERE d.campaign_id = $1 AND d.one = least(t.entry, l.id) AND d.other = greatest(t.entry, l.id) AND d.reason = 'corrected')
ORDER BY 1`

func (a *auditor) badPairs(ctx context.Context, f *finding, campaign int32, p pairs, wrong, sql string) error {
	if len(p.entry) == 0 {
		return nil
	}
	rows, err := a.tx.Query(ctx, sql, campaign, p.entry, p.other)
	if err != nil {
		return err
	}
	var id booking.ID
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&id)}, func() error {
		f.bad(fmt.Sprintf("%s: %s", entryName(id), wrong))
		return nil
	})
	return err
}

// entryName names a registration as PostgreSQL prints its id.
func entryName(id booking.ID) string {
	h := hex.EncodeToString(id[:])
	return "registration " + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
