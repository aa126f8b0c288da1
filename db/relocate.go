package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

// relocation gives people another slot than the one that they have, because we cannot keep what we said: a page of people in one
// transaction. It is a round of its own in each pool, so that a round that is under way ends and the next one sees what is left.
type relocation struct {
	campaigns desk.Campaigns
	campaign  *desk.Campaign
	actor     string
	now       time.Time
	kind      words.Kind               // of the text: Moved or Redated
	cause     string                   // of the new appointments: moved or redated
	why       func(site string) string // the cause of the old ones' end
	// keep leaves people for whom nothing suits where they are; otherwise they wait, and are told so.
	keep bool
	// attempts change what the matcher is asked for, one after the other until one finds something.
	attempts []func(l leaving, w *booking.Waiting)
}

// leaving is somebody who is to leave a slot.
type leaving struct {
	candidate
	pool   int32
	id     int64 // the appointment's
	slot   int64
	starts time.Time
	at     string // the site
}

// rests is how long no round begins after a page, so that the next page comes first. After a kill rounds go on by themselves.
const relocationRests = 30 * time.Second

const leavingSQL = `
SELECT a.id, a.pool_id, a.slot_id, s.starts_at, si.code, p.queue_id, a.dose, p.registration_id, p.arrival, p.tie, ` + personColumns + `,
    ` + windowColumns + `,
    ARRAY(SELECT o.slot_id FROM appointment o WHERE o.campaign_id = a.campaign_id AND o.registration_id = a.registration_id AND o.state IN ('declined', 'lapsed')) || a.slot_id
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
CROSS JOIN LATERAL (SELECT a.dose) d
` + followsSQL + `
WHERE a.campaign_id = $1 AND a.id = ANY($2) AND a.state IN ('offered', 'confirmed')
ORDER BY a.id FOR UPDATE OF a`

// page moves the people of the appointments that next finds, a page of one run. When there are none it is the end, and rounds may begin again.
// after belongs to the same transaction.
func (m *relocation) page(ctx context.Context, pool *pgxpool.Pool, next func(context.Context, pgx.Tx) ([]int64, error),
	after func(ctx context.Context, tx pgx.Tx, end bool) error,
) (out Moved, end bool, err error) {
	err = writeWithin(ctx, pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		if err := m.stop(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&m.now); err != nil {
			return err
		}
		ids, err := next(ctx, tx)
		if err != nil {
			return err
		}
		if out, err = m.carry(ctx, tx, ids); err != nil {
			return err
		}
		if end = len(ids) == 0; end {
			if err := m.resume(ctx, tx); err != nil {
				return err
			}
		}
		return after(ctx, tx, end)
	})
	return out, end, err
}

// stop ends rounds that are under way and keeps new ones away for a moment.
func (m *relocation) stop(ctx context.Context, tx pgx.Tx) error {
	if err := stopRounds(ctx, tx, m.campaign.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE pool SET busy_until = clock_timestamp() + $2::interval WHERE campaign_id = $1`, m.campaign.ID, relocationRests)
	return err
}

// resume lets rounds begin again.
func (m *relocation) resume(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE pool SET busy_until = NULL WHERE campaign_id = $1`, m.campaign.ID)
	return err
}

