package desk

import (
	"context"

	"jari/booking"
	"jari/booking/vault"
)

// correcting is the content of a correction, for the digest of the operation.
type correcting struct {
	Name, Born, Phone, Number, Region string
	Base                              string `json:",omitempty"`
}

// Correct changes a person's data and keeps the place. Only a device that has proven the phone on file may: otherwise
// whoever enters a stranger's data first could take it away again, and learn something by trying. Who mistyped the phone
// itself applies again with the right one. It returns CodeVerifyFirst, CodeInvalid, CodeNotEligible, CodeNotOpenYet,
// CodeClosed, CodeConflict (withdrawn, or not at the revision named), CodeReused or CodeUnauthorized.
func (d *Desk) Correct(ctx context.Context, from Entrance, in Holding, p booking.Person, region string) error {
	h, err := d.proven(ctx, in)
	if err != nil {
		return err
	}
	to, err := d.checkCorrection(h.campaign, from.Door, h.entry, &p, region)
	if err != nil {
		return err
	}
	c, err := d.changeFrom(in.Base, h, from, in.Operation, "correct", correcting{p.Name, p.Born.String(), p.Phone.E164(), p.Number, region, in.Base})
	if err != nil {
		return err
	}
	return d.ports.Book.Correct(ctx, c, to)
}

// checkCorrection cleans what is new of a person, and refuses what cannot stand. It returns CodeInvalid, CodeNotEligible, CodeNotOpenYet or
// CodeClosed.
func (d *Desk) checkCorrection(c *Campaign, door Door, e Entry, p *booking.Person, region string) (Correction, error) {
	if _, err := d.check(c, p, region, booking.Wishes{}); err != nil {
		return Correction{}, err
	}
	// A birth date that belongs to another cohort keeps its arrival only if that cohort was open then.
	if _, err := booking.Eligible(c.Campaign, p.Born, e.Arrival); err != nil {
		return Correction{}, d.refused(c, door, p.Born, e.Arrival, err)
	}
	if region == "" && e.Wishes.MaxKm > 0 {
		return Correction{}, booking.Invalid("/region") // the distance that is wished for is counted from there
	}
	return correction(c, e, *p, region)
}

func correction(c *Campaign, e Entry, p booking.Person, region string) (Correction, error) {
	identity, err := booking.Identity(c.Identity, p, e.Generation)
	if err != nil {
		return Correction{}, err
	}
	to := Correction{NewID: c.Keys.ID(identity), Generation: e.Generation, Region: region, Lookups: Lookups(c.Keys, p)}
	if to.NewID != e.ID {
		// Another identity than this entry's own: whoever has it may never have withdrawn, so it counts from the first.
		ids, err := generations(c, p)
		if err != nil {
			return Correction{}, err
		}
		to.NewID, to.Later, to.Generation = ids[0], ids[1:], 0
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
