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
// order. It touches only entries that were stored a moment ago and are far from being sealed.
func earlier(ctx context.Context, tx pgx.Tx, met []*waiting) error {
	campaign, id, arrival := keysOf(met)
	_, err := tx.Exec(ctx, `
UPDATE registration r SET arrival = e.arrival
FROM (SELECT c, i, min(a) AS arrival FROM unnest($1::int[], $2::uuid[], $3::timestamptz[]) AS t(c, i, a) GROUP BY c, i ORDER BY c, i) e
WHERE r.campaign_id = e.c AND r.id = e.i AND e.arrival < r.arrival
  AND r.stored_at > clock_timestamp() - make_interval(secs => $4)
  AND r.withdrawn_at IS NULL AND r.moved_to IS NULL AND r.alias_of IS NULL
  AND NOT EXISTS (SELECT FROM place p WHERE p.campaign_id = r.campaign_id AND p.registration_id = r.id)`,
		campaign, id, arrival, earlierWithin.Seconds())
	return err
}

func readExisting(ctx context.Context, tx pgx.Tx, met []*waiting) (map[key]existing, error) {
	campaign, id, _ := keysOf(met)
	r, err := tx.Query(ctx, `
SELECT r.campaign_id, r.id, r.serial, r.arrival, r.device, r.withdrawn_at IS NOT NULL OR r.moved_to IS NOT NULL, r.alias_of
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
		if err := r.Scan(&k.campaign, (*[16]byte)(&k.id), &e.serial, &e.arrival, &device, &e.freed, &alias); err != nil {
			r.Close()
			return nil, err
		}
		e.device, e.aliasOf = deviceOf(device), (*booking.ID)(alias)
		e.claims = map[vault.Device]time.Time{}
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

// keepClaims stores what other devices claimed, once each, and fills in what was kept.
func keepClaims(ctx context.Context, tx pgx.Tx, met []*waiting, found map[key]existing) error {
	var campaign []int32
	var id [][16]byte
	var device [][]byte
	var arrival []time.Time
	var door []string
	seen := map[key]map[vault.Device]bool{}
	for _, w := range met {
		k := keyOf(w)
		e := found[k]
		if w.app.Device == nil || e.freed || e.aliasOf != nil || sameDevice(w.app.Device, e.device) || seen[k][*w.app.Device] {
			continue
		}
		if seen[k] == nil {
			seen[k] = map[vault.Device]bool{}
		}
		seen[k][*w.app.Device] = true
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
SELECT * FROM unnest($1::int[], $2::uuid[], $3::bytea[], $4::timestamptz[], $5::text[]) AS t(c, i, d, a, door) ORDER BY c, i, d
ON CONFLICT DO NOTHING`, campaign, id, device, arrival, door)
	if err != nil {
		return err
	}
	r, err := tx.Query(ctx, `
SELECT t.c, t.i, t.d, k.arrival FROM unnest($1::int[], $2::uuid[], $3::bytea[]) AS t(c, i, d)
JOIN claim k ON k.campaign_id = t.c AND k.registration_id = t.i AND k.device = t.d`, campaign, id, device)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var k key
		var d []byte
		var at time.Time
		if err := r.Scan(&k.campaign, (*[16]byte)(&k.id), &d, &at); err != nil {
			return err
		}
		if dev := deviceOf(d); dev != nil {
			found[k].claims[*dev] = at
		}
	}
	return r.Err()
}

var _ desk.Intake = (*Intake)(nil)
