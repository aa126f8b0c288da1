package db

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// Intake stores applications by group commit: what arrives while a flusher is busy forms the next batch, and a batch is
// one statement and one commit. The queue is bounded; when it is full the caller is told at once (CodeOverloaded), and
// nothing was stored.
type Intake struct {
	pool  *pgxpool.Pool
	queue chan *waiting
	mu    sync.RWMutex // guards closed against sends
	done  bool
	wg    sync.WaitGroup
}

// IntakeOptions bound the intake. Zero values mean the defaults in brackets.
type IntakeOptions struct {
	Queue    int // applications that may wait (4,096)
	Batch    int // applications in one statement (500)
	Flushers int // batches under way at once (2)
}

type waiting struct {
	app desk.Application
	out chan outcome
}

type outcome struct {
	stored desk.Stored
	err    error
}

// earlierWithin is how long after its storing an entry may still take an earlier arrival from a second try of the same
// person. It is well below the shortest settle window's distance to sealing, so that sealed entries never move; the
// statement timeout is shorter still.
const earlierWithin = 15 * time.Second

// NewIntake starts the flushers. Close stops them.
func NewIntake(pool *pgxpool.Pool, o IntakeOptions) *Intake {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&o.Queue, 4096)
	def(&o.Batch, 500)
	def(&o.Flushers, 2)
	in := &Intake{pool: pool, queue: make(chan *waiting, o.Queue)}
	for range o.Flushers {
		in.wg.Go(func() { in.flusher(o.Batch) })
	}
	return in
}

// Close takes no more applications, stores those that wait, and returns when all callers have their answer.
func (in *Intake) Close() {
	in.mu.Lock()
	if !in.done {
		in.done = true
		close(in.queue)
	}
	in.mu.Unlock()
	in.wg.Wait()
}

// Waiting is how many applications wait for a flusher.
func (in *Intake) Waiting() int { return len(in.queue) }

// Store implements desk.Intake. A caller whose time is up is told to try again (CodeOverloaded); its
// application is stored all the same, and trying again finds it.
func (in *Intake) Store(ctx context.Context, a desk.Application) (desk.Stored, error) {
	w := &waiting{app: a, out: make(chan outcome, 1)}
	if !in.offer(w) {
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, errors.New("the intake is full or closing"))
	}
	select {
	case o := <-w.out:
		return o.stored, o.err
	case <-ctx.Done():
		// Perhaps stored, perhaps not: trying again finds out, so the caller is told to.
		return desk.Stored{}, booking.Fail(booking.CodeOverloaded, ctx.Err())
	}
}

func (in *Intake) offer(w *waiting) bool {
	in.mu.RLock()
	defer in.mu.RUnlock()
	if in.done {
		return false
	}
	select {
	case in.queue <- w:
		return true
	default:
		return false
	}
}

func (in *Intake) flusher(limit int) {
	for first := range in.queue {
		batch := append(make([]*waiting, 0, 64), first)
	fill:
		for len(batch) < limit {
			select {
			case w, ok := <-in.queue:
				if !ok {
					break fill
				}
				batch = append(batch, w)
			default:
				break fill
			}
		}
		in.flush(batch)
	}
}

// flush stores a batch and answers every caller. A batch that fails because of one row is stored row by row, so that a
// poisoned row fails alone.
func (in *Intake) flush(batch []*waiting) {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	results, err := in.storeBatch(ctx, batch)
	if err == nil {
		for i, w := range batch {
			w.out <- outcome{stored: results[i]}
		}
		return
	}
	if len(batch) > 1 && rowFault(err) {
		for _, w := range batch {
			in.flush([]*waiting{w})
		}
		return
	}
	for _, w := range batch {
		w.out <- outcome{err: storeError(err)}
	}
}

// rowFault reports whether the error comes from a row's content (classes 22 and 23) and not from the server's state.
func rowFault(err error) bool {
	s := sqlState(err)
	return pgerrcode.IsDataException(s) || pgerrcode.IsIntegrityConstraintViolation(s)
}

