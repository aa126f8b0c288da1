package db

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// households are the people whom a page's people want to come with, by the keyed hash of their code.
type households struct {
	round   *round
	held    map[booking.ID]bool
	members map[vault.Hash][]candidate
}

// HouseholdCode is under what hash a household's members find each other.
func HouseholdCode(k *vault.Keys, code string) vault.Hash { return k.Lookup("household\x00" + code) }

// householdSQL looks each member up among those who wait: as a plain join the planner, who still thinks that nobody waits, would read
// them all for each page.
const householdSQL = `
SELECT h.code, h.joined_at, p.number, p.queue_id, p.registration_id, p.arrival, p.tie, ` + personColumns + `,
    ARRAY(SELECT a.slot_id FROM appointment a WHERE a.campaign_id = h.campaign_id AND a.registration_id = h.registration_id AND a.state IN ('declined', 'lapsed')),
    (SELECT count(*) FROM appointment a WHERE a.campaign_id = h.campaign_id AND a.registration_id = h.registration_id AND a.state = 'declined' AND a.dose = 1),
    coalesce((SELECT a.id FROM appointment a WHERE a.campaign_id = h.campaign_id AND a.registration_id = h.registration_id AND a.dose = 1 AND a.state IN ` + served + `), 0),
    w.registration_id IS NOT NULL, coalesce(w.woken, 0), coalesce(w.reason, '')
FROM household h JOIN place p ON p.campaign_id = h.campaign_id AND p.registration_id = h.registration_id
JOIN registration r ON r.campaign_id = h.campaign_id AND r.id = h.registration_id
LEFT JOIN LATERAL (SELECT * FROM waiting w WHERE w.campaign_id = h.campaign_id AND w.registration_id = h.registration_id AND w.dose = 1 LIMIT 1) w ON true
WHERE h.campaign_id = $1 AND h.code = ANY($2) ORDER BY p.arrival, p.tie, p.registration_id`

// readHouseholds reads all members of the households that the people name, those outside of the page too.
func readHouseholds(ctx context.Context, tx pgx.Tx, r *round, people []candidate, held map[booking.ID]bool) (households, error) {
	out := households{round: r, held: held, members: map[vault.Hash][]candidate{}}
	var codes [][]byte
	for _, c := range people {
		if h := c.wishes.Household; h != nil && c.dose == 1 {
			code := HouseholdCode(r.campaign.Keys, h.Code)
			codes = append(codes, code[:])
		}
	}
	if len(codes) == 0 {
		return out, nil
	}
	rows, err := tx.Query(ctx, householdSQL, r.campaign.ID, codes)
	if err != nil {
		return out, err
	}
	defer rows.Close()
	for rows.Next() {
		c := candidate{dose: 1}
		c.grade = 1
		var code, wishes []byte
		if err := rows.Scan(&code, &c.joined, &c.number, &c.queue, (*[16]byte)(&c.key.ID), &c.key.Arrival, &c.key.Tie, &c.cohort, &c.region, &wishes, &c.gone, &c.ready,
			&c.refused, &c.declines, &c.open, &c.waits, &c.woken, &c.reason); err != nil {
			return out, err
		}
		if err := parseWishes(wishes, &c.wishes); err != nil {
			return out, err
		}
		h := vault.Hash(code)
		out.members[h] = append(out.members[h], c)
	}
	return out, rows.Err()
}

