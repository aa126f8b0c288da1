package desk

import (
	"context"
	"crypto/subtle"
	"encoding/json"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/vault"
)

// Holding is how a device names its entry in a change: the reference it was given, its secret, and an operation id of
// its own making, under which repeating the change is safe.
type Holding struct {
	Campaign  string
	Reference string
	Secret    string
	Operation uuid.UUID
}

func (d *Desk) change(h holder, from Entrance, op uuid.UUID, kind string, content any) (Change, error) {
	text, err := json.Marshal(content)
	if err != nil {
		return Change{}, err
	}
	return Change{
		Campaign: h.campaign.ID, ID: h.entry.ID, Device: h.device, Operation: op, Kind: kind,
		Digest: h.campaign.Keys.Digest(kind, text), Actor: from.Actor, At: from.Received,
	}, nil
}

// correcting is the content of a correction, for the digest of the operation.
type correcting struct {
	Name, Born, Phone, Number, Region string
}

// Correct changes a person's data and keeps the place. Only a device that has proven the phone on file may: otherwise
// whoever enters a stranger's data first could take it away again, and learn something by trying. Who mistyped the phone
// itself applies again with the right one. It returns CodeVerifyFirst, CodeInvalid, CodeNotEligible, CodeNotOpenYet,
// CodeClosed, CodeConflict (withdrawn), CodeReused or CodeUnauthorized.
func (d *Desk) Correct(ctx context.Context, from Entrance, in Holding, p booking.Person, region string) error {
	p = compose(p)
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	// A birth date that belongs to another cohort keeps its arrival only if that cohort was open then.
	if _, err := d.admit(h.campaign, p, region, booking.Wishes{}, h.entry.Arrival); err != nil {
		return d.refused(h.campaign, from.Door, p.Born, h.entry.Arrival, err)
	}
	if region == "" && h.entry.Wishes.MaxKm > 0 {
		return booking.Invalid("/region") // the distance that is wished for is counted from there
	}
	c, err := d.change(h, from, in.Operation, "correct", correcting{p.Name, p.Born.String(), p.Phone.E164(), p.Number, region})
	if err != nil {
		return err
	}
	to, err := correction(h.campaign, h.entry, p, region)
	if err != nil {
		return err
	}
	return d.book.Correct(ctx, c, to)
}

func correction(c *Campaign, e Entry, p booking.Person, region string) (Correction, error) {
	identity, err := booking.Identity(c.Identity, p, e.Generation)
	if err != nil {
		return Correction{}, err
	}
	to := Correction{NewID: c.Keys.ID(identity), Generation: e.Generation, Region: region, Lookups: Lookups(c.Keys, p)}
	if to.NewID != e.ID && e.Generation > 0 {
		// Another identity than this entry's own: whoever has it may never have withdrawn, so it counts from the first.
		if identity, err = booking.Identity(c.Identity, p, 0); err != nil {
			return Correction{}, err
		}
		to.NewID, to.Generation = c.Keys.ID(identity), 0
	}
	to.NewTie = c.Keys.Tie(to.NewID)
	to.PersonCT, err = c.Keys.SealPerson(e.ID, p)
	return to, err
}

// Lookups makes all look-up hashes of a person.
func Lookups(k *vault.Keys, p booking.Person) []Lookup {
	out := make([]Lookup, 0, 3)
	for _, kind := range []booking.LookupKind{booking.LookupPhone, booking.LookupNameBirth, booking.LookupPhoneBirth} {
		out = append(out, Lookup{kind, k.Lookup(booking.LookupText(kind, p))})
	}
	return out
}

// proven finds the holder and insists that the phone on file was proven by this device. The answer to a device that
// did not is CodeVerifyFirst, whether the entry is its own or a stranger's.
func (d *Desk) proven(ctx context.Context, in Holding) (holder, error) {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	if err == nil && !h.proven {
		err = booking.Fail(booking.CodeVerifyFirst, nil)
	}
	return h, err
}

// ChangeWishes replaces the wishes; the latest change wins. It returns CodeVerifyFirst, CodeInvalid, CodeReused,
// CodeConflict (withdrawn) or CodeUnauthorized.
func (d *Desk) ChangeWishes(ctx context.Context, from Entrance, in Holding, region string, w booking.Wishes) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	if err := checkWishes(h.campaign, region, w); err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, "wishes", struct {
		Region string
		Wishes booking.Wishes
	}{region, w})
	if err != nil {
		return err
	}
	return d.book.SetWishes(ctx, c, region, w)
}

// Confirm accepts the open appointment. It returns CodeVerifyFirst, CodeConflict (nothing is offered), CodeReused or
// CodeUnauthorized.
func (d *Desk) Confirm(ctx context.Context, from Entrance, in Holding) error {
	return d.answer(ctx, from, in, "confirm", booking.Confirmed)
}

// Decline gives the open appointment back and keeps the place. Errors as for Confirm.
func (d *Desk) Decline(ctx context.Context, from Entrance, in Holding) error {
	return d.answer(ctx, from, in, "decline", booking.Declined)
}

func (d *Desk) answer(ctx context.Context, from Entrance, in Holding, kind string, to booking.AppointmentState) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, kind, nil)
	if err != nil {
		return err
	}
	return d.book.Answer(ctx, c, 0, to)
}

// Cancel withdraws the entry: the appointment is freed and the place is given up. Who applies again starts afresh.
// It returns CodeVerifyFirst, CodeReused or CodeUnauthorized.
func (d *Desk) Cancel(ctx context.Context, from Entrance, in Holding) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, "cancel", nil)
	if err != nil {
		return err
	}
	return d.book.Withdraw(ctx, c)
}

// RequestCode asks for a verification code by text to the phone on file. The answer is the same whoever asks. It
// returns CodeTooMany (this device or address), CodeReused or CodeUnauthorized.
func (d *Desk) RequestCode(ctx context.Context, from Entrance, in Holding) error {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	if err != nil {
		return err
	}
	p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
	if err != nil {
		return err
	}
	c, err := d.change(h, from, in.Operation, "code", nil)
	if err != nil {
		return err
	}
	return d.book.RequestCode(ctx, c, CodeRequest{
		Phone:   h.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, p)),
		Address: h.campaign.Keys.Lookup("address\x00" + from.Address),
		Limits:  h.campaign.Limits,
	})
}

// Verify proves the phone on file with a code that was texted to it. A device that proves it may from then on see and
// change the entry, whoever made it: this is how a person takes over what a stranger entered, with its arrival. It
// returns CodeWrongCode, CodeReused or CodeUnauthorized.
func (d *Desk) Verify(ctx context.Context, from Entrance, in Holding, code string) error {
	h, err := d.holder(ctx, in.Campaign, in.Reference, in.Secret)
	if err != nil {
		return err
	}
	p, err := h.campaign.Keys.OpenPerson(h.entry.ID, h.entry.PersonCT)
	if err != nil {
		return err
	}
	phone := h.campaign.Keys.Lookup(booking.LookupText(booking.LookupPhone, p))
	open, err := d.book.OpenCodes(ctx, h.campaign.ID, h.entry.ID, h.device, phone, from.Received)
	if err != nil {
		return err
	}
	var request int64
	for _, r := range open {
		if subtle.ConstantTimeCompare([]byte(h.campaign.Keys.Code(h.entry.ID, r)), []byte(code)) == 1 {
			request = r
			break
		}
	}
	c, err := d.change(h, from, in.Operation, "verify", code)
	if err != nil {
		return err
	}
	return d.book.Verify(ctx, c, "code", request)
}
