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
	arrival time.Time // what its maker was told
	device  *vault.Device
	proven  bool      // the maker's device has proven the phone
	freedAt time.Time // when it was withdrawn; zero: it was not
	aliasOf *booking.ID
	claims  map[vault.Device]claim
	bound   map[vault.Device]bool // devices that introduced themselves, and stay with what they were told
	removed map[vault.Device]bool // devices that were shut out after somebody had proven the phone on file
	// left has the devices that have proven the phone and apply again although the entry was withdrawn.
	left map[vault.Device]bool
}

func (e existing) freed() bool { return !e.freedAt.IsZero() }

// claim is what is kept for a device that applied for an entry which stood already.
type claim struct {
	at     time.Time
	proven bool // it has proven the phone since
}

// resolve gives entries the earliest arrival of the same person, keeps what other devices claimed, and reads how the
// entries stand: intake_known in migrations/00009_introductions.sql, which commits by itself.
//
// Two nodes may store two tries in either order, and a stamp or a journal may bring the first one long after. Only tries
// that were admitted to the same cohort count. What a maker was told and a number that was announced stay; the person is
// served by the earlier key. An entry that was withdrawn takes no new claims (that device applies afresh), but those it
// has are read.
func resolve(ctx context.Context, q querier, met []*caller) (map[key]existing, error) {
	n := len(met)
	campaign, id, arrival := make([]int32, n), make([][16]byte, n), make([]time.Time, n)
	cohort, via, device, door := make([]string, n), make([]string, n), make([][]byte, n), make([]string, n)
	for i, w := range met {
		campaign[i], id[i], arrival[i] = w.app.Campaign, w.app.ID, w.app.Arrival
		cohort[i], via[i], door[i] = w.app.Cohort, string(w.app.Via), string(w.app.Door)
		if w.app.Device != nil {
			device[i] = w.app.Device[:]
		}
	}
	rows, err := q.Query(ctx, `SELECT campaign, id, serial, received_at, device, withdrawn_at, alias_of, proven, claimed_by, claimed_at, claim_proven, asked_by, bound, removed
		FROM intake_known($1, $2, $3, $4, $5, $6, $7)`, campaign, id, arrival, cohort, via, device, door)
	if err != nil {
		return nil, err
	}
	found := make(map[key]existing, n)
	for rows.Next() {
		if err := scanExisting(rows, found); err != nil {
			rows.Close()
			return nil, err
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return found, noteWhoLeft(ctx, q, met, found)
}

// noteWhoLeft finds the devices that have proven the phone of an entry that was withdrawn, whether they made it, claimed it or came to
// it in another way. Nearly always nobody has withdrawn, and there is nothing to ask.
func noteWhoLeft(ctx context.Context, q querier, met []*caller, found map[key]existing) error {
	var campaign []int32
	var id [][16]byte
	var device [][]byte
	for _, w := range met {
		if w.app.Device != nil && found[keyOf(w)].freed() {
			campaign, id, device = append(campaign, w.app.Campaign), append(id, w.app.ID), append(device, w.app.Device[:])
		}
	}
	if len(id) == 0 {
		return nil
	}
	rows, err := q.Query(ctx, `SELECT v.campaign_id, v.registration_id, v.device FROM unnest($1::int[], $2::uuid[], $3::bytea[]) AS t(c, i, d)
		JOIN verification v ON v.campaign_id = t.c AND v.registration_id = t.i AND v.device = t.d`, campaign, id, device)
	if err != nil {
		return err
	}
	var k key
	var by []byte
	_, err = pgx.ForEachRow(rows, []any{&k.campaign, (*[16]byte)(&k.id), &by}, func() error {
		if d := deviceOf(by); d != nil {
			found[k].left[*d] = true
		}
		return nil
	})
	return err
}

// scanExisting adds one line: an entry, with what one device has claimed or nothing.
func scanExisting(row pgx.Row, found map[key]existing) error {
	var k key
	var e existing
	var maker, claimedBy, askedBy []byte
	var freedAt, claimedAt *time.Time
	var alias *[16]byte
	var proven, bound, removed bool
	if err := row.Scan(&k.campaign, (*[16]byte)(&k.id), &e.serial, &e.arrival, &maker, &freedAt, &alias, &e.proven, &claimedBy, &claimedAt, &proven, &askedBy, &bound, &removed); err != nil {
		return err
	}
	was := found[k]
	if e.claims, e.left, e.bound, e.removed = was.claims, was.left, was.bound, was.removed; e.claims == nil {
		e.claims, e.left = map[vault.Device]claim{}, map[vault.Device]bool{}
		e.bound, e.removed = map[vault.Device]bool{}, map[vault.Device]bool{}
	}
	if by := deviceOf(askedBy); by != nil {
		e.bound[*by], e.removed[*by] = bound, removed
	}
	if by := deviceOf(claimedBy); by != nil && claimedAt != nil {
		e.claims[*by] = claim{*claimedAt, proven}
	}
	if freedAt != nil {
		e.freedAt = *freedAt
	}
	e.device, e.aliasOf = deviceOf(maker), (*booking.ID)(alias)
	found[k] = e
	return nil
}

func deviceOf(b []byte) *vault.Device {
	if len(b) != len(vault.Device{}) {
		return nil
	}
	d := vault.Device(b)
	return &d
}