// unit is the household of somebody who is the last of it in order, complete and ready. For anybody else it is nil, and why says what
// they wait for: a household stands where its last member stands, with the reason that this one was given. Whom the others have left behind (they have an appointment already, or gave up after all had come)
// waits alone: there is nobody to wait for.
func (h households) unit(c candidate) (_ []candidate, why booking.Reason) {
	all := slices.Clone(h.members[HouseholdCode(h.round.campaign.Keys, c.wishes.Household.Code)])
	size, came := c.wishes.Household.Size, len(all)
	all = slices.DeleteFunc(all, func(m candidate) bool { return m.gone })
	if len(all) < size && came >= size || slices.ContainsFunc(all, func(m candidate) bool { return m.open != 0 && m.key.ID != c.key.ID }) {
		return []candidate{c}, ""
	}
	if len(all) != size || size < 2 || size > booking.MaxHousehold {
		return nil, booking.ReasonIncomplete
	}
	for _, m := range all {
		rule, _ := h.round.campaign.Cohort(m.cohort)
		other := m.wishes.Household
		if other == nil || other.Size != size || !m.ready || h.held[m.key.ID] || m.declines >= max(rule.Declines, 1) ||
			!slices.ContainsFunc(h.round.queues, func(q *walk) bool { return q.id == m.queue && m.number <= q.sealedTo }) {
			return nil, booking.ReasonIncomplete
		}
	}
	if all[size-1].key.ID != c.key.ID {
		return nil, cmp.Or(c.reason, booking.ReasonIncomplete)
	}
	latest := slices.MaxFunc(all, func(a, b candidate) int { return a.joined.Compare(b.joined) })
	all[size-1] = c // as the page read it
	all[size-1].wishes, all[size-1].region = latest.wishes, latest.region
	return all, ""
}

// joinHousehold makes an entry a member of a household, and of no other; nil: of none. Everybody whom it concerns is looked at
// again.
func (b *Book) joinHousehold(ctx context.Context, tx pgx.Tx, c desk.Change, h *booking.Household) error {
	k, err := b.campaigns.ByID(c.Campaign)
	if err != nil {
		return err
	}
	var code []byte
	var size int
	if h != nil {
		sum := HouseholdCode(k.Keys, h.Code)
		code, size = sum[:], h.Size
	}
	// Those whom it leaves are woken too: their household is no longer complete.
	if err := wakeHousehold(ctx, tx, c.Campaign, [][16]byte{c.ID}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM household WHERE campaign_id = $1 AND registration_id = $2 AND code IS DISTINCT FROM $3`, c.Campaign, [16]byte(c.ID), code); err != nil || h == nil {
		return err
	}
	return joinHouseholds(ctx, tx, c.Campaign, [][]byte{code}, [][16]byte{c.ID}, []int16{int16(size)}, c.At)
}

// wakeHousehold has rounds look again at those who want to come with somebody of these.
func wakeHousehold(ctx context.Context, tx pgx.Tx, campaign int32, ids [][16]byte) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `
WITH mates AS MATERIALIZED (
    SELECT DISTINCT o.registration_id FROM household h JOIN household o ON o.campaign_id = h.campaign_id AND o.code = h.code AND o.registration_id <> h.registration_id
    WHERE h.campaign_id = $1 AND h.registration_id = ANY($2)
), locked AS MATERIALIZED (
    SELECT w.registration_id, w.dose FROM mates m JOIN waiting w ON w.campaign_id = $1 AND w.registration_id = m.registration_id ORDER BY w.registration_id FOR UPDATE OF w
)
UPDATE waiting w SET look = true, woken = w.woken + 1, since = clock_timestamp() FROM locked l
WHERE w.campaign_id = $1 AND w.registration_id = l.registration_id AND w.dose = l.dose`, campaign, ids)
	return err
}

// joinHouseholds adds members and has rounds look at everybody of their households again.
func joinHouseholds(ctx context.Context, tx pgx.Tx, campaign int32, code [][]byte, id [][16]byte, size []int16, at time.Time) error {
	if len(code) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO household (campaign_id, code, registration_id, size, joined_at)
		SELECT $1, t.code, t.id, t.size, $2 FROM unnest($3::bytea[], $4::uuid[], $5::smallint[]) AS t(code, id, size) ORDER BY t.code, t.id
		ON CONFLICT (campaign_id, code, registration_id) DO UPDATE SET size = EXCLUDED.size, joined_at = greatest(household.joined_at, EXCLUDED.joined_at)`,
		campaign, at, code, id, size); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE waiting w SET look = true, woken = w.woken + 1 FROM household h
		WHERE h.campaign_id = $1 AND h.code = ANY($2) AND w.campaign_id = h.campaign_id AND w.registration_id = h.registration_id`, campaign, code)
	return err
}
