package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// wantSlots puts the file's slots, with what is kept of them for whom, into the temporary table wanted_slot.
func wantSlots(ctx context.Context, tx pgx.Tx, c *booking.Campaign) error {
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE wanted_slot (site text, pool text, starts_at timestamptz, ends_at timestamptz, capacity int,
		reserve smallint, reserved int, release_at timestamptz) ON COMMIT DROP`); err != nil {
		return err
	}
	columns := []string{"site", "pool", "starts_at", "ends_at", "capacity", "reserve", "reserved", "release_at"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"wanted_slot"}, columns, pgx.CopyFromSlice(len(c.Slots), func(i int) ([]any, error) {
		s := &c.Slots[i]
		row := []any{s.Site, s.Pool, s.Starts, s.Ends, s.Capacity, int16(0), 0, nil}
		if n, r := c.ReserveAt(s.Site); n > 0 {
			row[5], row[6], row[7] = int16(n), r.Seats(s.Capacity), r.ReleasesAt(s.Starts)
		}
		return row, nil
	}))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `ANALYZE wanted_slot`)
	return err
}

// dropSlotsSQL: slots that are not wanted any more and lie ahead. Nobody ever had one: it goes. Otherwise history names it, and
// it stays without room; where people still hold it, it is closing.
const dropSlotsSQL = `
WITH dropped AS (
    SELECT s.id, EXISTS (SELECT FROM appointment a WHERE a.slot_id = s.id) AS had FROM slot s JOIN site si ON si.id = s.site_id
    WHERE s.campaign_id = $1 AND s.starts_at > $2 AND NOT EXISTS (SELECT FROM wanted_slot w WHERE w.site = si.code AND w.starts_at = s.starts_at)
), gone AS (
    DELETE FROM slot s USING dropped d WHERE s.id = d.id AND NOT d.had
)
UPDATE slot s SET capacity = s.taken, lowered_after = ` + lastEvent + `, target = CASE WHEN s.taken > 0 THEN 0 END, reserve = 0, reserved = 0, release_at = NULL, released = false, gained = 0
FROM dropped d WHERE s.id = d.id AND d.had`

// keepSlotsSQL: slots that are wanted. Rounds stand still: new seats are offered to all who wait, and where nobody does, nobody wants them. One that is taken beyond its new capacity is closing: it stays as large as what is taken.
const keepSlotsSQL = `
INSERT INTO slot (campaign_id, pool_id, site_id, starts_at, ends_at, capacity, reserve, reserved, release_at, gained)
SELECT $1, p.id, si.id, w.starts_at, w.ends_at, w.capacity, w.reserve, w.reserved, w.release_at,
    CASE WHEN EXISTS (SELECT FROM waiting x WHERE x.pool_id = p.id) THEN w.capacity ELSE 0 END FROM wanted_slot w
JOIN site si ON si.campaign_id = $1 AND si.code = w.site JOIN pool p ON p.campaign_id = $1 AND p.code = w.pool
ORDER BY w.starts_at, si.id
ON CONFLICT (site_id, starts_at) DO UPDATE SET ends_at = EXCLUDED.ends_at,
    capacity = greatest(EXCLUDED.capacity, slot.taken), lowered_after = CASE WHEN EXCLUDED.capacity < slot.capacity THEN ` + lastEvent + ` ELSE slot.lowered_after END, target = CASE WHEN slot.taken > EXCLUDED.capacity AND slot.starts_at > $2 THEN EXCLUDED.capacity END,
    reserve = EXCLUDED.reserve, reserved = EXCLUDED.reserved, release_at = EXCLUDED.release_at,
    released = slot.released AND (slot.reserve, slot.release_at) IS NOT DISTINCT FROM (EXCLUDED.reserve, EXCLUDED.release_at),
    gained = CASE WHEN (slot.reserve, slot.reserved, slot.release_at) IS DISTINCT FROM (EXCLUDED.reserve, EXCLUDED.reserved, EXCLUDED.release_at)
        THEN greatest(0, EXCLUDED.capacity - slot.taken) ELSE greatest(0, slot.gained + EXCLUDED.capacity - slot.capacity) END
WHERE (slot.ends_at, slot.capacity, slot.target, slot.reserve, slot.reserved, slot.release_at)
    IS DISTINCT FROM (EXCLUDED.ends_at, EXCLUDED.capacity, NULL::int, EXCLUDED.reserve, EXCLUDED.reserved, EXCLUDED.release_at)`

func applySlots(ctx context.Context, tx pgx.Tx, c *booking.Campaign, id int32, now time.Time, closing bool) error {
	if err := wantSlots(ctx, tx, c); err != nil {
		return err
	}
	// Whoever answers an offer meanwhile frees a seat of a slot: what is taken must not change between the look and the change.
	if _, err := tx.Exec(ctx, `SELECT FROM slot s LEFT JOIN site si ON si.id = s.site_id LEFT JOIN wanted_slot w ON w.site = si.code AND w.starts_at = s.starts_at
		WHERE s.campaign_id = $1 AND s.starts_at > $2 AND coalesce(w.capacity, 0) < s.capacity ORDER BY s.id FOR UPDATE OF s`, id, now); err != nil {
		return err
	}
	if err := refuseOtherPool(ctx, tx, id); err != nil {
		return err
	}
	if !closing {
		if err := refuseLoss(ctx, tx, id, now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, dropSlotsSQL, id, now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, keepSlotsSQL, id, now)
	return err
}

// refuseOtherPool looks for slots that would change their pool: people of the one pool hold them.
func refuseOtherPool(ctx context.Context, tx pgx.Tx, id int32) error {
	var site string
	var starts time.Time
	err := tx.QueryRow(ctx, `
SELECT si.code, s.starts_at FROM slot s JOIN site si ON si.id = s.site_id JOIN pool p ON p.id = s.pool_id
JOIN wanted_slot w ON w.site = si.code AND w.starts_at = s.starts_at
WHERE s.campaign_id = $1 AND w.pool <> p.code ORDER BY s.starts_at, si.code LIMIT 1`, id).Scan(&site, &starts)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: the slot at %s, %s, belongs to another pool", ErrApply, site, starts.UTC().Format("2006-01-02 15:04 MST"))
}

// refuseLoss looks for slots that the new content drops or shrinks although people hold them.
func refuseLoss(ctx context.Context, tx pgx.Tx, id int32, now time.Time) error {
	var site string
	var starts time.Time
	var taken int
	err := tx.QueryRow(ctx, `
SELECT si.code, s.starts_at, s.taken FROM slot s JOIN site si ON si.id = s.site_id
LEFT JOIN wanted_slot w ON w.site = si.code AND w.starts_at = s.starts_at
WHERE s.campaign_id = $1 AND coalesce(w.capacity, 0) < s.taken AND s.starts_at > $2
ORDER BY s.starts_at, si.code LIMIT 1`, id, now).Scan(&site, &starts, &taken)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: the slot at %s, %s, is held (appointments: %d): these people must be moved before it is dropped or made smaller",
		ErrApply, site, starts.UTC().Format("2006-01-02 15:04 MST"), taken)
}
