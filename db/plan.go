package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"jari/booking"
)

// Plan is what applying a campaign would change.
type Plan struct {
	New, Same   bool
	Differences []string // of everything but slots
	Slots       SlotsPlan
	Sites       []SitePlan // where people would have to be moved
	People      int        // who would have to be moved, in all
	Unfinished  int        // people whom a move that was cut off has left to move; only if Same
	// Refused is the error (ErrApply) with which Apply would refuse the campaign even if it may move people; nil when it would not.
	Refused error
}

// SlotsPlan counts slots ahead, and seats in them.
type SlotsPlan struct{ Added, Dropped, Larger, Smaller, SeatsBefore, SeatsAfter int }

// SitePlan is one site that closes or loses room.
type SitePlan struct {
	Site          string
	Slots, People int
}

// errPlanned ends a transaction that only looked.
var errPlanned = errors.New("only looked")

// PlanApply compares a campaign with what is stored, and asks everything that may refuse it. It changes nothing.
func PlanApply(ctx context.Context, pool *pgxpool.Pool, c *booking.Campaign, digest [32]byte, now time.Time) (Plan, error) {
	var out Plan
	err := writeWithin(ctx, pool, 2*time.Minute, func(ctx context.Context, tx pgx.Tx) error {
		out = Plan{}
		var id int32
		var known, content []byte
		err := tx.QueryRow(ctx, `SELECT id, digest, content FROM campaign WHERE slug = $1`, c.Slug).Scan(&id, &known, &content)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			out.New = true
			if err := out.refusal(refuseDraws(ctx, tx, c, id, now)); err != nil {
				return err
			}
			return errPlanned
		case err != nil:
			return err
		}
		old, err := campaignFromJSON(content)
		if err != nil {
			return err
		}
		if out.Same = string(known) == string(digest[:]); out.Same {
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM (`+leaveSQL+`) t`, id).Scan(&out.Unfinished); err != nil {
				return err
			}
			return errPlanned
		}
		out.Differences = booking.Differences(old, c)
		if err := wantSlots(ctx, tx, c); err != nil {
			return err
		}
		if err := out.readSlots(ctx, tx, id, now); err != nil {
			return err
		}
		if err := out.readRefusal(ctx, tx, content, c, id, now); err != nil {
			return err
		}
		return errPlanned // the temporary table goes with it
	})
	if errors.Is(err, errPlanned) {
		return out, nil
	}
	return out, fmt.Errorf("compare campaign %s: %w", c.Slug, err)
}

// readRefusal asks what Apply asks, in the same order.
func (p *Plan) readRefusal(ctx context.Context, tx pgx.Tx, content []byte, c *booking.Campaign, id int32, now time.Time) error {
	for _, refuse := range []func() error{
		func() error { return sameCampaign(content, c) },
		func() error { return refuseOtherQueue(ctx, tx, c, id) },
		func() error { return refuseOtherPool(ctx, tx, id) },
		func() error { return refuseLessSupply(ctx, tx, c, id) },
		func() error { return refuseDraws(ctx, tx, c, id, now) },
	} {
		if err := p.refusal(refuse()); err != nil || p.Refused != nil {
			return err
		}
	}
	return nil
}

// refusal keeps a refusal; any other error is one.
func (p *Plan) refusal(err error) error {
	if errors.Is(err, ErrApply) {
		p.Refused = err
		return nil
	}
	return err
}

func (p *Plan) readSlots(ctx context.Context, tx pgx.Tx, id int32, now time.Time) error {
	s := &p.Slots
	err := tx.QueryRow(ctx, `
SELECT count(*) FILTER (WHERE was IS NULL AND will > 0), count(*) FILTER (WHERE will IS NULL), count(*) FILTER (WHERE will > was), count(*) FILTER (WHERE will < was),
    coalesce(sum(was), 0), coalesce(sum(will), 0)
FROM (SELECT nullif(s.capacity, 0) AS was, w.capacity AS will
    FROM (SELECT si.code, s.starts_at, s.capacity FROM slot s JOIN site si ON si.id = s.site_id WHERE s.campaign_id = $1 AND s.starts_at > $2 AND s.capacity > 0) s
    FULL JOIN (SELECT site, starts_at, capacity FROM wanted_slot WHERE starts_at > $2) w ON w.site = s.code AND w.starts_at = s.starts_at) t`, id, now).
		Scan(&s.Added, &s.Dropped, &s.Larger, &s.Smaller, &s.SeatsBefore, &s.SeatsAfter)
	if err != nil {
		return err
	}
	p.Sites, err = collect(ctx, tx, pgx.RowToStructByPos[SitePlan], `
SELECT si.code, count(*), sum(s.taken - coalesce(w.capacity, 0))::int FROM slot s JOIN site si ON si.id = s.site_id
LEFT JOIN wanted_slot w ON w.site = si.code AND w.starts_at = s.starts_at
WHERE s.campaign_id = $1 AND s.starts_at > $2 AND s.taken > coalesce(w.capacity, 0) GROUP BY 1 ORDER BY 1`, id, now)
	for _, site := range p.Sites {
		p.People += site.People
	}
	return err
}
