package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// entrySQL reads an entry with everything a status needs. How many unsealed entries stand before it is estimated from the
// seal's own reading of a moment ago (seal_backlog.go): at a peak everybody asks, and nobody's question may count rows.
const entrySQL = `
SELECT r.campaign_id, r.id, r.serial, r.queue_id, q.code, r.cohort, r.arrival, r.door, r.device, r.region, r.wishes, r.lang, r.person_ct,
    r.generation, r.withdrawn_at IS NOT NULL, r.alias_of, r.received_at,
    r.attested OR EXISTS (SELECT FROM verification v WHERE v.campaign_id = r.campaign_id AND v.registration_id = r.id),
    coalesce(p.number, 0), coalesce(p.late, '') <> '', q.sealed_to,
    coalesce(r.arrival < d.window_closes, false), d.queue_id IS NOT NULL AND d.drawn_at IS NULL,
    coalesce(b.base, 0), b.arrivals, b.counts,
    a.id, a.state, a.site, a.starts_at, a.ends_at,
    EXISTS (SELECT FROM waiting w WHERE w.campaign_id = r.campaign_id AND w.registration_id = r.id AND w.swap_of IS NOT NULL),
    h.id, h.phone_hash, h.phone_ct
FROM registration r JOIN queue q ON q.id = r.queue_id
LEFT JOIN place p ON p.campaign_id = r.campaign_id AND p.registration_id = r.id
LEFT JOIN draw d ON d.queue_id = r.queue_id
LEFT JOIN queue_backlog b ON b.queue_id = r.queue_id AND p.number IS NULL
LEFT JOIN helper h ON h.campaign_id = r.campaign_id AND h.registration_id = r.id AND h.ended_at IS NULL
LEFT JOIN LATERAL (SELECT a.id, a.state, si.code AS site, s.starts_at, s.ends_at FROM appointment a
    JOIN slot s ON s.id = a.slot_id JOIN site si ON si.id = s.site_id
    WHERE a.campaign_id = r.campaign_id AND a.registration_id = r.id AND (a.state IN ` + served + ` OR a.state IN ` + over + `) ORDER BY a.id DESC LIMIT 1) a ON true
`

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Entry implements desk.Book.
func (b *Book) Entry(ctx context.Context, campaign int32, id booking.ID) (desk.Entry, error) {
	return readEntry(ctx, b.pool, campaign, id)
}

func readEntry(ctx context.Context, q querier, campaign int32, id booking.ID) (desk.Entry, error) {
	e, err := scanEntry(q.QueryRow(ctx, entrySQL+` WHERE r.campaign_id = $1 AND r.id = $2`, campaign, [16]byte(id)))
	if errors.Is(err, pgx.ErrNoRows) {
		return e, booking.Fail(booking.CodeUnauthorized, nil)
	}
	if err != nil {
		return e, fmt.Errorf("read an entry: %w", err)
	}
	return e, nil
}

func scanEntry(row pgx.Row) (desk.Entry, error) {
	var e desk.Entry
	var device, wishes []byte
	var alias *[16]byte
	var apID *int64
	var ahead backlog // empty for who has a place
	var apState, apSite *string
	var starts, ends *time.Time
	var helper *int64
	var helperPhone, helperCT []byte
	err := row.Scan(&e.Campaign, (*[16]byte)(&e.ID), &e.Serial, &e.Queue, &e.QueueCode, &e.Cohort, &e.Arrival, &e.Door, &device, &e.Region, &wishes,
		&e.Lang, &e.PersonCT, &e.Generation, &e.Withdrawn, &alias, &e.ReceivedAt, &e.Verified, &e.Place, &e.PlaceLate, &e.SealedTo, &e.Drawn, &e.BeforeDraw,
		&ahead.base, &ahead.arrivals, &ahead.counts, &apID, &apState, &apSite, &starts, &ends, &e.SwapAsked,
		&helper, &helperPhone, &helperCT)
	if err != nil {
		return e, err
	}
	e.Unsealed = max(0, ahead.before(e.Arrival)-e.SealedTo)
	e.Device, e.AliasOf = deviceOf(device), (*booking.ID)(alias)
	if wishes != nil {
		if err := json.Unmarshal(wishes, &e.Wishes); err != nil {
			return e, err
		}
	}
	if helper != nil {
		e.Helper = &desk.Helper{ID: *helper, CT: helperCT}
		copy(e.Helper.Phone[:], helperPhone)
	}
	if apID != nil {
		e.Appointment = &desk.Appointment{ID: *apID, State: booking.AppointmentState(*apState), Site: *apSite, Starts: *starts, Ends: *ends}
	}
	return e, nil
}
