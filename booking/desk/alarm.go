package desk

import (
	"time"

	"jari/booking"
)

// Alarm hears of refusals that ought not to have happened. It is called while somebody waits for an answer: it must return at
// once, and it cannot fail.
type Alarm interface {
	// WronglyRefused says that a door refused somebody who, by what was announced, may apply. Nothing of the person is told.
	WronglyRefused(c *Campaign, door Door)
}

// refused passes a refusal on, and raises the alarm when the public was told otherwise. at is the instant by which the refusal
// was decided, of our clock.
func (d *Desk) refused(c *Campaign, door Door, born booking.Date, at time.Time, err error) error {
	if d.ports.Alarm == nil {
		return err
	}
	switch booking.CodeOf(err) {
	case booking.CodeNotEligible, booking.CodeNotOpenYet, booking.CodeClosed:
		if booking.WronglyRefused(c.Campaign, born, at) {
			d.ports.Alarm.WronglyRefused(c, door)
		}
	}
	return err
}
