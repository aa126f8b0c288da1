package desk

import (
	"context"

	"jari/booking"
)

// AskSwap looks for another appointment by these wishes, which become the entry's. The open appointment is kept until another one is
// secured: whoever wishes to swap loses nothing. It returns CodeVerifyFirst, CodeInvalid (also for a household: only one person's
// appointment is swapped), CodeReused, CodeConflict (there is no appointment ahead) or CodeUnauthorized.
func (d *Desk) AskSwap(ctx context.Context, from Entrance, in Holding, region string, w booking.Wishes) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	if w.Household != nil {
		return booking.Invalid("/wishes/household")
	}
	if err := checkWishes(h.campaign, region, w); err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, "swap", struct {
		Region string
		Wishes booking.Wishes
	}{region, w})
	if err != nil {
		return err
	}
	return d.book.AskSwap(ctx, c, region, w)
}

// DropSwap takes the wish for another appointment back. It returns CodeVerifyFirst, CodeConflict (there is no such wish),
// CodeReused or CodeUnauthorized.
func (d *Desk) DropSwap(ctx context.Context, from Entrance, in Holding) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, "swap.drop", nil)
	if err != nil {
		return err
	}
	return d.book.DropSwap(ctx, c)
}