// read locks the people of the appointments, as changes of entries do, and reads those that are still open, in the order of their keys.
func (m *relocation) read(ctx context.Context, tx pgx.Tx, appointments []int64) ([]leaving, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM registration r WHERE r.campaign_id = $1 AND r.id IN (SELECT a.registration_id FROM appointment a WHERE a.id = ANY($2))
		ORDER BY r.id FOR UPDATE`, m.campaign.ID, appointments); err != nil {
		return nil, err
	}
	out, err := collect(ctx, tx, func(row pgx.CollectableRow) (leaving, error) {
		var l leaving
		var wishes []byte
		err := row.Scan(&l.id, &l.pool, &l.slot, &l.starts, &l.at, &l.queue, &l.dose, (*[16]byte)(&l.key.ID), &l.key.Arrival, &l.key.Tie,
			&l.cohort, &l.region, &wishes, &l.gone, &l.ready, &l.from, &l.until, &l.site, &l.refused)
		if err != nil {
			return l, err
		}
		return l, parseWishes(wishes, &l.wishes)
	}, leavingSQL, append([]any{m.campaign.ID, appointments}, seriesArgs(m.campaign)...)...)
	slices.SortFunc(out, func(a, b leaving) int { return cmp.Or(cmp.Compare(a.pool, b.pool), a.key.Compare(b.key)) })
	return out, err
}

// carry matches people, in order, with what is free, and writes what comes of it, one pool after the other.
func (m *relocation) carry(ctx context.Context, tx pgx.Tx, appointments []int64) (Moved, error) {
	var out Moved
	people, err := m.read(ctx, tx, appointments)
	for len(people) > 0 && err == nil {
		n := slices.IndexFunc(people, func(l leaving) bool { return l.pool != people[0].pool })
		if n < 0 {
			n = len(people)
		}
		var left int
		left, err = m.carryPool(ctx, tx, people[:n])
		out.Moved, out.Waiting = out.Moved+n-left, out.Waiting+left
		people = people[n:]
	}
	return out, err
}

func (m *relocation) carryPool(ctx context.Context, tx pgx.Tx, people []leaving) (left int, err error) {
	if !m.keep { // they leave whatever is found: what they use of a site's supply may be theirs again
		if err := m.end(ctx, tx, people); err != nil {
			return 0, err
		}
	}
	r := &round{campaign: m.campaign, pool: people[0].pool, actor: m.actor}
	if r.stock, err = readStock(ctx, tx, m.campaign, r.pool, m.now); err != nil {
		return 0, err
	}
	if err := tx.QueryRow(ctx, `SELECT round FROM pool WHERE id = $1`, r.pool).Scan(&r.number); err != nil {
		return 0, err
	}
	free := r.stock.free
	w := &pageWork{campaigns: m.campaigns, round: r, now: m.now}
	var moved, stay []leaving
	for i, l := range people {
		w.people = append(w.people, l.candidate)
		unit := party(people, i)
		if len(unit) > 1 && m.seat(w, unit) {
			moved = append(moved, unit...)
			continue
		}
		for _, alone := range unit {
			if m.seat(w, []leaving{alone}) {
				moved = append(moved, alone)
			} else {
				stay = append(stay, alone)
				w.denied = append(w.denied, denial{candidate: alone.candidate})
			}
		}
	}
	if m.keep {
		if err := m.end(ctx, tx, moved); err != nil {
			return 0, err
		}
	}
	for _, step := range []func(context.Context, pgx.Tx) error{w.takeStock, w.makeAppointments, w.sendOffers} {
		if err := step(ctx, tx); err != nil {
			return 0, err
		}
	}
	if err := m.keepWishes(ctx, tx, w.given); err != nil {
		return 0, err
	}
	if !m.keep {
		if err := m.letWait(ctx, tx, stay); err != nil {
			return 0, err
		}
	}
	return len(stay), w.record(ctx, tx, free)
}

// party are the people who have to leave a slot together with the i-th: a household, which stands where its last member stands, or one
// person. For whoever comes before the last member it is nobody.
func party(people []leaving, i int) []leaving {
	together := func(l leaving) bool {
		h, o := people[i].wishes.Household, l.wishes.Household
		return h != nil && o != nil && *h == *o && l.slot == people[i].slot && l.dose == 1 && people[i].dose == 1
	}
	if !together(people[i]) {
		return people[i : i+1]
	}
	if slices.ContainsFunc(people[i+1:], together) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(people[:i+1]), func(l leaving) bool { return !together(l) })
}

// seat finds seats for these people, at one site in one half-hour, and reports whether there are any.
func (m *relocation) seat(w *pageWork, unit []leaving) bool {
	people := make([]candidate, len(unit))
	for i, l := range unit {
		people[i] = l.candidate
	}
	for _, change := range m.attempts {
		wanted := w.round.wanted(people)
		change(unit[0], &wanted)
		answer := w.round.stock.board.Match(nil, wanted)
		if answer[0].SlotID == 0 {
			continue
		}
		for i, l := range unit {
			w.given = append(w.given, gift{candidate: l.candidate, Match: answer[i], moved: &movedFrom{appointment: l.id, kind: m.kind, cause: m.cause, why: m.why(l.at)}})
		}
		return true
	}
	return false
}

// end ends the old appointments, those of one cause at a time, with a line each in the trail.
func (m *relocation) end(ctx context.Context, tx pgx.Tx, people []leaving) error {
	byCause := map[string][]int64{}
	for _, l := range people {
		byCause[m.why(l.at)] = append(byCause[m.why(l.at)], l.id)
	}
	for _, cause := range sortedKeys(byCause) {
		if err := endAppointments(ctx, tx, byCause[cause], booking.Cancelled, cause, m.actor, m.now); err != nil {
			return err
		}
		if err := noteStep(ctx, tx, byCause[cause]); err != nil {
			return err
		}
	}
	return nil
}

// letWait lets people for whom nothing suited wait, by the key that they have, and tells them why.
func (m *relocation) letWait(ctx context.Context, tx pgx.Tx, people []leaving) error {
	ids := make([]int64, len(people))
	messages := make([]desk.Message, len(people))
	for i, l := range people {
		entry := l.key.ID
		ids[i] = l.id
		messages[i] = desk.Message{
			Campaign: m.campaign.ID, Entry: &entry, Appointment: l.id, Kind: string(words.Cancelled), Dedup: fmt.Sprintf("cancelled/%d", l.id), Due: m.now,
			Params: map[string]string{paramCause: m.why(l.at)},
		}
	}
	if err := waitFor(ctx, tx, m.campaign, ids, another); err != nil {
		return err
	}
	return insertMessages(ctx, tx, m.campaigns, messages, m.now)
}

// keepWishes lets open wishes for another time be about the new appointment.
func (m *relocation) keepWishes(ctx context.Context, tx pgx.Tx, given []gift) error {
	if len(given) == 0 {
		return nil
	}
	old, id := make([]int64, len(given)), make([]int64, len(given))
	for i := range given {
		old[i], id[i] = given[i].moved.appointment, given[i].id
	}
	_, err := tx.Exec(ctx, `UPDATE waiting w SET swap_of = t.id, look = true, woken = w.woken + 1, since = clock_timestamp()
		FROM unnest($2::bigint[], $3::bigint[]) AS t(old, id) JOIN appointment a ON a.id = t.id
		WHERE w.campaign_id = $1 AND w.registration_id = a.registration_id AND w.swap_of = t.old`, m.campaign.ID, old, id)
	return err
}
