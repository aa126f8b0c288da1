package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"jari/booking"
	"jari/booking/desk"
	"jari/booking/vault"
)

// draws does every draw again: the commitment is the secret's, the digest the list's, the steps are in their order, and
// every place of a drawn queue has the key that its lot gives, the list's first.
func (a *auditor) draws(ctx context.Context) (finding, error) {
	var sum finding
	rows, err := a.tx.Query(ctx, `SELECT queue_id, campaign_id FROM draw ORDER BY queue_id`)
	if err != nil {
		return sum, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Queue, Campaign int32 }])
	if err != nil {
		return sum, err
	}
	for _, d := range all {
		c, err := a.campaigns.ByID(d.Campaign)
		if err != nil {
			continue // its keys are not at hand, which the report says already
		}
		f, err := a.draw(ctx, c, d.Queue)
		if err != nil {
			return sum, fmt.Errorf("the draw of queue %d: %w", d.Queue, err)
		}
		sum.join(f)
	}
	return sum, nil
}

func (a *auditor) draw(ctx context.Context, c *desk.Campaign, queue int32) (finding, error) {
	f := finding{checked: 1}
	name := fmt.Sprintf("draw of queue %d: ", queue)
	d, err := readDraw(ctx, a.tx, c, queue, "")
	if errors.Is(err, vault.ErrData) {
		f.bad(name + "its secret cannot be read")
		return f, nil
	}
	if err != nil {
		return f, err
	}
	if commitment := d.Secret.Commitment(); !bytes.Equal(commitment[:], d.Commitment) {
		f.bad(name + "the commitment is not the secret's")
	}
	if !d.CommittedAt.Before(d.Opens) {
		f.bad(name + "it was committed to after the opening")
	}
	if d.Digest == nil {
		return f, nil
	}
	list, err := readList(ctx, a.tx, queue)
	if err != nil {
		return f, err
	}
	ids := make([]booking.DrawID, 0, d.Entries)
	for id := range slices.Chunk(list, len(booking.DrawID{})) {
		ids = append(ids, booking.DrawID(id))
	}
	if digest := booking.DrawListDigest(ids); !bytes.Equal(digest[:], d.Digest) || int64(len(ids)) != d.Entries {
		f.bad(name + "the digest is not the list's")
	}
	lots, err := a.lots(ctx, c, queue, d, ids)
	f.join(lots)
	return f, err
}

// drawnPlace is a place of a drawn queue with its registration's key.
type drawnPlace struct {
	number           int64
	id               booking.ID
	arrival, arrived time.Time
	tie, own         int64
	movedAt          *time.Time
}

// lots walks the places of a drawn queue by number. ids is the list, sorted. An arrival that is proven to lie in the
// window after the place was announced has its lot's key a moment later.
func (a *auditor) lots(ctx context.Context, c *desk.Campaign, queue int32, d DrawState, ids []booking.DrawID) (finding, error) {
	var f finding
	rows, err := a.tx.Query(ctx, `SELECT p.number, p.registration_id, p.arrival, r.arrival, p.tie, r.tie, p.moved_at
		FROM place p JOIN registration r ON r.campaign_id = p.campaign_id AND r.id = p.registration_id WHERE p.queue_id = $1 ORDER BY p.number`, queue)
	if err != nil {
		return f, err
	}
	seed := d.Secret.Seed(d.Value)
	others := false // somebody who is not on the list has had a number
	var p drawnPlace
	_, err = pgx.ForEachRow(rows, []any{&p.number, (*[16]byte)(&p.id), &p.arrival, &p.arrived, &p.tie, &p.own, &p.movedAt}, func() error {
		f.checked++
		at := c.Keys.DrawID(p.id)
		_, onList := slices.BinarySearchFunc(ids, at, booking.DrawID.Compare)
		want := drawnPlace{arrival: p.arrived, tie: p.own}
		if d.Window.After(p.arrived) {
			want = drawnPlace{arrival: d.Opens, tie: seed.Lot(at).Tie()}
		}
		right := p.arrival.Equal(want.arrival) && p.tie == want.tie
		switch {
		case d.Value == "":
			f.bad(fmt.Sprintf("queue %d: number %d was given before the draw", queue, p.number))
		case onList && others:
			f.bad(fmt.Sprintf("queue %d: number %d is on the list and stands behind somebody who is not", queue, p.number))
		case !right && (p.movedAt == nil || p.movedAt.Before(a.old)):
			f.bad(fmt.Sprintf("queue %d: number %d does not have the key that its lot gives", queue, p.number))
		}
		others = others || !onList
		return nil
	})
	return f, err
}
