package desk

import (
	"context"

	"jari/booking"
	"jari/booking/vault"
)

// RemoveDevices shuts a device out: this one, or every other one that has proven the phone on file. The entry and its place stay, and so does
// what a proof made the person ready for. Whoever is shut out reads CodeUnauthorized from then on and needs a new secret.
//
// This one need not have proven anything, and repeating its own removal is no error: the answer may have been lost. The others can be
// removed by a device that has proven the phone alone. It returns CodeVerifyFirst (others), CodeReused or CodeUnauthorized.
func (d *Desk) RemoveDevices(ctx context.Context, from Entrance, in Holding, others bool) error {
	if others {
		return d.removeOthers(ctx, from, in)
	}
	c, id, device, err := d.referred(in.Campaign, in.Reference, in.Secret)
	if err != nil {
		return err
	}
	var entry *booking.ID
	switch h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret); {
	case err == nil && h.proven:
		entry = &h.entry.ID
	case err != nil && booking.CodeOf(err) != booking.CodeUnauthorized: // removed already, perhaps by this very operation, which the book knows
		return err
	}
	change, err := d.changeOf(holder{campaign: c, device: device}, id, from, in.Operation, "devices.remove", "this")
	if err != nil {
		return err
	}
	return d.ports.Book.RemoveThis(ctx, change, entry)
}

func (d *Desk) removeOthers(ctx context.Context, from Entrance, in Holding) error {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	if err != nil {
		return err
	}
	var entry *booking.ID
	var phone vault.Hash
	switch {
	case h.proven:
		p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
		if err != nil {
			return err
		}
		entry, phone = &h.entry.ID, h.campaign.Keys.Phone(p.Phone)
	case h.prepared():
		phone = h.glance.Introduced.Phone
	default:
		return booking.Fail(booking.CodeVerifyFirst, nil)
	}
	change, err := d.changeOf(h, h.id, from, in.Operation, "devices.remove", "others")
	if err != nil {
		return err
	}
	return d.ports.Book.RemoveOthers(ctx, change, entry, phone)
}