// storeError tells what is surely not stored (CodeOverloaded, try again) from what is a fault of ours. An error at the
// commit itself leaves it open whether the row is there; trying again is safe then too, because it finds the row.
func storeError(err error) error {
	if rowFault(err) {
		return fmt.Errorf("store an application: %w", err)
	}
	return booking.Fail(booking.CodeOverloaded, fmt.Errorf("store applications: %w", err))
}

type key struct {
	campaign int32
	id       booking.ID
}

func keyOf(w *waiting) key { return key{w.app.Campaign, w.app.ID} }

// storeBatch stores the batch in one transaction. Rows are sorted by the conflict key, because unsorted batches from
// two flushers deadlock, and each key goes in once, as the earliest arrival.
func (in *Intake) storeBatch(ctx context.Context, batch []*waiting) ([]desk.Stored, error) {
	rows := slices.Clone(batch)
	slices.SortStableFunc(rows, func(a, b *waiting) int {
		if c := int(a.app.Campaign) - int(b.app.Campaign); c != 0 {
			return c
		}
		if c := bytes.Compare(a.app.ID[:], b.app.ID[:]); c != 0 {
			return c
		}
		return a.app.Arrival.Compare(b.app.Arrival)
	})
	first := slices.CompactFunc(slices.Clone(rows), func(a, b *waiting) bool { return keyOf(a) == keyOf(b) })
	var made map[key]int64
	var found map[key]existing
	err := write(ctx, in.pool, func(ctx context.Context, tx pgx.Tx) error {
		var err error
		if made, err = insertApplications(ctx, tx, first); err != nil {
			return err
		}
		found, err = in.resolve(ctx, tx, rows, first, made)
		return err
	})
	if err != nil {
		return nil, err
	}
	makers := make(map[key]*waiting, len(first))
	for _, w := range first {
		makers[keyOf(w)] = w
	}
	out := make([]desk.Stored, len(batch))
	for i, w := range batch {
		out[i] = settle(w, makers[keyOf(w)], made, found)
	}
	return out, nil
}

// settle says what became of one application.
func settle(w, maker *waiting, made map[key]int64, found map[key]existing) desk.Stored {
	k := keyOf(w)
	serial, isNew := made[k]
	if isNew && w == maker {
		return desk.Stored{New: true, Own: w.app.Device != nil, Serial: serial, Arrival: w.app.Arrival}
	}
	e, ok := found[k]
	if !ok { // a second application of one batch by the maker itself
		return desk.Stored{Own: sameDevice(w.app.Device, maker.app.Device), Serial: serial, Arrival: maker.app.Arrival}
	}
	s := desk.Stored{Serial: e.serial, Arrival: e.arrival, Freed: e.freed, AliasOf: e.aliasOf}
	s.Own = sameDevice(w.app.Device, e.device)
	kept, claimed := e.claims[deviceKey(w.app.Device)]
	if claimed && !s.Own {
		s.Arrival = kept.at
	}
	if claimed && !kept.proven || s.Own && !e.proven {
		// A device that has proven nothing is told the same as before, also when the person has withdrawn since.
		s.Freed = false
	}
	return s
}

func sameDevice(a, b *vault.Device) bool { return a != nil && b != nil && a.Equal(*b) }

func deviceKey(d *vault.Device) vault.Device {
	if d == nil {
		return vault.Device{}
	}
	return *d
}

const insertApplicationsSQL = `
INSERT INTO registration (campaign_id, id, queue_id, cohort, cohort_version, arrival, received_at, tie, door, actor, device, attested,
    region, wishes, lang, verify, person_ct, generation)
SELECT c, i, q, k, v, a, a, t, d, w, dev, att, reg, wish, l, ver, p, g FROM unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::timestamptz[], $7::bigint[], $8::text[],
    $9::text[], $10::bytea[], $11::bool[], $12::text[], $13::jsonb[], $14::text[], $15::text[], $16::bytea[], $17::smallint[])
    AS n(c, i, q, k, v, a, t, d, w, dev, att, reg, wish, l, ver, p, g)
ON CONFLICT (campaign_id, id) DO NOTHING
RETURNING campaign_id, id, serial`

