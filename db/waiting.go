package db

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// keepWaiting writes down who waits from now on, and who no more. It returns how many were told or decided upon anew.
func (w *pageWork) keepWaiting(ctx context.Context, tx pgx.Tx) (news int, err error) {
	r := w.round
	var over []candidate
	for _, g := range w.given {
		if g.waits {
			over = append(over, g.candidate)
		}
	}
	for _, c := range w.gone {
		if c.waits {
			over = append(over, c)
		}
	}
	if err := waitNoMore(ctx, tx, r.campaign.ID, over); err != nil {
		return 0, err
	}
	var fresh, known, changed []denial
	var messages []desk.Message
	for _, d := range w.denied {
		if d.why != d.reason {
			changed = append(changed, d)
		}
		if d.why.Matched() && !d.reason.Matched() && d.swapOf == 0 && d.dose == 1 { // who was not ready at the first look was told nothing then
			messages = append(messages, noTime(r.campaign.ID, d, w.now))
		}
		switch {
		case !d.waits:
			fresh = append(fresh, d)
		case d.look || d.why != d.reason || d.aside:
			known = append(known, d)
		}
	}
	if err := beginWaiting(ctx, tx, r, fresh); err != nil {
		return 0, err
	}
	// Somebody new may be whom the last member of a household waits for.
	var joined [][16]byte
	for _, d := range fresh {
		if d.why == booking.ReasonIncomplete {
			joined = append(joined, d.key.ID)
		}
	}
	if err := wakeHousehold(ctx, tx, r.campaign.ID, joined); err != nil {
		return 0, err
	}
	if err := stillWaiting(ctx, tx, r, known); err != nil {
		return 0, err
	}
	if err := writeDecisions(ctx, tx, r, changed, w.now); err != nil {
		return 0, err
	}
	return len(changed) + len(messages), insertMessages(ctx, tx, w.campaigns, messages, w.now)
}

// waitNoMore takes people off the waiting list.
func waitNoMore(ctx context.Context, tx pgx.Tx, campaign int32, people []candidate) error {
	if len(people) == 0 {
		return nil
	}
	id, dose := make([][16]byte, len(people)), make([]int16, len(people))
	for i, c := range people {
		id[i], dose[i] = c.key.ID, c.dose
	}
	_, err := tx.Exec(ctx, `DELETE FROM waiting w USING unnest($2::uuid[], $3::smallint[]) AS t(id, dose)
		WHERE w.campaign_id = $1 AND w.registration_id = t.id AND w.dose = t.dose`, campaign, id, dose)
	return err
}

// byEntry is the order in which rows of people are locked.
func byEntry(a, b denial) int { return bytes.Compare(a.key.ID[:], b.key.ID[:]) }

// beginWaiting lets people wait who were new. Somebody for whom something changed at this very moment waits already, and is looked
// at again.
func beginWaiting(ctx context.Context, tx pgx.Tx, r *round, people []denial) error {
	if len(people) == 0 {
		return nil
	}
	slices.SortFunc(people, byEntry)
	n := len(people)
	id, queue, arrival, tie, why := make([][16]byte, n), make([]int32, n), make([]time.Time, n), make([]int64, n), make([]string, n)
	for i, d := range people {
		id[i], queue[i], arrival[i], tie[i], why[i] = d.key.ID, d.queue, d.key.Arrival, d.key.Tie, string(d.why)
	}
	_, err := tx.Exec(ctx, `
INSERT INTO waiting (campaign_id, registration_id, pool_id, queue_id, arrival, tie, look, reason, looked_in)
SELECT $1, t.id, $2, t.queue, t.arrival, t.tie, false, t.why, $3
FROM unnest($4::uuid[], $5::int[], $6::timestamptz[], $7::bigint[], $8::text[]) AS t(id, queue, arrival, tie, why)
ON CONFLICT (campaign_id, registration_id, dose) DO UPDATE SET reason = EXCLUDED.reason, looked_in = EXCLUDED.looked_in`,
		r.campaign.ID, r.pool, r.number, id, queue, arrival, tie, why)
	return err
}

// stillWaiting notes the look at people who waited before. A change that came since they were read keeps its mark.
func stillWaiting(ctx context.Context, tx pgx.Tx, r *round, people []denial) error {
	if len(people) == 0 {
		return nil
	}
	slices.SortFunc(people, byEntry)
	n := len(people)
	id, dose, woken, why := make([][16]byte, n), make([]int16, n), make([]int32, n), make([]string, n)
	for i, d := range people {
		id[i], dose[i], woken[i], why[i] = d.key.ID, d.dose, d.woken, string(d.why)
	}
	_, err := tx.Exec(ctx, `
UPDATE waiting w SET look = w.woken <> t.woken, reason = t.why, looked_in = $2
FROM unnest($3::uuid[], $4::smallint[], $5::int[], $6::text[]) AS t(id, dose, woken, why)
WHERE w.campaign_id = $1 AND w.registration_id = t.id AND w.dose = t.dose`, r.campaign.ID, r.number, id, dose, woken, why)
	return err
}

func writeDecisions(ctx context.Context, tx pgx.Tx, r *round, people []denial, now time.Time) error {
	if len(people) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"decision"}, []string{"campaign_id", "registration_id", "dose", "pool_id", "round", "page", "reason", "at"},
		pgx.CopyFromSlice(len(people), func(i int) ([]any, error) {
			d := &people[i]
			return []any{r.campaign.ID, [16]byte(d.key.ID), d.dose, r.pool, r.number, int32(r.page), string(d.why), now}, nil
		}))
	return err
}

