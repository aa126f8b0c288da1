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
