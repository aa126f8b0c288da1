package db

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

type key struct {
	campaign int32
	id       booking.ID
}

func keyOf(w *caller) key { return key{w.app.Campaign, w.app.ID} }

func (k key) compare(o key) int {
	if c := cmp.Compare(k.campaign, o.campaign); c != 0 {
		return c
	}
	return bytes.Compare(k.id[:], o.id[:])
}

// batch is a batch in the order of the conflict key: unsorted batches of two flushers deadlock. Applications of one key
// stand together, the earliest arrival first; that one goes in, as the key's maker.
type batch struct {
	rows   []*caller
	makers []*caller
	serial []int64     // of each maker's row; 0 when an entry stood already
	told   []time.Time // received_at of each maker's row, when it is new
}

func newBatch(rows []*caller) *batch {
	b := &batch{rows: slices.Clone(rows)}
	slices.SortStableFunc(b.rows, func(x, y *caller) int {
		if c := keyOf(x).compare(keyOf(y)); c != 0 {
			return c
		}
		return x.app.Arrival.Compare(y.app.Arrival)
	})
	b.makers = slices.CompactFunc(slices.Clone(b.rows), func(x, y *caller) bool { return keyOf(x) == keyOf(y) })
	b.serial, b.told = make([]int64, len(b.makers)), make([]time.Time, len(b.makers))
	return b
}

// maker finds who goes in for a key.
func (b *batch) maker(k key) int {
	i, _ := slices.BinarySearchFunc(b.makers, k, func(w *caller, k key) int { return keyOf(w).compare(k) })
	return i
}

// storeBatch stores the batch. What is new is one statement that commits by itself: one round trip to the database. Only
// when it met entries that stood already a second statement reads them; the new rows stand whatever becomes of that.
func (in *Intake) storeBatch(ctx context.Context, rows []*caller) ([]outcome, error) {
	b := newBatch(rows)
	if err := retried(ctx, func() error { return in.insert(ctx, b) }); err != nil {
		return nil, err
	}
	met := b.met()
	var found map[key]existing
	var failed error
	if len(met) > 0 {
		failed = retried(ctx, func() (err error) {
			found, err = resolve(ctx, in.pool, met)
			return err
		})
	}
	out := make([]outcome, len(rows))
	for i, w := range rows {
		out[i] = b.settle(w, found, failed)
	}
	return out, nil
}

// met lists the applications that met an entry or another device's application.
func (b *batch) met() []*caller {
	var out []*caller
	for _, w := range b.rows {
		i := b.maker(keyOf(w))
		m := b.makers[i]
		if b.serial[i] == 0 || w != m && !sameDevice(w.app.Device, m.app.Device) {
			out = append(out, w)
		}
	}
	return out
}

// settle says what became of one application. failed is why the entries that were met could not be read, if so.
func (b *batch) settle(w *caller, found map[key]existing, failed error) outcome {
	i := b.maker(keyOf(w))
	m, serial := b.makers[i], b.serial[i]
	switch {
	case serial != 0 && w == m:
		return outcome{stored: desk.Stored{New: true, Own: w.app.Device != nil, Serial: serial, Arrival: b.told[i]}}
	case serial != 0 && sameDevice(w.app.Device, m.app.Device): // the maker again
		return outcome{stored: desk.Stored{Own: true, Serial: serial, Arrival: b.told[i]}}
	case failed != nil:
		return outcome{err: storeError(failed)}
	}
	e, ok := found[keyOf(w)]
	if !ok { // erased between the two transactions
		return outcome{err: booking.Fail(booking.CodeOverloaded, errGone)}
	}
	if e.removed[deviceKey(w.app.Device)] {
		return outcome{err: booking.Fail(booking.CodeConflict, nil)}
	}
	if e.left[deviceKey(w.app.Device)] { // also for a copy of the first application that comes late
		return outcome{err: booking.Fail(booking.CodeConflict, errLeft)}
	}
	s := desk.Stored{Serial: e.serial, Arrival: e.arrival, Freed: e.freed(), FreedAt: e.freedAt, AliasOf: e.aliasOf}
	s.Own = sameDevice(w.app.Device, e.device)
	kept, claimed := e.claims[deviceKey(w.app.Device)]
	if claimed && !s.Own {
		s.Arrival = kept.at
	}
	if claimed && !kept.proven || s.Own && !e.proven {
		// A device that has proven nothing is told the same as before, also when the person has withdrawn since.
		s.Freed = false
	}
	if e.bound[deviceKey(w.app.Device)] { // and goes on under the reference that it has
		s.Freed, s.Kept, s.AliasOf = false, e.aliasOf, nil
		if e.freed() {
			s.Kept = nil
		}
	}
	return outcome{stored: s}
}

