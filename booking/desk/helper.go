package desk

import (
	"context"

	"jari/booking"
	"jari/booking/vault"
)

// columnHelper is what a helper's number is sealed for, with the registration's row.
const columnHelper = "helper"

// Why a helper's part ended.
const (
	HelperRemoved  = "removed"
	HelperDeclined = "declined"
)

// SetHelper names one phone that gets copies of the entry's texts, without codes, and may answer them; it takes the place of the one
// before. Only a device that has proven the phone on file may: nobody makes themselves helper of a stranger. It returns CodeVerifyFirst,
// CodeInvalid (a phone that the campaign does not text, or the person's own), CodeConflict (withdrawn, not at the
// revision named, or that phone helps as many as one may), CodeReused or CodeUnauthorized.
func (d *Desk) SetHelper(ctx context.Context, from Entrance, in Holding, phone booking.Phone) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
	if err != nil {
		return err
	}
	if _, err := helperPhone(h.campaign, p, phone.E164()); err != nil {
		return err
	}
	c, err := d.changeFrom(in.Base, h, from, in.Operation, "helper", struct {
		Phone string
		Base  string `json:",omitempty"`
	}{phone.E164(), in.Base})
	if err != nil {
		return err
	}
	helper, err := sealHelper(h.campaign.Keys, h.entry.ID, phone)
	if err != nil {
		return err
	}
	return d.ports.Book.SetHelper(ctx, c, helper, h.campaign.Limits.WithDefaults().PeoplePerPhone)
}

// RemoveHelper ends the copies and what the helper may. Without a helper there is nothing to do, which is no error. It returns
// CodeVerifyFirst, CodeConflict (withdrawn), CodeReused or CodeUnauthorized.
func (d *Desk) RemoveHelper(ctx context.Context, from Entrance, in Holding) error {
	c, err := d.plain(ctx, from, in, "helper.remove")
	if err != nil {
		return err
	}
	return d.ports.Book.EndHelper(ctx, c, 0, HelperRemoved)
}

func sealHelper(k *vault.Keys, entry booking.ID, phone booking.Phone) (Helper, error) {
	ct, err := k.Seal(columnHelper, entry[:], []byte(phone.E164()))
	return Helper{Phone: k.Phone(phone), CT: ct}, err
}

// OpenHelper reads a helper's number. It returns vault.ErrData for one that cannot be read.
func OpenHelper(k *vault.Keys, entry booking.ID, ct []byte) (booking.Phone, error) {
	plain, err := k.Open(columnHelper, entry[:], ct)
	if err != nil {
		return booking.Phone{}, err
	}
	return booking.ParseE164(string(plain))
}
