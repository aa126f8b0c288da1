package desk

import (
	"context"

	"github.com/google/uuid"

	"jari/booking"
)

// Marking says whether somebody came to their appointment.
type Marking struct {
	Operation uuid.UUID
	Ticket    string
	To        booking.AppointmentState // Attended or Missed
}

// Mark writes down whether a person came. Only agents do, who are trusted and named in the audit trail. In a series, the next
// appointment waits after an attended one, and the same again after a missed one. It returns CodeNoCampaign, CodeInvalid (no such
// ticket, or neither attended nor missed), CodeReused, or CodeConflict (nothing to mark, or it is too early to say).
func (d *Desk) Mark(ctx context.Context, from Entrance, slug string, in Marking) error {
	if in.To != booking.Attended && in.To != booking.Missed {
		return booking.Invalid("/outcome")
	}
	c, id, err := d.ByTicket(ctx, slug, in.Ticket)
	if booking.CodeOf(err) == booking.CodeUnauthorized {
		return booking.Invalid("/ticket")
	}
	if err != nil {
		return err
	}
	change, err := d.change(holder{campaign: c, entry: Entry{ID: id}}, from, in.Operation, "mark", in.To)
	if err != nil {
		return err
	}
	return d.ports.Book.Mark(ctx, change, in.To)
}