// insertApplications inserts the rows and returns the serials of those that were new.
func insertApplications(ctx context.Context, tx pgx.Tx, rows []*waiting) (map[key]int64, error) {
	n := len(rows)
	campaign, id, queue := make([]int32, n), make([]booking.ID, n), make([]int32, n)
	cohort, version, arrival, tie := make([]string, n), make([]int32, n), make([]time.Time, n), make([]int64, n)
	door, actor, device, attested := make([]string, n), make([]string, n), make([][]byte, n), make([]bool, n)
	region, wishes, lang, verify := make([]string, n), make([]*string, n), make([]string, n), make([]string, n)
	person, generation := make([][]byte, n), make([]int16, n)
	for i, w := range rows {
		a := &w.app
		campaign[i], id[i], queue[i], cohort[i], version[i] = a.Campaign, a.ID, a.Queue, a.Cohort, a.Version
		arrival[i], tie[i], door[i], actor[i], attested[i] = a.Arrival, a.Tie, string(a.Door), a.Actor, a.Attested
		region[i], lang[i], verify[i] = a.Region, string(a.Lang), string(a.Verify)
		person[i], generation[i] = a.PersonCT, int16(a.Generation)
		if a.Device != nil {
			device[i] = a.Device[:]
		}
		var err error
		if wishes[i], err = wishesJSON(a.Wishes); err != nil {
			return nil, err
		}
	}
	made := make(map[key]int64, n)
	r, err := tx.Query(ctx, insertApplicationsSQL, campaign, uuids(id), queue, cohort, version, arrival, tie, door, actor, device,
		attested, region, wishes, lang, verify, person, generation)
	if err != nil {
		return nil, err
	}
	var k key
	var serial int64
	_, err = pgx.ForEachRow(r, []any{&k.campaign, (*[16]byte)(&k.id), &serial}, func() error {
		made[k] = serial
		return nil
	})
	return made, err
}

func uuids(ids []booking.ID) [][16]byte {
	out := make([][16]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

func wishesJSON(w booking.Wishes) (*string, error) {
	if len(w.Sites) == 0 && w.NotBefore.IsZero() && len(w.Weekdays) == 0 {
		return nil, nil
	}
	b, err := json.Marshal(w)
	s := string(b)
	return &s, err
}

// existing is an entry that an application met.
type existing struct {
	serial  int64
	arrival time.Time
	device  *vault.Device
	proven  bool // the maker's device has proven the phone
	freed   bool
	aliasOf *booking.ID
	claims  map[vault.Device]claim
}

// claim is what is kept for a device that applied for an entry which stood already.
type claim struct {
	at     time.Time
	proven bool // it has proven the phone since
}

// resolve reads the entries that stood already, gives the same person's earlier arrival to an entry that is not sealed
// yet, and keeps what other devices claimed. It costs nothing when every row was new.
func (in *Intake) resolve(ctx context.Context, tx pgx.Tx, rows, first []*waiting, made map[key]int64) (map[key]existing, error) {
	makers := map[key]*waiting{}
	for _, w := range first {
		makers[keyOf(w)] = w
	}
	var met []*waiting
	for _, w := range rows {
		_, isNew := made[keyOf(w)]
		m := makers[keyOf(w)]
		if !isNew || w != m && !sameDevice(w.app.Device, m.app.Device) {
			met = append(met, w)
		}
	}
	if len(met) == 0 {
		return nil, nil
	}
	if err := earlier(ctx, tx, met); err != nil {
		return nil, err
	}
	found, err := readExisting(ctx, tx, met)
	if err != nil {
		return nil, err
	}
	return found, keepClaims(ctx, tx, met, found)
}
