package desk

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"jari/booking"
)

// Holding is how a device names its entry in a change: the reference it was given, its secret, and an operation id of
// its own making, under which repeating the change is safe.
type Holding struct {
	Campaign  string
	Reference string
	Secret    string
	Operation uuid.UUID
	// Base is the revision that the person saw, where the change is to be made only if nobody changed anything since; otherwise empty.
	Base string
}

// proven finds the holder and insists that the phone on file was proven by this device. The answer to a device that
// did not is CodeVerifyFirst, whether the entry is its own or a stranger's, and CodeConflict to one that has proven the phone with which it
// introduced itself: it has no entry to change.
func (d *Desk) proven(ctx context.Context, in Holding) (holder, error) {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	switch {
	case err != nil:
		return h, err
	case !h.proven && h.prepared():
		return h, d.early(ctx, h, in.Operation)
	case !h.proven:
		return h, booking.Fail(booking.CodeVerifyFirst, nil)
	case !h.glance.Proven: // from here on it counts like any other proof
		return h, d.carry(ctx, h, in.Operation)
	}
	return h, nil
}

// KindEarly is the kind under which an operation is kept that came before there was an entry.
const KindEarly = "early"

// early refuses an operation of somebody who has not applied yet, and keeps that: a copy of it that comes late must not withdraw or
// change the entry that there is by then. It returns CodeConflict.
func (d *Desk) early(ctx context.Context, h holder, op uuid.UUID) error {
	if op == uuid.Nil { // a question, which changes nothing whenever it comes
		return booking.Fail(booking.CodeConflict, nil)
	}
	c, err := d.changeOf(h, h.id, Entrance{Actor: "app", Received: d.Now()}, op, KindEarly, nil)
	if err != nil {
		return err
	}
	return d.ports.Book.Early(ctx, c)
}

// change writes down who asks for what. The digest of the content, and of the revision that it builds on, tells a repetition from
// another operation under the same id.
func (d *Desk) change(h holder, from Entrance, op uuid.UUID, kind string, content any) (Change, error) {
	return d.changeOf(h, h.entry.ID, from, op, kind, content)
}

// changeOf is a change of what stands under an id. What a device asks for that has proven nothing is kept under its reference's own id,
// so that nothing depends on where that leads.
func (d *Desk) changeOf(h holder, id booking.ID, from Entrance, op uuid.UUID, kind string, content any) (Change, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return Change{}, err
	}
	return Change{
		Campaign: h.campaign.ID, ID: id, Device: h.device, Operation: op, Kind: kind,
		Digest: h.campaign.Keys.Digest(kind, text), Actor: from.Actor, At: from.Received,
	}, nil
}

// plain is the change that the operation's kind says all about.
func (d *Desk) plain(ctx context.Context, from Entrance, in Holding, kind string) (Change, error) {
	h, err := d.proven(ctx, in)
	if err != nil {
		return Change{}, err
	}
	return d.change(h, from, in.Operation, kind, nil)
}

// wished is a change to other wishes.
func (d *Desk) wished(ctx context.Context, from Entrance, in Holding, kind, region string, w booking.Wishes) (Change, error) {
	h, err := d.proven(ctx, in)
	if err != nil {
		return Change{}, err
	}
	if err := checkWishes(h.campaign, region, w); err != nil {
		return Change{}, err
	}
	return d.changeFrom(in.Base, h, from, in.Operation, kind, struct {
		Region string
		Wishes booking.Wishes
		Base   string `json:",omitempty"`
	}{region, w, in.Base})
}

// changeFrom is change for a content that names the revision it builds on, if any.
func (d *Desk) changeFrom(base string, h holder, from Entrance, op uuid.UUID, kind string, content any) (Change, error) {
	c, err := d.change(h, from, op, kind, content)
	c.Base = base
	return c, err
}

// ChangeWishes replaces the wishes; the latest change wins. It returns CodeVerifyFirst, CodeInvalid, CodeReused,
// CodeConflict (withdrawn, or not at the revision named) or CodeUnauthorized.
func (d *Desk) ChangeWishes(ctx context.Context, from Entrance, in Holding, region string, w booking.Wishes) error {
	c, err := d.wished(ctx, from, in, "wishes", region, w)
	if err != nil {
		return err
	}
	return d.ports.Book.SetWishes(ctx, c, region, w)
}

// AskSwap looks for another appointment by these wishes, which become the entry's. The open appointment is kept until another one is
// secured: whoever wishes to swap loses nothing. It returns CodeVerifyFirst, CodeInvalid (also for a household: only one person's
// appointment is swapped), CodeReused, CodeConflict (there is no appointment ahead, or not at the revision named) or CodeUnauthorized.
func (d *Desk) AskSwap(ctx context.Context, from Entrance, in Holding, region string, w booking.Wishes) error {
	if w.Household != nil {
		return booking.Invalid("/wishes/household")
	}
	c, err := d.wished(ctx, from, in, "swap", region, w)
	if err != nil {
		return err
	}
	return d.ports.Book.AskSwap(ctx, c, region, w)
}

// DropSwap takes the wish for another appointment back. It returns CodeVerifyFirst, CodeConflict (there is no such wish),
// CodeReused or CodeUnauthorized.
func (d *Desk) DropSwap(ctx context.Context, from Entrance, in Holding) error {
	c, err := d.plain(ctx, from, in, "swap.drop")
	if err != nil {
		return err
	}
	return d.ports.Book.DropSwap(ctx, c)
}

// Confirm accepts an appointment. It returns CodeVerifyFirst, CodeConflict (this one is not offered, or not any more),
// CodeReused or CodeUnauthorized.
func (d *Desk) Confirm(ctx context.Context, from Entrance, in Holding, appointment int64) error {
	return d.answer(ctx, from, in, "confirm", appointment, booking.Confirmed)
}

// Decline gives an appointment back and keeps the place. Errors as for Confirm.
func (d *Desk) Decline(ctx context.Context, from Entrance, in Holding, appointment int64) error {
	return d.answer(ctx, from, in, "decline", appointment, booking.Declined)
}

// answer is for the appointment that the person saw: what was decided offline must not fall on a later offer.
func (d *Desk) answer(ctx context.Context, from Entrance, in Holding, kind string, appointment int64, to booking.AppointmentState) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, kind, appointment)
	if err != nil {
		return err
	}
	return d.ports.Book.Answer(ctx, c, appointment, to)
}

// Cancel withdraws the entry: the appointment is freed and the place is given up. Who applies again starts afresh.
// It returns CodeVerifyFirst, CodeReused or CodeUnauthorized.
func (d *Desk) Cancel(ctx context.Context, from Entrance, in Holding) error {
	c, err := d.plain(ctx, from, in, "cancel")
	if err != nil {
		return err
	}
	return d.ports.Book.Withdraw(ctx, c)
}
