package desk

import (
	"context"
	"crypto/subtle"

	"jari/booking/vault"
)

// unproven finds the holder, who need not have proven anything yet, and the hash of the phone that they can prove: the one on file, or for
// a device that has only introduced itself the one that it named, so that whatever comes to that phone does not depend on there being an entry.
func (d *Desk) unproven(ctx context.Context, in Holding) (_ holder, phone vault.Hash, introduced bool, _ error) {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	if err != nil {
		return holder{}, vault.Hash{}, false, err
	}
	if h.onlyIntroduced() {
		return h, h.glance.Introduced.Phone, true, nil
	}
	p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
	return h, h.campaign.Keys.Phone(p.Phone), false, err
}

// RequestCode asks for a verification code by text to the phone on file. The answer is the same whoever asks. It
// returns CodeTooMany (this device or address), CodeReused or CodeUnauthorized.
func (d *Desk) RequestCode(ctx context.Context, from Entrance, in Holding) error {
	h, phone, introduced, err := d.unproven(ctx, in)
	if err != nil {
		return err
	}
	c, err := d.changeOf(h, h.id, from, in.Operation, "code", nil)
	if err != nil {
		return err
	}
	return d.ports.Book.RequestCode(ctx, c, CodeRequest{
		Phone: phone, Address: h.campaign.Keys.Lookup("address\x00" + from.Address), Limits: h.campaign.Limits, Introduced: introduced,
	})
}

// Verify proves the phone on file with a code that was texted to it. A device that proves it may from then on see and
// change the entry, whoever made it: this is how a person takes over what a stranger entered, with its arrival. It
// returns CodeWrongCode, CodeReused or CodeUnauthorized.
func (d *Desk) Verify(ctx context.Context, from Entrance, in Holding, code string) error {
	h, phone, _, err := d.unproven(ctx, in)
	if err != nil {
		return err
	}
	open, err := d.ports.Book.OpenCodes(ctx, h.campaign.ID, h.id, h.device, phone, from.Received)
	if err != nil {
		return err
	}
	var request int64
	for _, r := range open {
		if subtle.ConstantTimeCompare([]byte(h.campaign.Keys.Code(h.id, r)), []byte(code)) == 1 {
			request = r
			break
		}
	}
	c, err := d.changeOf(h, h.id, from, in.Operation, "verify", code)
	if err != nil {
		return err
	}
	return d.ports.Book.Verify(ctx, c, "code", request)
}
