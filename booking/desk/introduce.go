package desk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"jari/booking"
	"jari/booking/vault"
)

// Introducing is what somebody tells us whose device is to speak for a person, without applying.
type Introducing struct {
	Person    booking.Person
	Region    string
	Wishes    booking.Wishes
	Lang      booking.Lang
	Secret    string // of the client's making
	Operation uuid.UUID
}

// introducing is the content of an introduction, for the digest of the operation.
type introducing struct {
	Name, Born, Phone, Number, Region string
	Wishes                            booking.Wishes
	Lang                              booking.Lang
}

// Introduce lets a device speak for a person: to prepare before the opening, or to find the person's entry again at any time. It gives no
// arrival and no place, and does not say whether there is an entry: the reference is the one that an application from this device would
// have. Introducing the same person again replaces region, wishes and language, and the phone where the identity is another one's; another phone must be
// proven anew. It returns CodeNoCampaign, CodeInvalid, CodeNotEligible (no cohort ever takes this birth date), CodeReused, CodeConflict (this
// device was removed, or has given an entry up: it needs a new secret) or CodeTooMany.
func (d *Desk) Introduce(ctx context.Context, slug string, from Entrance, a *Introducing) (Received, error) {
	c, err := d.ports.Campaigns.BySlug(slug)
	if err != nil {
		return Received{}, err
	}
	if _, err := d.checkForm(c, &a.Person, a.Region, a.Wishes, a.Lang); err != nil {
		return Received{}, err
	}
	if _, err := booking.Eligible(c.Campaign, a.Person.Born, from.Received); booking.CodeOf(err) == booking.CodeNotEligible {
		return Received{}, d.refused(c, from.Door, a.Person.Born, from.Received, err)
	}
	ids, err := generations(c, a.Person)
	if err != nil {
		return Received{}, err
	}
	device := c.Keys.Device(a.Secret)
	id, err := d.whereStands(ctx, c, ids, device)
	if err != nil {
		return Received{}, err
	}
	r := Received{Entry: id, Introduced: true}
	if r.At, err = d.introduce(ctx, c, from, a, id, device); err != nil {
		return Received{}, err
	}
	r.Reference, err = c.Keys.Reference(id, device)
	return r, err
}

// introduce keeps the introduction under an id.
func (d *Desk) introduce(ctx context.Context, c *Campaign, from Entrance, a *Introducing, id booking.ID, device vault.Device) (time.Time, error) {
	p := a.Person
	text, err := json.Marshal(introducing{p.Name, p.Born.String(), p.Phone.E164(), p.Number, a.Region, a.Wishes, a.Lang})
	if err != nil {
		return time.Time{}, err
	}
	ct, err := c.Keys.SealIntroduced(id, p)
	if err != nil {
		return time.Time{}, err
	}
	return d.ports.Book.Introduce(ctx, Change{
		Campaign: c.ID, ID: id, Device: device, Operation: a.Operation, Kind: "introduce", Digest: c.Keys.Digest("introduce", text),
		Actor: from.Actor, At: from.Received,
	}, Introduction{PersonCT: ct, Phone: c.Keys.Phone(p.Phone), Region: a.Region, Wishes: a.Wishes, Lang: a.Lang})
}

// generations are the ids under which a person may stand, the first one first.
func generations(c *Campaign, p booking.Person) ([]booking.ID, error) {
	ids := make([]booking.ID, maxGenerations)
	for g := range ids {
		identity, err := booking.Identity(c.Identity, p, g)
		if err != nil {
			return nil, err
		}
		ids[g] = c.Keys.ID(identity)
	}
	return ids, nil
}

// prepared reports whether all that the device has proven is the phone with which it introduced itself.
func (h *holder) prepared() bool {
	i := h.glance.Introduced
	return i != nil && i.Proven && h.onlyIntroduced()
}

// onlyIntroduced reports whether a device that introduced itself has no application that anybody will serve: it made none, or one under an
// identity that a correction gave to an entry which has other data again.
func (h *holder) onlyIntroduced() bool {
	if h.glance.Introduced == nil || h.glance.Proven {
		return false
	}
	return !h.glance.Applied || h.glance.Entry != nil && *h.glance.Entry != h.id && Left(h.campaign, h.entry, h.id)
}

// foreseen tells a device that has proven a phone, when it introduced itself, how things stand.
func (d *Desk) foreseen(ctx context.Context, h holder) (View, error) {
	if h.glance.Entry != nil {
		var err error
		if h.entry, err = d.ports.Book.Entry(ctx, h.campaign.ID, *h.glance.Entry); err != nil {
			return View{}, err
		}
		if h.foresaw() {
			return d.overtaken(ctx, h)
		}
	}
	if !h.onlyIntroduced() { // it has applied, with another phone than the one it has proven
		return unprovenView(h.glance), nil
	}
	return d.preparedView(h)
}

// overtaken is the view of the entry itself. Once that was given up, the proof is written down at once: nothing else may come any more that
// does, and an application from this device is to be refused like those of the others that have left.
func (d *Desk) overtaken(ctx context.Context, h holder) (View, error) {
	if h.entry.Withdrawn {
		if err := d.carry(ctx, h, uuid.Nil); err != nil {
			return View{}, err
		}
	}
	return viewOf(h.campaign, h.entry)
}

// preparedView is what a device told us itself, and what it can do with it now.
func (d *Desk) preparedView(h holder) (View, error) {
	c, i := h.campaign, h.glance.Introduced
	p, err := c.Keys.OpenIntroduced(h.id, i.PersonCT)
	if err != nil {
		return View{}, err
	}
	v := View{
		Proven: true, State: StatePrepared, Next: NextNothing, ReceivedAt: i.At, AskAgain: AskAgain, Masked: booking.MaskName(p.Name),
		Region: i.Region, Wishes: i.Wishes, Zone: c.Zone,
	}
	if _, err := booking.Eligible(c.Campaign, p.Born, d.Now()); err == nil {
		v.Next = NextReapply
	}
	return v, nil
}

// carry makes the proof that came before the entry one of the entry's.
func (d *Desk) carry(ctx context.Context, h holder, op uuid.UUID) error {
	return d.ports.Book.Carry(ctx, Change{
		Campaign: h.campaign.ID, ID: h.entry.ID, Device: h.device, Operation: op, Kind: "carry", Actor: "app", At: d.Now(),
	})
}