// wake has the next round look at somebody again who waits, because something changed for this person. Who has not been looked at
// yet needs no waking. A page that lets the person wait at this very moment is made up for by the next round (recheck).
func wake(ctx context.Context, tx pgx.Tx, campaign int32, id booking.ID) error {
	if _, err := tx.Exec(ctx, `UPDATE waiting SET look = true, woken = woken + 1, since = clock_timestamp() WHERE campaign_id = $1 AND registration_id = $2`,
		campaign, [16]byte(id)); err != nil {
		return err
	}
	return wakeHousehold(ctx, tx, campaign, [][16]byte{id}) // it stands at its last member, who may be another
}

// turn takes the pools' turn for a round's page, or for whoever changes what rounds go by: it waits for changes that came before and goes before
// those that come after. The locks on the pools' rows follow.
func turn(ctx context.Context, tx pgx.Tx, pools ...int32) error {
	slices.Sort(pools)
	for _, p := range pools {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, $2)`, poolTurns, p); err != nil {
			return err
		}
	}
	return nil
}

// poolTurns is the class of the advisory locks by which rounds and changes take turns. Row locks alone are not fair: changes that overlap
// without end share the row and never let a round in. These locks queue in the order of arrival. The row's lock stays the guarantee.
const poolTurns = 0x6a61 // "ja"

// lockPool makes a change wait for the page that a round is writing, so that the round sees either all of it or nothing. Rounds
// lock the row for a page at a time. It comes before the lock on the entry.
func lockPool(ctx context.Context, tx pgx.Tx, c desk.Change) error {
	var pool int32
	err := tx.QueryRow(ctx, `SELECT q.pool_id FROM registration r JOIN queue q ON q.id = r.queue_id WHERE r.campaign_id = $1 AND r.id = $2`,
		c.Campaign, [16]byte(c.ID)).Scan(&pool)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // lockEntry says so
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1, $2)`, poolTurns, pool); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT FROM pool WHERE id = $1 FOR KEY SHARE`, pool)
	return err
}

// lockForRounds makes a change of what rounds go by wait for the page that a round is writing, and for other changes of the entry. Errors as
// for lockEntry.
func lockForRounds(ctx context.Context, tx pgx.Tx, c desk.Change) error {
	if err := lockPool(ctx, tx, c); err != nil {
		return err
	}
	return lockEntry(ctx, tx, c)
}

// becomes takes an appointment a step further that somebody asked for, with a line in the trail. A step that booking does not have is
// CodeConflict; the database holds the same table and refuses every other.
func becomes(ctx context.Context, tx pgx.Tx, c desk.Change, id int64, from, to booking.AppointmentState) error {
	if !from.CanBecome(to) {
		return booking.Fail(booking.CodeConflict, nil)
	}
	var err error
	if to.Holds() {
		_, err = tx.Exec(ctx, `UPDATE appointment SET state = $2, changed_at = $3, changed_by = $4 WHERE id = $1`, id, to, c.At, c.Actor)
	} else {
		err = endAppointments(ctx, tx, []int64{id}, to, "", c.Actor, c.At)
	}
	if err != nil {
		return err
	}
	return noteStep(ctx, tx, []int64{id})
}

// noteStep adds a line to the trail for each of these appointments, which have just come into another state.
func noteStep(ctx context.Context, tx pgx.Tx, ids []int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, registration_id, at, actor, act, detail)
		SELECT campaign_id, registration_id, changed_at, changed_by, 'appointment.' || state,
			jsonb_strip_nulls(jsonb_build_object('appointment', id, 'slot', slot_id, 'cause', CASE WHEN state = 'cancelled' THEN nullif(cause, '') END))
		FROM appointment WHERE id = ANY($1) ORDER BY id`, ids)
	return err
}

// endAppointments ends appointments that do not hold any more and gives their seats back. The history is the table's own.
func endAppointments(ctx context.Context, tx pgx.Tx, ids []int64, to booking.AppointmentState, cause, actor string, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	// What a site has beside its slots may have been all that was missing: its free seats are offered again to all who wait.
	if _, err := tx.Exec(ctx, `
UPDATE slot s SET gained = greatest(s.gained, s.capacity - s.taken) FROM (
    SELECT DISTINCT o.supply_id FROM appointment a JOIN slot o ON o.id = a.slot_id JOIN supply u ON u.id = o.supply_id WHERE a.id = ANY($1) AND u.taken >= u.doses) f
WHERE s.supply_id = f.supply_id AND s.taken < s.capacity AND s.starts_at > $2`, ids, now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
WITH ended AS (
    UPDATE appointment SET state = $2, cause = $3, changed_at = $4, changed_by = $5 WHERE id = ANY($1) RETURNING slot_id, kept
), seats AS (
    SELECT slot_id, count(*)::int AS n, count(*) FILTER (WHERE kept)::int AS kept FROM ended GROUP BY slot_id
), locked AS (
    SELECT s.id, s.supply_id, e.n, e.kept FROM slot s JOIN seats e ON e.slot_id = s.id ORDER BY s.id FOR UPDATE OF s
), freed AS (
    UPDATE slot s SET taken = s.taken - l.n, kept_taken = s.kept_taken - l.kept, gained = s.gained + l.n FROM locked l WHERE s.id = l.id
)
UPDATE supply u SET taken = u.taken - l.n FROM (SELECT supply_id, sum(n)::int AS n FROM locked WHERE supply_id IS NOT NULL GROUP BY 1) l WHERE u.id = l.supply_id`,
		ids, string(to), cause, now, actor)
	return err
}
