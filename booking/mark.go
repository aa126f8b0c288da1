package booking

import "time"

// CanMark reports whether it can be said already that somebody attended (from the beginning of the slot's day in the zone on, for
// who comes early) or missed (from the slot's end on) an appointment.
func CanMark(to AppointmentState, starts, ends, now time.Time, zone *time.Location) bool {
	switch to {
	case Attended:
		return !DateOf(now, zone).Before(DateOf(starts, zone))
	case Missed:
		return !now.Before(ends)
	}
	return false
}

// NextDose is which appointment of a person's series follows an attended one; 0 when it was the last, or there is no series.
func (s *Series) NextDose(attended int) int {
	if s == nil || attended < 1 || attended >= s.Doses {
		return 0
	}
	return attended + 1
}
