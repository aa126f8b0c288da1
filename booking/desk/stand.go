package desk

import (
	"context"
	"slices"

	"jari/booking"
	"jari/booking/vault"
)

// Stand is how a device stands with one id of a person.
type Stand struct {
	Gone    bool        // the entry was given up
	AliasOf *booking.ID // belongs to another entry since a correction
	Bound   bool        // the device has applied here, or introduced itself, and not proven the phone of an entry that was given up since
	Left    bool        // it has proven the phone of an entry that was given up since
	Removed bool
}

// whereStands finds where a device stands that introduces itself, among the ids of a person's generations: the id that an application
// from it would be known by. It stays where the device is bound, follows corrections, and passes over entries that were given up. It returns
// CodeConflict when the device was removed from any of them, or has proven the phone of one that was given up since, and CodeTooMany when
// all were given up.
func (d *Desk) whereStands(ctx context.Context, c *Campaign, generations []booking.ID, device vault.Device) (booking.ID, error) {
	known, err := d.ports.Book.Stands(ctx, c.ID, generations, device)
	if err != nil {
		return booking.ID{}, err
	}
	if err := d.standsElsewhere(ctx, c, known, device); err != nil {
		return booking.ID{}, err
	}
	for _, s := range known {
		if s.Removed || s.Left {
			return booking.ID{}, booking.Fail(booking.CodeConflict, nil)
		}
	}
	for _, id := range generations {
		if known[id].Bound {
			return id, nil
		}
	}
	for _, id := range generations {
		s := known[id]
		if s.AliasOf != nil {
			entry := *s.AliasOf
			if s = known[entry]; !s.Bound {
				if holds, err := d.holds(ctx, c, entry, id); err != nil || !holds {
					if err != nil {
						return booking.ID{}, err
					}
					continue
				}
			}
			id = entry
		}
		if s.Bound || !s.Gone && s.AliasOf == nil {
			return id, nil
		}
	}
	return booking.ID{}, booking.Fail(booking.CodeTooMany, nil)
}

// standsElsewhere adds how the device stands with the entries to which corrections lead.
func (d *Desk) standsElsewhere(ctx context.Context, c *Campaign, known map[booking.ID]Stand, device vault.Device) error {
	var others []booking.ID
	for _, s := range known {
		if s.AliasOf != nil {
			others = append(others, *s.AliasOf)
		}
	}
	if len(others) == 0 {
		return nil
	}
	more, err := d.ports.Book.Stands(ctx, c.ID, others, device)
	for id, s := range more {
		known[id] = s
	}
	return err
}

// Where an application goes that met an identity which a correction gave to an entry.
type direction int

const (
	stays   direction = iota // the device was told of this identity before
	follows                  // to the entry
	passes                   // to the next generation
)

// beyond says where an application goes that met an id which a correction gave to an entry. A device goes on being told what it was told, here, by the entry
// or by a later generation. Anybody else's is for the entry, unless that has been corrected to other data since: otherwise somebody could
// correct their own entry to a stranger's data and back, and the stranger could never apply.
func (d *Desk) beyond(ctx context.Context, w *applicant, id, entry booking.ID) (direction, error) {
	if w.device != nil {
		ids, err := generations(w.campaign, w.Person)
		if err != nil {
			return passes, err
		}
		known, err := d.ports.Book.Stands(ctx, w.campaign.ID, append(ids, entry), *w.device)
		if err != nil {
			return passes, err
		}
		if known[id].Bound {
			return stays, nil
		}
		for _, at := range ids {
			if s := known[at]; at != id && (s.Bound || s.Left || s.Removed) {
				return passes, nil
			}
		}
		if s := known[entry]; s.Bound || s.Left || s.Removed {
			return follows, nil
		}
	}
	holds, err := d.holds(ctx, w.campaign, entry, id)
	if err != nil || !holds {
		return passes, err
	}
	return follows, nil
}

// told is what a device was told of its application under an id.
func (d *Desk) told(ctx context.Context, w *applicant, id booking.ID, serial int64) (Stored, error) {
	g, err := d.ports.Book.Glance(ctx, w.campaign.ID, id, *w.device)
	return Stored{Serial: serial, Arrival: g.ReceivedAt}, err
}

// holds reports whether an entry's data, as they are now, are those of an id that a correction gave to it.
func (d *Desk) holds(ctx context.Context, c *Campaign, entry, id booking.ID) (bool, error) {
	e, err := d.ports.Book.Entry(ctx, c.ID, entry)
	return !Left(c, e, id), err
}

// Left reports whether an entry's data are no longer those of an id that a correction gave to it. Of data that cannot be read that is not
// known, and what was goes on.
func Left(c *Campaign, e Entry, id booking.ID) bool {
	p, err := c.Keys.OpenPerson(e.ID, e.PersonCT)
	if err != nil {
		return false
	}
	ids, err := generations(c, p)
	return err == nil && !slices.Contains(ids, id)
}

// stuck returns CodeConflict for a device that has proven its person's phone, and keeps to a reference under which nobody would be entered, because a correction
// gave it to an entry that has other data again: it needs a new secret.
func (d *Desk) stuck(ctx context.Context, w *applicant, id, entry booking.ID) error {
	g, err := d.ports.Book.Glance(ctx, w.campaign.ID, id, *w.device)
	if booking.CodeOf(err) == booking.CodeUnauthorized || err == nil && (g.Introduced == nil || !g.Introduced.Proven || g.Proven) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := d.ports.Book.Entry(ctx, w.campaign.ID, entry)
	if err == nil && Left(w.campaign, e, id) {
		err = booking.Fail(booking.CodeConflict, nil)
	}
	return err
}
