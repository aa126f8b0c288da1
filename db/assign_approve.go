package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNotApproved means that a round is not, or no longer, what the operator was shown. The text says what to do.
var ErrNotApproved = errors.New("this is not the round that was shown")

// errNotDue means that an approved round could not begin.
var errNotDue = errors.New("another round is under way, or there is nothing left to do: look again in some seconds with jari round show")

// approval lets one round be held although rounds are braked, as long as each of its pages decides what was shown.
type approval struct {
	fingerprint string
	shown       RoundView
	pages       []pageDigest
}

// ApproveRound holds exactly the round that was shown under the fingerprint, also while rounds are braked. It works the round
// out again first, and writes nothing if a single decision is another one. Then every page is decided once more in the
// transaction that writes it, and held against what was shown: if something changes in that time (somebody withdraws, a slot is
// closed, a start comes too near) it ends before that page. The pages before it stand, as they were shown; the error says how
// many. It returns what was written.
func (a *Assigner) ApproveRound(ctx context.Context, campaign, pool, fingerprint, actor string) (RoundResult, error) {
	s, err := a.show(ctx, campaign, pool)
	if err != nil {
		return RoundResult{}, fmt.Errorf("work out the round again: %w", err)
	}
	v, pages := s.tally.view(), s.tally.pages
	if v.Pages == 0 {
		return RoundResult{}, fmt.Errorf("%w: there is nothing to do now", ErrNotApproved)
	}
	if !strings.EqualFold(v.Fingerprint, fingerprint) {
		return RoundResult{}, fmt.Errorf("%w: now it would look at %d people and serve %d of them (fingerprint %s); nothing was written; look again with jari round show",
			ErrNotApproved, v.Looked, v.Served, v.Fingerprint)
	}
	r, err := a.begin(ctx, s.round.pool, actor, &approval{fingerprint: v.Fingerprint, shown: v, pages: pages})
	if err != nil {
		return RoundResult{}, err
	}
	if r == nil {
		return RoundResult{}, errNotDue
	}
	sum, err := a.runPages(ctx, r)
	if err == nil && r.page < len(pages) {
		err = errors.Join(ctx.Err(), errors.New("it was cut short"))
	}
	if err != nil {
		return sum, fmt.Errorf("%d of %d pages are written as they were shown, the rest is not; look again with jari round show: %w", r.page, len(pages), err)
	}
	return sum, nil
}

func (a *Assigner) poolID(ctx context.Context, campaign int32, pool string) (int32, error) {
	var id int32
	err := a.pool.QueryRow(ctx, `SELECT id FROM pool WHERE campaign_id = $1 AND code = $2`, campaign, pool).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoPool
	}
	return id, err
}

// note writes down who approved what, in the transaction that opens the round. Without an approval there is nothing to note.
func (p *approval) note(ctx context.Context, tx pgx.Tx, r *round, now time.Time) error {
	if p == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO audit_log (campaign_id, at, actor, act, detail) VALUES ($1, $2, $3, 'round.approve', $4)`, r.campaign.ID, now, r.actor,
		map[string]any{
			"pool": p.shown.Pool, "round": r.number, "fingerprint": p.fingerprint, "looked": p.shown.Looked, "served": p.shown.Served, "pages": p.shown.Pages,
		})
	return err
}

// check holds a page that was decided but not written against what was shown.
func (p *approval) check(w *pageWork) error {
	if p == nil {
		return nil
	}
	page := w.round.page
	if page >= len(p.pages) || digestOf(w) != p.pages[page] {
		return fmt.Errorf("%w: something has changed for somebody on page %d", ErrNotApproved, page+1)
	}
	return nil
}

// ended checks that a round that has nobody left has come as far as what was shown.
func (p *approval) ended(page int) error {
	if p != nil && page != len(p.pages) {
		return fmt.Errorf("%w: it ends after %d pages", ErrNotApproved, page)
	}
	return nil
}
