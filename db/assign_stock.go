package db

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

// stock is what a round may give: the slots that were free when it began. What is given back or added in its middle must
// not go to somebody late in the order while others before them wait; the next round gives it.
type stock struct {
	board  *booking.Board
	slots  map[int64]stocked
	gained map[int64]int32 // free seats that have not been offered to all who wait
	left   int64           // their sum
	free   int64           // seats on the board at the beginning, less what was given
}

// stocked is what must be known of a slot beside the board.
type stocked struct {
	starts time.Time
	supply int32
}

// Seats of a slot, s, that are free, and those of them that its reserve keeps.
const (
	freeSeats = `(least(s.capacity, s.target) - s.taken)`
	keptSeats = `(CASE WHEN s.reserve > 0 AND NOT s.released THEN greatest(0, least(s.reserved - s.kept_taken, ` + freeSeats + `)) ELSE 0 END)`
)

// freeSQL reads the seats that are free. Those that a reserve keeps are told apart.
const freeSQL = `
SELECT s.id, si.code, s.starts_at, ` + freeSeats + `, ` + keptSeats + `,
    s.reserve, coalesce(s.supply_id, 0), s.gained
FROM slot s JOIN site si ON si.id = s.site_id WHERE s.pool_id = $1 AND s.taken < least(s.capacity, s.target) AND s.starts_at > $2 ORDER BY s.site_id, s.starts_at, s.id`

func readStock(ctx context.Context, tx pgx.Tx, c *desk.Campaign, pool int32, now time.Time) (*stock, error) {
	if _, err := tx.Exec(ctx, nearby); err != nil {
		return nil, err
	}
	s := &stock{board: booking.NewBoard(c.Campaign, now), slots: map[int64]stocked{}, gained: map[int64]int32{}}
	rows, err := tx.Query(ctx, `SELECT id, doses - taken FROM supply WHERE campaign_id = $1`, c.ID)
	if err != nil {
		return nil, err
	}
	var supply int64
	var left int
	if _, err := pgx.ForEachRow(rows, []any{&supply, &left}, func() error { s.board.AddSupply(supply, left); return nil }); err != nil {
		return nil, err
	}
	if rows, err = tx.Query(ctx, freeSQL, pool, now); err != nil {
		return nil, err
	}
	var f booking.FreeSlot
	var free int
	var gained int32
	_, err = pgx.ForEachRow(rows, []any{&f.ID, &f.Site, &f.Starts, &free, &f.Kept, &f.Reserve, &f.Supply, &gained}, func() error {
		f.Free = free - f.Kept
		s.board.Add(f)
		s.slots[f.ID] = stocked{starts: f.Starts, supply: int32(f.Supply)}
		s.free += int64(free)
		if _, known := c.Site(f.Site); known && gained > 0 { // another site's seats are not on the board
			s.gained[f.ID] = gained
			s.left += int64(gained)
		}
		return nil
	})
	return s, err
}

// take counts what was given. It reports whether it is a seat that has become free since the last whole walk.
func (s *stock) take(slot int64) (gained bool) {
	s.free--
	if s.gained[slot] > 0 {
		s.gained[slot]--
		s.left--
		return true
	}
	return false
}

// untake undoes one take.
func (s *stock) untake(slot int64, gained bool) {
	s.free++
	if gained {
		s.gained[slot]++
		s.left++
	}
}

// settle notes what the round leaves: it was offered to all who wait, and nobody wants it.
func (s *stock) settle(ctx context.Context, tx pgx.Tx) error {
	if s.left == 0 {
		return nil
	}
	var id []int64
	for slot, n := range s.gained {
		if n > 0 {
			id = append(id, slot)
		}
	}
	slices.Sort(id)
	n := make([]int32, len(id))
	for i, slot := range id {
		n[i] = s.gained[slot]
	}
	_, err := tx.Exec(ctx, `UPDATE slot s SET gained = greatest(0, s.gained - t.n) FROM unnest($1::bigint[], $2::int[]) AS t(id, n) WHERE s.id = t.id`, id, n)
	return err
}

// taking is what a page takes of one slot.
type taking struct {
	n, kept, gained int32
}

// takeSlots raises what is taken, one guarded update per slot, in the order of slots so that two transactions cannot
// wait for each other in a circle: a page keeps the planner to nested loops (nearby), which go through the array as it is. The CHECK
// on the table stands behind it.
func takeSlots(ctx context.Context, tx pgx.Tx, takings map[int64]taking) error {
	id := sortedKeys(takings)
	n, kept, gained := make([]int32, len(id)), make([]int32, len(id)), make([]int32, len(id))
	for i, s := range id {
		n[i], kept[i], gained[i] = takings[s].n, takings[s].kept, takings[s].gained
	}
	tag, err := tx.Exec(ctx, `UPDATE slot s SET taken = s.taken + t.n, kept_taken = s.kept_taken + t.kept, gained = greatest(0, s.gained - t.gained)
		FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[]) AS t(id, n, kept, gained)
		WHERE s.id = t.id AND s.taken + t.n <= s.capacity`, id, n, kept, gained)
	if err != nil {
		return err
	}
	if int(tag.RowsAffected()) != len(id) {
		return fmt.Errorf("%d of %d slots were taken meanwhile", len(id)-int(tag.RowsAffected()), len(id))
	}
	return nil
}

// takeSupplies does the same for what sites have beside their slots.
func takeSupplies(ctx context.Context, tx pgx.Tx, takings map[int32]int32) error {
	if len(takings) == 0 {
		return nil
	}
	id := sortedKeys(takings)
	n := make([]int32, len(id))
	for i, s := range id {
		n[i] = takings[s]
	}
	tag, err := tx.Exec(ctx, `UPDATE supply s SET taken = s.taken + t.n FROM unnest($1::int[], $2::int[]) AS t(id, n)
		WHERE s.id = t.id AND s.taken + t.n <= s.doses`, id, n)
	if err != nil {
		return err
	}
	if int(tag.RowsAffected()) != len(id) {
		return fmt.Errorf("%d of %d supplies were used up meanwhile", len(id)-int(tag.RowsAffected()), len(id))
	}
	return nil
}
