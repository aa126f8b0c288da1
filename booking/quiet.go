package booking

import "time"

// NotQuiet is the first instant from at on that lies outside the quiet hours; false where every hour is quiet.
func NotQuiet(at time.Time, l Limits, zone *time.Location) (time.Time, bool) {
	l = l.WithDefaults()
	for local := at.In(zone); local.Sub(at) < longestLapse; local = nextHour(local) {
		if !l.Quiet(local) {
			return local, true
		}
	}
	return time.Time{}, false
}
