package booking

import "time"

// Calls reports whether the announcement tells somebody born on the day that they may apply at the instant.
func (a *Announcement) Calls(born Date, at time.Time) bool {
	return !born.Before(a.BornFrom) && !a.BornTo.Before(born) && bornOn(a.BirthDigits, born) && !at.Before(a.Opens) && at.Before(a.Closes)
}

// WronglyRefused reports whether the campaign refuses somebody at an instant at which the public was told that this person
// may apply. It is false for a campaign that says nothing about what was announced. In July 2021 such a refusal went on for
// six hours before it was noticed: so whoever refuses an application asks this, and raises the alarm.
func WronglyRefused(c *Campaign, born Date, at time.Time) bool {
	for i := range c.Announced {
		if c.Announced[i].Calls(born, at) {
			_, err := Eligible(c, born, at)
			return err != nil
		}
	}
	return false
}
