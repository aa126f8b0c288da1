package desk

import (
	"context"

	"jari/booking"
)

// Order lists a queue's announced places by number, after one of them, at most limit, for whoever checks the order from
// outside. It names nobody, but in a live campaign it would tell whose reference stands where, so that one refuses it. It
// returns CodeNoCampaign, CodeNoQueue or CodeLiveCampaign.
func (d *Desk) Order(ctx context.Context, slug, queue string, after int64, limit int) (*Campaign, []Ordered, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return nil, nil, err
	}
	q, ok := c.Queues[queue]
	switch {
	case !ok:
		return nil, nil, booking.Fail(booking.CodeNoQueue, nil)
	case c.Mode != booking.Rehearsal:
		return nil, nil, booking.Fail(booking.CodeLiveCampaign, nil)
	}
	places, err := d.ports.Book.Order(ctx, q.ID, after, limit)
	return c, places, err
}
