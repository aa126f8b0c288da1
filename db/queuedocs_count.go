package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
)

const (
	// countBudget is how long one turn may count, roughly: it ends with the first block after that, and counts two at
	// least, so that the blocks behind the first unserved have their turn too.
	countBudget = 50 * time.Millisecond
	// countRest is how long counting rests after a turn, as a multiple of what the turn took.
	countRest = 20
	// offersPage is how many appointments one turn takes into the rate.
	offersPage = 10_000
	// offersSettle leaves out appointments that are so young that earlier ones may not be committed yet. A missed one
	// changes the rate by next to nothing.
	offersSettle = 10 * time.Second
)

// countedBlock is what is known of a block of places.
type countedBlock struct {
	Places    int64 `json:"n"` // when it was counted
	Late      int64 `json:"l"`
	Ready     int64 `json:"r"` // could get an appointment and have none
	Withdrawn int64 `json:"w"`
	Served    int64 `json:"s"` // have an appointment
	First     int64 `json:"f"` // the first number that is ready and never had an appointment; 0: none
}

type countedBlocks struct {
	Size    int64          `json:"size"`
	Blocks  []countedBlock `json:"blocks"`
	Assured assured        `json:"assured"`
}

// fit brings the blocks to the size that so many places need. Two that become one are added up, and counted again in
// their turn.
func (c *countedBlocks) fit(sealedTo int64) {
	if c.Size == 0 {
		c.Size = booking.BlockSize(0)
	}
	for size := booking.BlockSize(sealedTo); c.Size < size; c.Size *= 2 {
		half := make([]countedBlock, (len(c.Blocks)+1)/2)
		for i, b := range c.Blocks {
			h := &half[i/2]
			if h.First == 0 {
				h.First = b.First
			}
			h.Places, h.Late, h.Ready = h.Places+b.Places, h.Late+b.Late, h.Ready+b.Ready
			h.Withdrawn, h.Served = h.Withdrawn+b.Withdrawn, h.Served+b.Served
		}
		c.Blocks = half
	}
	for int64(len(c.Blocks)) < (sealedTo+c.Size-1)/c.Size {
		c.Blocks = append(c.Blocks, countedBlock{})
	}
}

// servedTo is up to where every number has had an appointment, has withdrawn, or is not ready, as far as it was counted.
func (c *countedBlocks) servedTo(sealedTo int64) int64 {
	for i, b := range c.Blocks {
		start := int64(i) * c.Size
		if b.First > 0 {
			return b.First - 1
		}
		if b.Places < min(c.Size, sealedTo-start) {
			return start + b.Places
		}
	}
	return sealedTo
}

// next picks the block to count: the one where the first unserved stands, then one after the other. Blocks that nobody
// has counted come before their turn.
func (c *countedBlocks) next(done, turn int, sealedTo int64) (block, nextTurn int) {
	if done == 0 {
		return min(int(c.servedTo(sealedTo)/c.Size), len(c.Blocks)-1), turn
	}
	for i, b := range c.Blocks {
		if b.Places == 0 {
			return i, turn
		}
	}
	turn %= len(c.Blocks)
	return turn, turn + 1
}

// countSome counts blocks again until the turn's time is used, unless counting rests.
func (s *queueState) countSome(ctx context.Context, tx pgx.Tx, c *desk.Campaign) error {
	s.counted.fit(s.sealedTo)
	if !s.countNow || len(s.counted.Blocks) == 0 {
		return nil
	}
	began := time.Now()
	turn := int(s.turn)
	for done := 0; done < len(s.counted.Blocks) && (done < 2 || time.Since(began) < countBudget); done++ {
		var block int
		block, turn = s.counted.next(done, turn, s.sealedTo)
		if err := s.countBlock(ctx, tx, block); err != nil {
			return err
		}
	}
	if err := s.assure(ctx, tx, c); err != nil {
		return err
	}
	counted, err := json.Marshal(s.counted)
	if err != nil {
		return err
	}
	rest := time.Since(began) * countRest
	_, err = tx.Exec(ctx, `UPDATE queue_document SET counted = $2, turn = $3, next_count_at = clock_timestamp() + $4::interval WHERE queue_id = $1`,
		s.id, counted, turn, rest)
	return err
}

