package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
	"jari/booking/words"
)

// facts is what letters speak of. What most letters need is read for a whole batch at once; what was not read before is read when it is asked
// for, so that a single letter and a rare kind are written by the same code.
type facts struct {
	querier
	entries      map[booking.ID]desk.Entry
	appointments map[int64]*desk.Appointment
	refused      map[booking.ID][]vault.Hash // by whom, also of nobody
	waits        map[booking.ID]lastSaid     // also of who does not wait
	senders      map[int64]booking.Phone
	letters      map[int64]letter        // those that are written already
	silent       map[vault.Hash][]string // by which routes phones want no texts, also of those that want them
}

// lastSaid is what a round last said of somebody who waits; zero of who does not.
type lastSaid struct {
	Reason booking.Reason
	Look   bool
	Pool   int32
	Now    time.Time
}

// readFacts reads what the letters of one campaign's messages need.
func readFacts(ctx context.Context, q querier, c *desk.Campaign, ms []outgoing) (*facts, error) {
	f := &facts{
		querier: q, entries: map[booking.ID]desk.Entry{}, appointments: map[int64]*desk.Appointment{}, refused: map[booking.ID][]vault.Hash{},
		waits: map[booking.ID]lastSaid{}, senders: map[int64]booking.Phone{},
	}
	var entries, waits [][16]byte
	var senders []int64
	for _, m := range ms {
		switch {
		case m.entry == nil:
			senders = append(senders, m.inbound)
		case m.params[paramIntroduced] == "":
			entries = append(entries, *m.entry)
		}
		if m.kind == words.NoTime {
			waits = append(waits, *m.entry)
		}
	}
	for _, read := range []func() error{
		func() error { return f.readEntries(ctx, c, entries) },
		func() error { return f.readRefusals(ctx, c, entries) },
		func() error { return f.readWaits(ctx, c, waits) },
		func() error { return f.readSenders(ctx, c, senders) },
		func() error { return f.readAppointments(ctx, f.otherAppointments(ms)) },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *facts) readEntries(ctx context.Context, c *desk.Campaign, ids [][16]byte) error {
	if len(ids) == 0 {
		return nil
	}
	all, err := collect(ctx, f, func(row pgx.CollectableRow) (desk.Entry, error) { return scanEntry(row) },
		entrySQL+` WHERE r.campaign_id = $1 AND r.id = ANY($2)`, c.ID, ids)
	for _, e := range all {
		f.entries[e.ID] = e
	}
	return err
}

func (f *facts) entry(ctx context.Context, campaign int32, id booking.ID) (desk.Entry, error) {
	if e, ok := f.entries[id]; ok {
		return e, nil
	}
	return readEntry(ctx, f, campaign, id)
}

// readRefusals reads which phones know nothing of applications that are made with them.
func (f *facts) readRefusals(ctx context.Context, c *desk.Campaign, ids [][16]byte) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		f.refused[id] = nil
	}
	rows, err := f.Query(ctx, `SELECT registration_id, phone_hash FROM refusal WHERE campaign_id = $1 AND registration_id = ANY($2) AND undone_at IS NULL`, c.ID, ids)
	if err != nil {
		return err
	}
	var id booking.ID
	var phone []byte
	_, err = pgx.ForEachRow(rows, []any{(*[16]byte)(&id), &phone}, func() error {
		f.refused[id] = append(f.refused[id], vault.Hash(phone))
		return nil
	})
	return err
}

func (f *facts) refusals(ctx context.Context, campaign int32, id booking.ID) ([]vault.Hash, error) {
	if all, ok := f.refused[id]; ok {
		return all, nil
	}
	return collect(ctx, f, func(row pgx.CollectableRow) (vault.Hash, error) {
		var phone []byte
		err := row.Scan(&phone)
		return vault.Hash(phone), err
	}, `SELECT phone_hash FROM refusal WHERE campaign_id = $1 AND registration_id = $2 AND undone_at IS NULL`, campaign, [16]byte(id))
}

const waitSQL = `SELECT reason, look, pool_id, clock_timestamp(), registration_id FROM waiting WHERE campaign_id = $1 AND registration_id = ANY($2) AND dose = 1`

func (f *facts) readWaits(ctx context.Context, c *desk.Campaign, ids [][16]byte) error {
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		f.waits[id] = lastSaid{}
	}
	rows, err := f.Query(ctx, waitSQL, c.ID, ids)
	if err != nil {
		return err
	}
	var w lastSaid
	var id booking.ID
	_, err = pgx.ForEachRow(rows, []any{&w.Reason, &w.Look, &w.Pool, &w.Now, (*[16]byte)(&id)}, func() error { f.waits[id] = w; return nil })
	return err
}

func (f *facts) wait(ctx context.Context, e desk.Entry) (lastSaid, error) {
	if w, ok := f.waits[e.ID]; ok {
		return w, nil
	}
	var w lastSaid
	var id booking.ID
	err := f.QueryRow(ctx, waitSQL, e.Campaign, [][16]byte{e.ID}).Scan(&w.Reason, &w.Look, &w.Pool, &w.Now, (*[16]byte)(&id))
	if errors.Is(err, pgx.ErrNoRows) {
		return lastSaid{}, nil
	}
	return w, err
}

