package db

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"jari/booking"
)

// errNoPool means that a campaign has no such pool.
var errNoPool = errors.New("the campaign has no such pool")

// ShowRound works out what the next round of a pool would decide, and gives nothing: it goes through the same pages with the
// same rules on one read-only snapshot. Before that it brings the marks up to date as every round's beginning does (reserves
// whose time has come, keys that became earlier, late places among those who wait); they change nobody's turn. It holds no lock
// while it reads, so that people can go on changing their wishes. Memory: the pool's free slots, as for a round, and 40 bytes
// for each person who would be served.
func (a *Assigner) ShowRound(ctx context.Context, campaign, pool string) (RoundView, error) {
	s, err := a.show(ctx, campaign, pool)
	if err != nil {
		return RoundView{}, fmt.Errorf("show the next round of pool %s of campaign %s: %w", pool, campaign, err)
	}
	return s.tally.view(), nil
}

// show works the round out; what approves it are the digests of its pages.
func (a *Assigner) show(ctx context.Context, campaign, pool string) (*showing, error) {
	s, err := a.prepare(ctx, campaign, pool)
	if err != nil {
		return nil, err
	}
	tx, err := a.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", pageLimit.Milliseconds())); err != nil {
		return nil, err
	}
	if err := s.begin(ctx, tx); err != nil {
		return nil, err
	}
	for s.due {
		over, err := s.page(ctx, tx, a.page)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", s.round.page, err)
		}
		if over {
			break
		}
	}
	return s, nil
}

// showing is a round that is only worked out.
type showing struct {
	round  *round
	due    bool
	tally  *roundTally
	served map[booking.ID]bool // households, whose members may stand on a later page
}

// prepare brings the marks up to date and finds out whether there is anything to do.
func (a *Assigner) prepare(ctx context.Context, campaign, pool string) (*showing, error) {
	c, err := a.campaigns.BySlug(campaign)
	if err != nil {
		return nil, err
	}
	id, err := a.poolID(ctx, c.ID, pool)
	if err != nil {
		return nil, err
	}
	s := &showing{}
	err = writeWithin(ctx, a.pool, pageLimit, func(ctx context.Context, tx pgx.Tx) error {
		*s = showing{round: &round{campaign: c, pool: id, after: beforeAll}, tally: newTally(campaign, pool), served: map[booking.ID]bool{}}
		if err := turn(ctx, tx, id); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT round + 1, coalesce(busy_until > clock_timestamp(), false), clock_timestamp() FROM pool WHERE id = $1 FOR UPDATE`,
			id).Scan(&s.round.number, &s.tally.out.UnderWay, &s.tally.out.At); err != nil {
			return err
		}
		if s.round.queues, err = walks(ctx, tx, c, id, s.tally.out.At); err != nil {
			return err
		}
		s.due, err = s.round.due(ctx, tx, s.tally.out.At)
		return err
	})
	return s, err
}

// begin reads what begin of a round reads, on the snapshot.
func (s *showing) begin(ctx context.Context, tx pgx.Tx) (err error) {
	r := s.round
	if s.tally.out.Braked, err = braked(ctx, tx, r.campaign.ID, booking.BrakeRounds); err != nil {
		return err
	}
	if r.queues, err = walks(ctx, tx, r.campaign, r.pool, s.tally.out.At); err != nil {
		return err
	}
	if r.stock, err = readStock(ctx, tx, r.campaign, r.pool, s.tally.out.At); err != nil {
		return err
	}
	return s.tally.readSites(ctx, tx, r.pool, s.tally.out.At)
}

// page decides one page as runPage does, and keeps in memory what a round finds in its own writing on later pages.
func (s *showing) page(ctx context.Context, tx pgx.Tx, limit int) (over bool, err error) {
	r := s.round
	people, err := readPage(ctx, tx, r, limit)
	if err != nil || len(people) == 0 && r.over() {
		return err == nil, err
	}
	left := people[:0]
	for _, c := range people {
		if c.dose != 1 || !s.served[c.key.ID] { // a round would find the appointment that it has just written
			left = append(left, c)
		}
	}
	w := &pageWork{round: r, people: left}
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&w.now); err != nil {
		return false, err
	}
	if err := w.decide(ctx, tx); err != nil {
		return false, err
	}
	for i := range w.given {
		g := &w.given[i]
		r.stock.take(g.SlotID)
		if g.wishes.Household != nil {
			s.served[g.key.ID] = true
		}
	}
	r.page++
	return false, s.tally.add(ctx, tx, w)
}

// pageDigest stands for everything that a page decides.
type pageDigest [sha256.Size]byte

// digestOf hashes who gets which seat, who gets nothing and why, and who waits no more. It holds nothing that differs between a
// round that is shown and the same round when it is held: no instants, no ids that are made when the page is written.
func digestOf(w *pageWork) pageDigest {
	h := sha256.New()
	for _, g := range w.given {
		_, _ = fmt.Fprintf(h, "give %x %d slot %d kept %t for %d rank %d at %d m\n", g.key.ID[:], g.dose, g.SlotID, g.Kept, g.swapOf, g.Rank, g.Distance)
	}
	for _, d := range w.denied {
		_, _ = fmt.Fprintf(h, "deny %x %d %s\n", d.key.ID[:], d.dose, d.why)
	}
	for _, c := range w.gone {
		_, _ = fmt.Fprintf(h, "gone %x %d\n", c.key.ID[:], c.dose)
	}
	return pageDigest(h.Sum(nil))
}

// fingerprintOf is what an operator approves: 32 hexadecimal digits that stand for all pages in their order.
func fingerprintOf(pages []pageDigest) string {
	h := sha256.New()
	for _, p := range pages {
		_, _ = h.Write(p[:])
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}
