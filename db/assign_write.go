package db

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/words"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// write writes everything that the page decided: slots, appointments with their history, messages, decisions, who waits, and
// the round's record.
func (w *pageWork) write(ctx context.Context, tx pgx.Tx) error {
	free := w.round.stock.free
	if err := w.takeStock(ctx, tx); err != nil {
		return err
	}
	if err := w.endSwapped(ctx, tx); err != nil {
		return err
	}
	if err := w.makeAppointments(ctx, tx); err != nil {
		return err
	}
	if err := w.sendOffers(ctx, tx); err != nil {
		return err
	}
	told, err := w.keepWaiting(ctx, tx)
	if err != nil {
		return err
	}
	if len(w.given) == 0 && told == 0 {
		return nil // the same people, still without a time: no need to record it every second
	}
	return w.record(ctx, tx, free)
}

// record writes what stands of the page in the round's record. free is how many seats there were before it.
func (w *pageWork) record(ctx context.Context, tx pgx.Tx, free int64) error {
	r, last := w.round, w.people[len(w.people)-1].key
	_, err := tx.Exec(ctx, `INSERT INTO round (pool_id, number, page, at, version, free_before, looked_at, assigned, unmatched, last_arrival, last_tie, actor)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, r.pool, r.number, r.page, w.now, r.campaign.Version, free, len(w.people), len(w.given), len(w.denied),
		last.Arrival, last.Tie, r.actor)
	return err
}

// takeStock takes the seats in PostgreSQL and in the round's own count.
func (w *pageWork) takeStock(ctx context.Context, tx pgx.Tx) error {
	if len(w.given) == 0 {
		return nil
	}
	slots, supplies := map[int64]taking{}, map[int32]int32{}
	for i := range w.given {
		g := &w.given[i]
		t := slots[g.SlotID]
		g.gained = w.round.stock.take(g.SlotID)
		g.counted = true
		t.n++
		if g.gained {
			t.gained++
		}
		if g.Kept {
			t.kept++
		}
		slots[g.SlotID] = t
		if s := w.round.stock.slots[g.SlotID].supply; s != 0 {
			supplies[s]++
		}
	}
	if err := takeSlots(ctx, tx, slots); err != nil {
		return err
	}
	return takeSupplies(ctx, tx, supplies)
}

// makeAppointments writes the offers. COPY is the cheapest way in; the table's trigger writes their history.
func (w *pageWork) makeAppointments(ctx context.Context, tx pgx.Tx) error {
	if len(w.given) == 0 {
		return nil
	}
	var ids []int64
	err := tx.QueryRow(ctx, `SELECT array_agg(nextval('appointment_id_seq')) FROM generate_series(1, $1)`, len(w.given)).Scan(&ids)
	if err != nil {
		return err
	}
	r := w.round
	columns := []string{
		"id", "campaign_id", "registration_id", "slot_id", "pool_id", "round", "page", "state", "arrival", "tie", "made_at", "changed_at", "changed_by",
		"dose", "kept", "rank", "distance", "cause",
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"appointment"}, columns, pgx.CopyFromSlice(len(w.given), func(i int) ([]any, error) {
		g := &w.given[i]
		g.id = ids[i]
		return []any{
			g.id, r.campaign.ID, [16]byte(g.key.ID), g.SlotID, r.pool, r.number, int32(r.page), string(booking.Offered), g.key.Arrival, g.key.Tie, w.now, w.now, r.actor,
			g.dose, g.Kept, int16(min(g.Rank, 1<<15-1)), pgtype.Int4{Int32: int32(g.Distance), Valid: g.Distance >= 0}, g.cause(),
		}, nil
	}))
	return err
}

func (g *gift) cause() string {
	if g.moved != nil {
		return g.moved.cause
	}
	if g.swapOf != 0 {
		return "swap"
	}
	return ""
}

// letter is the text that tells of the appointment: where it replaces another one, one text for the end of that and the beginning of
// this.
func (g *gift) letter() (words.Kind, []byte, error) {
	kind, from, why := words.Changed, g.swapOf, ""
	if g.moved != nil {
		kind, from, why = g.moved.kind, g.moved.appointment, g.moved.why
	}
	if from == 0 {
		return words.Offer, noParams, nil
	}
	params, err := json.Marshal(map[string]string{paramFrom: strconv.FormatInt(from, 10), paramCause: why})
	return kind, params, err
}

// noParams are a message's params where there are none, made once for a nation.
var noParams = []byte("{}")

// offerKey is the purpose of the message that tells of an appointment.
func offerKey(appointment int64) string { return fmt.Sprintf("offer/%d", appointment) }

// sendOffers puts the offers into the outbox. No purpose can be there already: the appointments are new.
func (w *pageWork) sendOffers(ctx context.Context, tx pgx.Tx) error {
	columns := []string{
		"campaign_id", "registration_id", "appointment_id", "kind", "params", "dedup", "reference", "priority_at", "due_at", "useful_until", "state_at", "created_at",
	}
	c := w.round.campaign
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"message"}, columns, pgx.CopyFromSlice(len(w.given), func(i int) ([]any, error) {
		g := &w.given[i]
		kind, params, err := g.letter()
		if err != nil {
			return nil, err
		}
		starts, dedup := w.round.stock.slots[g.SlotID].starts, offerKey(g.id)
		return []any{
			c.ID, [16]byte(g.key.ID), g.id, string(kind), params, dedup, c.Keys.MessageReference(dedup), starts, w.now, starts, w.now, w.now,
		}, nil
	}))
	if err != nil {
		return err
	}
	return w.copyOffers(ctx, tx)
}

// copyOffers puts copies of the offers into the outbox for those who read along: few, beside a nation's offers.
func (w *pageWork) copyOffers(ctx context.Context, tx pgx.Tx) error {
	entries := make([][16]byte, len(w.given))
	for i := range w.given {
		entries[i] = w.given[i].key.ID
	}
	helpers, err := readHelpers(ctx, tx, w.round.campaign.ID, entries)
	if err != nil || len(helpers) == 0 {
		return err
	}
	var out []desk.Message
	for i := range w.given {
		g := &w.given[i]
		helper := helpers[g.key.ID]
		if helper == 0 {
			continue
		}
		m := desk.Message{
			Campaign: w.round.campaign.ID, Entry: &g.key.ID, Appointment: g.id, Dedup: copyDedup + offerKey(g.id), Due: w.now,
			UsefulUntil: w.round.stock.slots[g.SlotID].starts, Helper: helper,
		}
		kind, params, err := g.letter()
		if err == nil {
			err = json.Unmarshal(params, &m.Params)
		}
		if err != nil {
			return err
		}
		m.Kind = string(kind)
		out = append(out, m)
	}
	return insertMessages(ctx, tx, w.campaigns, out, w.now)
}

// endSwapped gives up the appointments for which the people get another. The new seat is taken already.
func (w *pageWork) endSwapped(ctx context.Context, tx pgx.Tx) error {
	var old []int64
	for _, g := range w.given {
		if g.swapOf != 0 {
			old = append(old, g.swapOf)
		}
	}
	if len(old) == 0 {
		return nil
	}
	if err := endAppointments(ctx, tx, old, booking.Cancelled, "swap", w.round.actor, w.now); err != nil {
		return err
	}
	return noteStep(ctx, tx, old)
}

// noTime tells somebody for the first time that there is nothing, and why.
func noTime(campaign int32, d denial, now time.Time) desk.Message {
	id := d.key.ID
	return desk.Message{
		Campaign: campaign, Entry: &id, Kind: string(words.NoTime), Dedup: fmt.Sprintf("no_time/%x", id[:]), Due: now,
		Params: map[string]string{"reason": string(d.why)},
	}
}