func sameDevice(a, b *vault.Device) bool { return a != nil && b != nil && a.Equal(*b) }

func deviceKey(d *vault.Device) vault.Device {
	if d == nil {
		return vault.Device{}
	}
	return *d
}

// No arrival is later than its storing: should this node's clock run ahead, that is all that it can lose.
const insertApplicationsSQL = `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, device, attested,
    region, wishes, lang, verify, person_ct, generation, via)
SELECT c, i, q, k, v, least(a, now), least(told, now), t, d, w, dev, att, reg, wish, l, ver, p, g, via
FROM unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::timestamptz[], $7::bigint[], $8::text[],
    $9::text[], $10::bytea[], $11::bool[], $12::text[], $13::jsonb[], $14::text[], $15::text[], $16::bytea[], $17::smallint[], $18::text[], $19::timestamptz[])
    AS n(c, i, q, k, v, a, t, d, w, dev, att, reg, wish, l, ver, p, g, via, told), (SELECT clock_timestamp() AS now) AS clock
ON CONFLICT (campaign_id, id) DO NOTHING
RETURNING campaign_id, id, serial, received_at`

// insert stores the makers' rows and notes the serials of those that were new.
func (in *Intake) insert(ctx context.Context, b *batch) error {
	columns, err := columnsOf(b.makers)
	if err != nil {
		return err
	}
	r, err := in.pool.Query(ctx, insertApplicationsSQL, columns...)
	if err != nil {
		return err
	}
	clear(b.serial)
	var k key
	var serial int64
	var told time.Time
	_, err = pgx.ForEachRow(r, []any{&k.campaign, (*[16]byte)(&k.id), &serial, &told}, func() error {
		i := b.maker(k)
		b.serial[i], b.told[i] = serial, told.UTC()
		return nil
	})
	return err
}

func columnsOf(rows []*caller) ([]any, error) {
	n := len(rows)
	campaign, id, queue := make([]int32, n), make([][16]byte, n), make([]int32, n)
	cohort, version, arrival, tie := make([]string, n), make([]int32, n), make([]time.Time, n), make([]int64, n)
	door, actor, device, attested := make([]string, n), make([]string, n), make([][]byte, n), make([]bool, n)
	region, wishes, lang, verify := make([]string, n), make([]*string, n), make([]string, n), make([]string, n)
	person, generation, via, told := make([][]byte, n), make([]int16, n), make([]string, n), make([]time.Time, n)
	for i, w := range rows {
		a := &w.app
		campaign[i], id[i], queue[i], cohort[i], version[i] = a.Campaign, a.ID, a.Queue, a.Cohort, a.Version
		arrival[i], tie[i], door[i], actor[i], attested[i] = a.Arrival, a.Tie, string(a.Door), a.Actor, a.Attested
		region[i], lang[i], verify[i] = a.Region, string(a.Lang), string(a.Verify)
		person[i], generation[i], via[i] = a.PersonCT, int16(a.Generation), string(a.Via)
		if told[i] = a.Told; told[i].IsZero() {
			told[i] = a.Arrival
		}
		if a.Device != nil {
			device[i] = a.Device[:]
		}
		var err error
		if wishes[i], err = wishesJSON(a.Wishes); err != nil {
			return nil, err
		}
	}
	return []any{
		campaign, id, queue, cohort, version, arrival, tie, door, actor, device, attested, region, wishes, lang, verify, person, generation, via, told,
	}, nil
}

func wishesJSON(w booking.Wishes) (*string, error) {
	if w.None() {
		return nil, nil
	}
	b, err := json.Marshal(w)
	s := string(b)
	return &s, err
}
