package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/vault"
)

// existing is an entry that an application met.
type existing struct {
	serial  int64
	arrival time.Time
	device  *vault.Device
	proven  bool      // the maker's device has proven the phone
	freedAt time.Time // when it was withdrawn; zero: it was not
	aliasOf *booking.ID
	claims  map[vault.Device]claim
}

func (e existing) freed() bool { return !e.freedAt.IsZero() }

// claim is what is kept for a device that applied for an entry which stood already.
type claim struct {
	at     time.Time
	proven bool // it has proven the phone since
}

// resolve reads the entries that stood already, gives the same person's earlier arrival to an entry that is not sealed
// yet, and keeps what other devices claimed.
func resolve(ctx context.Context, tx pgx.Tx, met []*waiting) (map[key]existing, error) {
	if err := earlier(ctx, tx, met); err != nil {
		return nil, err
	}
	found, err := readExisting(ctx, tx, met)
	if err != nil {
		return nil, err
	}
	return found, keepClaims(ctx, tx, met, found)
}

func keysOf(rows []*waiting) (campaign []int32, id [][16]byte, arrival []time.Time) {
	for _, w := range rows {
		campaign = append(campaign, w.app.Campaign)
		id = append(id, w.app.ID)
		arrival = append(arrival, w.app.Arrival)
	}
	return campaign, id, arrival
}

// earlier gives an entry the earliest arrival of the same person. Two nodes may store two tries in either order, and a
// stamp or a journal may bring the first one long after. It counts only tries that were admitted to the same cohort. What
// the maker was told (received_at) and a number that was announced stay; the person is served by the earlier key.
//
// The rows are locked first, in the order of their ids, as the seal does it, and changed in a second statement, which
// sees what the seal wrote while this one waited: an entry has its place with the arrival that it shows, or none.
func earlier(ctx context.Context, tx pgx.Tx, met []*waiting) error {
	campaign, id, arrival := keysOf(met)
	cohort, via := make([]string, len(met)), make([]string, len(met))
	for i, w := range met {
		cohort[i], via[i] = w.app.Cohort, string(w.app.Via)
	}
	tag, err := tx.Exec(ctx, `
SELECT FROM registration r JOIN (SELECT c, i, k, min(a) AS arrival FROM `+triesSQL+` GROUP BY c, i, k) e
    ON r.campaign_id = e.c AND r.id = e.i AND r.cohort = e.k AND e.arrival < r.arrival
WHERE r.withdrawn_at IS NULL AND r.alias_of IS NULL
ORDER BY r.campaign_id, r.id FOR NO KEY UPDATE OF r`, campaign, id, arrival, cohort, via)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	rows, err := tx.Query(ctx, `
WITH moved AS (
    UPDATE registration r SET arrival = e.a, via = e.v
    FROM (SELECT DISTINCT ON (c, i, k) c, i, k, a, v FROM `+triesSQL+` ORDER BY c, i, k, a) e
    WHERE r.campaign_id = e.c AND r.id = e.i AND r.cohort = e.k AND e.a < r.arrival AND r.withdrawn_at IS NULL AND r.alias_of IS NULL
    RETURNING r.campaign_id, r.id
), trail AS (
    INSERT INTO audit_log (campaign_id, registration_id, at, actor, act) SELECT campaign_id, id, clock_timestamp(), 'intake', 'arrival.earlier' FROM moved
)
SELECT campaign_id, array_agg(id) FROM moved GROUP BY campaign_id ORDER BY campaign_id`, campaign, id, arrival, cohort, via)
	if err != nil {
		return err
	}
	moved := map[int32][][16]byte{}
	var c int32
	var ids [][16]byte
	if _, err := pgx.ForEachRow(rows, []any{&c, &ids}, func() error { moved[c] = ids; return nil }); err != nil {
		return err
	}
	for c, ids := range moved {
		if _, err := tx.Exec(ctx, `SELECT place_earlier($1, $2)`, c, ids); err != nil {
			return err
		}
	}
	return nil
}

// triesSQL are the applications that met an entry.
const triesSQL = `unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[]) AS t(c, i, a, k, v)`

func readExisting(ctx context.Context, tx pgx.Tx, met []*waiting) (map[key]existing, error) {
	campaign, id, _ := keysOf(met)
	r, err := tx.Query(ctx, `
SELECT r.campaign_id, r.id, r.serial, r.received_at, r.device, r.withdrawn_at, r.alias_of,
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
		var freedAt *time.Time
		if err := r.Scan(&k.campaign, (*[16]byte)(&k.id), &e.serial, &e.arrival, &device, &freedAt, &alias, &e.proven); err != nil {
			r.Close()
			return nil, err
		}
		if freedAt != nil {
			e.freedAt = *freedAt
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
		e, ok := found[k]
		if !ok || w.app.Device == nil || e.aliasOf != nil || sameDevice(w.app.Device, e.device) || seen[k][*w.app.Device] {
			continue
		}
		if seen[k] == nil {
			seen[k] = map[vault.Device]bool{}
		}
		seen[k][*w.app.Device] = true
		freed = append(freed, e.freed())
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
SELECT c, i, d, least(a, clock_timestamp()), door FROM unnest($1::int[], $2::uuid[], $3::bytea[], $4::timestamptz[], $5::text[], $6::bool[]) AS t(c, i, d, a, door, freed)
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
