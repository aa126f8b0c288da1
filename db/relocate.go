package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

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
	kind      words.Kind // of the text: Moved or Redated
	cause     string     // of the new appointments: moved or redated
	// keep leaves people for whom nothing suits where they are; otherwise they wait, and are told so.
	keep bool
	// wanted changes what the matcher is asked for, at a first attempt and, if that finds nothing, at a second one.
	wanted func(l leaving, w *booking.Waiting, attempt int)
}

// leaving is somebody who is to leave a slot.
type leaving struct {
	candidate
	pool   int32
	id     int64 // the appointment's
	slot   int64
	starts time.Time
	at     string  // the site
	avoid  []int64 // slots that are not offered
	cause  string  // why the old appointment ends
}

// rests is how long no round begins after a page, so that the next page comes first. After a kill rounds go on by themselves.
const relocationRests = 30 * time.Second

const leavingSQL = `
SELECT a.id, a.pool_id, a.slot_id, s.starts_at, si.code, p.queue_id, a.dose, p.registration_id, p.arrival, p.tie, ` + personColumns + `,
    (before.starts_at AT TIME ZONE $7 + $3::interval) AT TIME ZONE $7, (before.starts_at AT TIME ZONE $7 + $4::interval) AT TIME ZONE $7,
    CASE WHEN $5 AND before.site = ANY($6) THEN before.site ELSE '' END,
    ARRAY(SELECT o.slot_id FROM appointment o WHERE o.campaign_id = a.campaign_id AND o.registration_id = a.registration_id AND o.state = 'declined')
    || ARRAY(SELECT o.slot_id FROM appointment o WHERE o.campaign_id = a.campaign_id AND o.registration_id = a.registration_id AND o.state = 'lapsed')
FROM appointment a JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
JOIN place p ON p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id
JOIN registration r ON r.campaign_id = a.campaign_id AND r.id = a.registration_id
LEFT JOIN LATERAL (SELECT s.starts_at, si.code AS site FROM appointment b JOIN slot s ON s.id = b.slot_id JOIN site si ON si.id = s.site_id
    WHERE b.campaign_id = a.campaign_id AND b.registration_id = a.registration_id AND b.dose = a.dose - 1 AND b.state = 'attended') before ON a.dose > 1
WHERE a.campaign_id = $1 AND a.id = ANY($2) AND a.state IN ('offered', 'confirmed')
ORDER BY a.id FOR UPDATE OF a`

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
	rows, err := tx.Query(ctx, leavingSQL, append([]any{m.campaign.ID, appointments}, seriesArgs(m.campaign)...)...)
	if err != nil {
		return nil, err
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (leaving, error) {
		var l leaving
		var wishes []byte
		err := row.Scan(&l.id, &l.pool, &l.slot, &l.starts, &l.at, &l.queue, &l.dose, (*[16]byte)(&l.key.ID), &l.key.Arrival, &l.key.Tie,
			&l.cohort, &l.region, &wishes, &l.gone, &l.ready, &l.from, &l.until, &l.site, &l.avoid)
		if err != nil {
			return l, err
		}
		l.avoid = append(l.avoid, l.slot)
		return l, parseWishes(wishes, &l.wishes)
	})
	slices.SortFunc(out, func(a, b leaving) int { return cmp.Or(cmp.Compare(a.pool, b.pool), a.key.Compare(b.key)) })
	return out, err
}

// relocated says what became of a page.
type relocated struct{ moved, left []leaving }

// carry matches people, in order, with what is free, and writes what comes of it. The people of one pool stand together.
func (m *relocation) carry(ctx context.Context, tx pgx.Tx, people []leaving) (relocated, error) {
	var out relocated
	for len(people) > 0 {
		n := slices.IndexFunc(people, func(l leaving) bool { return l.pool != people[0].pool })
		if n < 0 {
			n = len(people)
		}
		if err := m.carryPool(ctx, tx, people[:n], &out); err != nil {
			return out, err
		}
		people = people[n:]
	}
	return out, nil
}

func (m *relocation) carryPool(ctx context.Context, tx pgx.Tx, people []leaving, out *relocated) error {
	if !m.keep { // they leave whatever is found: what they use of a site's supply may be theirs again
		if err := m.end(ctx, tx, people); err != nil {
			return err
		}
	}
	stock, err := readStock(ctx, tx, m.campaign, people[0].pool, m.now)
	if err != nil {
		return err
	}
	r := &round{campaign: m.campaign, pool: people[0].pool, actor: m.actor, stock: stock}
	if err := tx.QueryRow(ctx, `SELECT round FROM pool WHERE id = $1`, r.pool).Scan(&r.number); err != nil {
		return err
	}
	free := stock.free
	w := &pageWork{campaigns: m.campaigns, round: r, now: m.now}
	var moved, left []leaving
	var match []booking.Match
	for _, l := range people {
		match = stock.board.Match(match[:0], m.waiting(r, l, 1))
		if match[0].SlotID == 0 && m.wanted != nil {
			match = stock.board.Match(match[:0], m.waiting(r, l, 2))
		}
		if match[0].SlotID == 0 {
			left = append(left, l)
			continue
		}
		moved = append(moved, l)
		w.given = append(w.given, gift{candidate: l.candidate, Match: match[0], moved: &movedFrom{appointment: l.id, kind: m.kind, cause: m.cause, why: l.cause}})
	}
	if m.keep {
		if err := m.end(ctx, tx, moved); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, pgx.Tx) error{w.takeStock, w.makeAppointments, w.sendOffers} {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	if err := m.keepWishes(ctx, tx, w.given); err != nil {
		return err
	}
	if !m.keep {
		if err := m.letWait(ctx, tx, left); err != nil {
			return err
		}
	}
	out.moved, out.left = append(out.moved, moved...), append(out.left, left...)
	last := people[len(people)-1].key
	_, err = tx.Exec(ctx, `INSERT INTO round (pool_id, number, page, at, version, free_before, looked_at, assigned, unmatched, last_arrival, last_tie, actor)
		VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, r.pool, r.number, m.now, m.campaign.Version, free, len(people), len(moved), len(left), last.Arrival, last.Tie, m.actor)
	return err
}

// waiting is what the matcher must know. Everybody is moved alone: a household that must move does not wait for each other.
func (m *relocation) waiting(r *round, l leaving, attempt int) booking.Waiting {
	w := r.wanted([]candidate{l.candidate})
	w.Declined = l.avoid
	if m.wanted != nil {
		m.wanted(l, &w, attempt)
	}
	return w
}

// end ends the old appointments, those of one cause at a time, with a line each in the trail.
func (m *relocation) end(ctx context.Context, tx pgx.Tx, people []leaving) error {
	byCause := map[string][]int64{}
	for _, l := range people {
		byCause[l.cause] = append(byCause[l.cause], l.id)
	}
	for _, cause := range sortedKeys(byCause) {
		if err := endAppointments(ctx, tx, byCause[cause], booking.Cancelled, cause, m.actor, m.now); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail)
			SELECT campaign_id, registration_id, $2, $3, 'appointment.cancelled', jsonb_build_object('appointment', id, 'slot', slot_id, 'cause', $4::text)
			FROM appointment WHERE id = ANY($1) ORDER BY id`, byCause[cause], m.now, m.actor, cause); err != nil {
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
			Params: map[string]string{paramCause: l.cause},
		}
	}
	if err := backToWaiting(ctx, tx, m.campaign, ids); err != nil {
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
