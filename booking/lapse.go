package booking

import "time"

// longestLapse bounds how far LapsesAt looks ahead: whatever is quiet for so long never ends.
const longestLapse = 366 * 24 * time.Hour

// Quiet reports whether no unasked text is sent at the hour of a local time, and offers do not lapse.
func (l Limits) Quiet(local time.Time) bool {
	h := local.Hour()
	if l.QuietFrom <= l.QuietTo {
		return h >= l.QuietFrom && h < l.QuietTo
	}
	return h >= l.QuietFrom || h < l.QuietTo
}

// LapsesAt is when an offer that was delivered at an instant lapses: the lapse later, quiet hours of the zone not counted. It is
// false when the clock never runs out: for a lapse of zero, or where every hour is quiet.
func LapsesAt(delivered time.Time, lapse time.Duration, l Limits, zone *time.Location) (time.Time, bool) {
	l = l.WithDefaults()
	if lapse <= 0 {
		return time.Time{}, false
	}
	at, left := delivered, lapse
	for at.Sub(delivered) < longestLapse {
		next := nextHour(at.In(zone))
		if l.Quiet(at.In(zone)) {
			at = next
			continue
		}
		if step := next.Sub(at); step < left {
			at, left = next, left-step
			continue
		}
		return at.Add(left), true
	}
	return time.Time{}, false
}

// nextHour is when the local clock next shows a whole hour; quiet hours begin and end then. Where clocks are changed by part of
// an hour the step is as long as until the next change of the shown hour.
func nextHour(local time.Time) time.Time {
	rest := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	return local.Add(time.Hour - rest)
}
