package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

func keysOf(rows []*waiting) (campaign []int32, id [][16]byte, arrival []time.Time) {
	for _, w := range rows {
		campaign = append(campaign, w.app.Campaign)
		id = append(id, w.app.ID)
		arrival = append(arrival, w.app.Arrival)
	}
	return campaign, id, arrival
}

// earlier gives an unsealed entry the earliest arrival of the same person. Two nodes may store two tries in either
// order. It touches only entries that were stored a moment ago and are far from being sealed, and only tries that were
// admitted to the same cohort. What the maker was told (received_at) stays.
func earlier(ctx context.Context, tx pgx.Tx, met []*waiting) error {
	campaign, id, arrival := keysOf(met)
	cohort := make([]string, len(met))
	for i, w := range met {
		cohort[i] = w.app.Cohort
	}
	_, err := tx.Exec(ctx, `
WITH moved AS (
    UPDATE registration r SET arrival = e.arrival
    FROM (SELECT c, i, k, min(a) AS arrival FROM unnest($1::int[], $2::uuid[], $3::timestamptz[], $5::text[]) AS t(c, i, a, k) GROUP BY c, i, k ORDER BY c, i) e
    WHERE r.campaign_id = e.c AND r.id = e.i AND r.cohort = e.k AND e.arrival < r.arrival
      AND r.stored_at > clock_timestamp() - make_interval(secs => $4)
      AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
      AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)
    RETURNING r.campaign_id, r.id, r.actor
)
INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, clock_timestamp(), 'intake', 'arrival.earlier' FROM moved`,
		campaign, id, arrival, earlierWithin.Seconds(), cohort)
	return err
}

func readExisting(ctx context.Context, tx pgx.Tx, met []*waiting) (map[key]existing, error) {
	campaign, id, _ := keysOf(met)
	r, err := tx.Query(ctx, `
SELECT r.campaign_id, r.id, r.serial, r.received_at, r.device, r.withdrawn_at IS NOT NULL, r.alias_of,
    EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id AND v.device = r.device)
FROM unnest($1::int[], $2::uuid[]) AS t(c, i) JOIN registration r ON r.campaign_id = t.c AND r.id = t.i`, campaign, id)
	if err != nil {
		return nil, err
	}
	found := make(map[key]existing, len(met))
	for r.Next() {
		var k key
		var e existing
		var device []byte
		var alias *[16]byte
		if err := r.Scan(&k.campaign, (*[16]byte)(&k.id), &e.serial, &e.arrival, &device, &e.freed, &alias, &e.proven); err != nil {
			r.Close()
			return nil, err
		}
		e.device, e.aliasOf = deviceOf(device), (*booking.ID)(alias)
		e.claims = map[vault.Device]claim{}
		found[k] = e
	}
	return found, r.Err()
}

func deviceOf(b []byte) *vault.Device {
	if len(b) != len(vault.Device{}) {
		return nil
	}
	d := vault.Device(b)
	return &d
}

// keepClaims stores what other devices claimed, once each, and fills in what was kept. An entry that was withdrawn takes no
// new claims (that device applies afresh), but those it has are read.
func keepClaims(ctx context.Context, tx pgx.Tx, met []*waiting, found map[key]existing) error {
	var campaign []int32
	var id [][16]byte
	var device [][]byte
	var arrival []time.Time
	var door []string
	var freed []bool
	seen := map[key]map[vault.Device]bool{}
	for _, w := range met {
		k := keyOf(w)
		e := found[k]
		if w.app.Device == nil || e.aliasOf != nil || sameDevice(w.app.Device, e.device) || seen[k][*w.app.Device] {
			continue
		}
		if seen[k] == nil {
			seen[k] = map[vault.Device]bool{}
		}
		seen[k][*w.app.Device] = true
		freed = append(freed, e.freed)
		campaign, id = append(campaign, k.campaign), append(id, k.id)
		device, arrival = append(device, w.app.Device[:]), append(arrival, w.app.Arrival)
		door = append(door, string(w.app.Door))
	}
	if len(id) == 0 {
		return nil
	}
	// Two statements: the second one's snapshot also sees what another flusher stored while the first one waited for it.
	_, err := tx.Exec(ctx, `
INSERT INTO claim (campaign_id, registration_id, device, arrival, door)
SELECT c, i, d, a, door FROM unnest($1::int[], $2::uuid[], $3::bytea[], $4::timestamptz[], $5::text[], $6::bool[]) AS t(c, i, d, a, door, freed)
WHERE NOT freed ORDER BY c, i, d
ON CONFLICT DO NOTHING`, campaign, id, device, arrival, door, freed)
	if err != nil {
		return err
	}
	r, err := tx.Query(ctx, `
SELECT t.c, t.i, t.d, k.arrival,
    EXISTS (SELECT FROM verification v WHERE v.campaign_id = t.c AND v.registration_id = t.i AND v.device = t.d)
FROM unnest($1::int[], $2::uuid[], $3::bytea[]) AS t(c, i, d)
JOIN claim k ON k.campaign_id = t.c AND k.registration_id = t.i AND k.device = t.d`, campaign, id, device)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var k key
		var d []byte
		var kept claim
		if err := r.Scan(&k.campaign, (*[16]byte)(&k.id), &d, &kept.at, &kept.proven); err != nil {
			return err
		}
		if dev := deviceOf(d); dev != nil {
			found[k].claims[*dev] = kept
		}
	}
	return r.Err()
}

var _ desk.Intake = (*Intake)(nil)