// countBlock looks each of the block's people up: a block is small, the tables are not.
func (s *queueState) countBlock(ctx context.Context, tx pgx.Tx, block int) error {
	b := &s.counted.Blocks[block]
	from := int64(block) * s.counted.Size
	return tx.QueryRow(ctx, `
SELECT count(*), count(*) FILTER (WHERE late), count(*) FILTER (WHERE ready AND NOT gone AND NOT held), count(*) FILTER (WHERE gone),
    count(*) FILTER (WHERE held AND NOT gone), coalesce(min(number) FILTER (WHERE ready AND NOT gone AND NOT had), 0)
FROM (SELECT p.number, p.late <> '' AS late, r.gone, r.ready, coalesce(a.held, false) AS held, coalesce(a.had, false) AS had FROM place p
    CROSS JOIN LATERAL (SELECT r.withdrawn_at IS NOT NULL AS gone, r.verify = 'by_offer' OR r.attested
            OR (SELECT true FROM verification v WHERE v.campaign_id = p.campaign_id AND v.registration_id = p.registration_id LIMIT 1) IS NOT NULL AS ready
        FROM registration r WHERE r.campaign_id = p.campaign_id AND r.id = p.registration_id OFFSET 0) r
    LEFT JOIN LATERAL (SELECT bool_or(state IN `+holds+`) AS held, true AS had FROM appointment a
        WHERE a.campaign_id = p.campaign_id AND a.registration_id = p.registration_id AND (a.state IN `+served+` OR a.state IN `+over+`) HAVING count(*) > 0) a ON true
    WHERE p.queue_id = $1 AND p.number > $2 AND p.number <= $3) people`, s.id, from, from+s.counted.Size).
		Scan(&b.Places, &b.Late, &b.Ready, &b.Withdrawn, &b.Served, &b.First)
}

// offersByMinute is how many appointments were made in a minute, by Unix minute; the last ones only.
type offersByMinute map[int64]int64

// countOffers adds the appointments that were made since the last time.
func (s *queueState) countOffers(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
SELECT o.minute, max(o.id), count(o.here) FROM (
    SELECT floor(extract(epoch FROM a.made_at) / 60)::bigint AS minute, a.id,
        (SELECT true FROM place p WHERE p.campaign_id = a.campaign_id AND p.registration_id = a.registration_id AND p.queue_id = $1) AS here
    FROM (SELECT id, campaign_id, registration_id, made_at FROM appointment WHERE id > $2 ORDER BY id LIMIT $3) a WHERE a.made_at < $4) o
GROUP BY o.minute`, s.id, s.offersAfter, offersPage, s.now.Add(-offersSettle))
	if err != nil {
		return err
	}
	before := s.offersAfter
	var minute, last, n int64
	_, err = pgx.ForEachRow(rows, []any{&minute, &last, &n}, func() error {
		s.offersAfter = max(s.offersAfter, last)
		if n > 0 {
			s.offers[minute] += n
		}
		return nil
	})
	if err != nil || s.offersAfter == before {
		return err
	}
	for minute := range s.offers {
		if s.now.Sub(time.Unix(minute*60, 0)) > 2*booking.RateWindows*booking.RateWindow {
			delete(s.offers, minute)
		}
	}
	offers, err := json.Marshal(s.offers)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE queue_document SET offers_after = $2, offers = $3 WHERE queue_id = $1`, s.id, s.offersAfter, offers)
	return err
}

// windows adds up the last whole windows since the first round. They begin with the clock's own, so that they are the same
// whoever looks.
func (o offersByMinute) windows(first, now time.Time) []int64 {
	var out []int64
	end := now.Truncate(booking.RateWindow)
	for range booking.RateWindows {
		begin := end.Add(-booking.RateWindow)
		if begin.Before(first) {
			break
		}
		var n int64
		for m := begin.Unix() / 60; m < end.Unix()/60; m++ {
			n += o[m]
		}
		out, end = append(out, n), begin
	}
	return out
}
