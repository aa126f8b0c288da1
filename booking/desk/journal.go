package desk

import (
	"context"
	"fmt"
	"time"

	"jari/booking"
)

// KeepJournalled stores a text that waited in a door's journal, with the arrival that it was written down with. fresh is
// false when it had reached the database after all. It returns CodeNoCampaign when its campaign is not here and CodeInvalid
// when it came in at a door that keeps no texts; any error means that it was not stored.
func (d *Desk) KeepJournalled(ctx context.Context, in Inbound) (id int64, fresh bool, err error) {
	if in.Door != DoorSMS {
		return 0, false, booking.Fail(booking.CodeInvalid, fmt.Errorf("a record of the door %q, which this program does not replay", in.Door))
	}
	c, err := d.campaigns.ByID(in.Campaign)
	if err != nil {
		return 0, false, err
	}
	in.ID, in.Handled, in.Via, in.Arrival = 0, false, ViaJournal, in.Arrival.Truncate(time.Microsecond)
	in.PhoneHash = c.Keys.Lookup(booking.LookupText(booking.LookupPhone, booking.Person{Phone: in.From}))
	return d.phones.Keep(ctx, in)
}

// CreditByText counts a text for somebody who was registered by a later one and whose texts were handled first: the entry
// takes the earlier arrival. It moves an entry that stands and makes none. Whoever gave up after the text had come asked
// for nothing more by it, and one that came when the person could not apply yet changes nothing.
func (d *Desk) CreditByText(ctx context.Context, in Inbound, a Applying) error {
	c, err := d.campaigns.ByID(in.Campaign)
	if err != nil {
		return err
	}
	at := in.Arrival.Truncate(time.Microsecond)
	cohort, err := booking.Eligible(c.Campaign, a.Person.Born, at)
	if err != nil {
		return nil //nolint:nilerr // a refusal: this contact gives no arrival
	}
	app := Application{
		Campaign: c.ID, Version: c.Version, Queue: c.Queues[cohort.Queue].ID, Cohort: cohort.Code,
		Arrival: at, Told: at, Via: in.Via, Door: DoorSMS, Actor: actorPhone, Region: a.Region, Lang: a.Lang, Verify: cohort.Verify,
	}
	for ; app.Generation < maxGenerations; app.Generation++ {
		identity, err := booking.Identity(c.Identity, a.Person, app.Generation)
		if err != nil {
			return nil //nolint:nilerr // nobody can have been registered with this
		}
		id := c.Keys.ID(identity)
		// Storing under an id that stands never makes an entry, whatever happens to it meanwhile.
		if _, err := d.book.Entry(ctx, c.ID, id); booking.CodeOf(err) == booking.CodeUnauthorized {
			return nil
		} else if err != nil {
			return err
		}
		got, _, err := d.storeAs(ctx, c, app, id, a.Person)
		if err != nil || !got.Freed || !at.After(got.FreedAt) {
			return err
		}
	}
	return nil
}