const senderSQL = `SELECT id, provider, provider_sid, from_ct FROM inbound WHERE id = ANY($1)`

// readSenders reads who texted us. One whose number cannot be opened is left out: whoever asks for it finds that.
func (f *facts) readSenders(ctx context.Context, c *desk.Campaign, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := f.Query(ctx, senderSQL, ids)
	if err != nil {
		return err
	}
	var id int64
	var provider, sid string
	var ct []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &provider, &sid, &ct}, func() error {
		if phone, err := openSender(c, provider, sid, ct); err == nil {
			f.senders[id] = phone
		}
		return nil
	})
	return err
}

func (f *facts) sender(ctx context.Context, c *desk.Campaign, id int64) (booking.Phone, error) {
	if phone, ok := f.senders[id]; ok {
		return phone, nil
	}
	var provider, sid string
	var ct []byte
	if err := f.QueryRow(ctx, senderSQL, []int64{id}).Scan(&id, &provider, &sid, &ct); err != nil {
		return booking.Phone{}, fmt.Errorf("read the sender of text %d: %w", id, err)
	}
	return openSender(c, provider, sid, ct)
}

// otherAppointments lists the appointments that messages are about and that are not their entries' latest.
func (f *facts) otherAppointments(ms []outgoing) []int64 {
	var out []int64
	for _, m := range ms {
		if m.appointment == 0 || m.entry == nil {
			continue
		}
		if a := f.entries[*m.entry].Appointment; a == nil || a.ID != m.appointment {
			out = append(out, m.appointment)
		}
	}
	return out
}

const appointmentSQL = `SELECT a.id, a.state, si.code, s.starts_at FROM appointment a JOIN slot s ON s.id = a.slot_id
	JOIN site si ON si.id = s.site_id WHERE a.id = ANY($1)`

func (f *facts) readAppointments(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	all, err := collect(ctx, f, func(row pgx.CollectableRow) (*desk.Appointment, error) {
		a := &desk.Appointment{}
		err := row.Scan(&a.ID, &a.State, &a.Site, &a.Starts)
		return a, err
	}, appointmentSQL, ids)
	for _, a := range all {
		f.appointments[a.ID] = a
	}
	return err
}

// appointment reads any appointment.
func (f *facts) appointment(ctx context.Context, id int64) (*desk.Appointment, error) {
	if a, ok := f.appointments[id]; ok {
		return a, nil
	}
	a := &desk.Appointment{ID: id}
	if err := f.QueryRow(ctx, appointmentSQL, []int64{id}).Scan(&a.ID, &a.State, &a.Site, &a.Starts); err != nil {
		return nil, fmt.Errorf("read appointment %d: %w", id, err)
	}
	return a, nil
}

// write writes the letters of the messages that may leave, and reads which of their phones want no texts. What cannot be written is left out:
// whoever asks for it finds that.
func (f *facts) write(ctx context.Context, c *desk.Campaign, ms []outgoing, at time.Time) error {
	f.letters, f.silent = map[int64]letter{}, map[vault.Hash][]string{}
	var phones [][]byte
	for _, m := range ms {
		if m.braked || !m.until.IsZero() && !at.Before(m.until) {
			continue
		}
		l, err := f.letter(ctx, c, m)
		if errors.Is(err, vault.ErrData) {
			continue
		}
		if err != nil {
			return err
		}
		phone := c.Keys.Phone(l.to)
		f.letters[m.id], f.silent[phone], phones = l, nil, append(phones, phone[:])
	}
	rows, err := f.Query(ctx, stoppedRoutesSQL, c.ID, phones)
	if err != nil {
		return err
	}
	var phone []byte
	var route string
	_, err = pgx.ForEachRow(rows, []any{&phone, &route}, func() error {
		f.silent[vault.Hash(phone)] = append(f.silent[vault.Hash(phone)], route)
		return nil
	})
	return err
}

func (f *facts) written(ctx context.Context, c *desk.Campaign, m outgoing) (letter, error) {
	if l, ok := f.letters[m.id]; ok {
		return l, nil
	}
	return f.letter(ctx, c, m)
}

const stoppedRoutesSQL = `SELECT phone_hash, route FROM opt_out WHERE campaign_id = $1 AND phone_hash = ANY($2) AND ` + stoppedSQL

// stopped lists the routes by which a phone wants no texts: everyRoute where its owner said so.
func (f *facts) stopped(ctx context.Context, c *desk.Campaign, phone vault.Hash) ([]string, error) {
	if routes, ok := f.silent[phone]; ok {
		return slices.Clone(routes), nil
	}
	return collect(ctx, f, func(row pgx.CollectableRow) (string, error) {
		var hash []byte
		var route string
		err := row.Scan(&hash, &route)
		return route, err
	}, stoppedRoutesSQL, c.ID, [][]byte{phone[:]})
}
