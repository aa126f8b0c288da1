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

// WeekGone is the Monday of an instant's week, and how much of the week's hours that are not quiet has passed then: from 0 to 1, and 0 where
// every hour is quiet.
func WeekGone(at time.Time, l Limits, zone *time.Location) (monday Date, gone float64) {
	l = l.WithDefaults()
	local := at.In(zone)
	monday = DateOf(at, zone).Add(-(int(local.Weekday()) + 6) % 7)
	var passed, all time.Duration
	end := monday.Add(7)
	for hour := monday.In(zone); DateOf(hour, zone).Before(end); {
		next := nextHour(hour)
		if !l.Quiet(hour) {
			all += next.Sub(hour)
			passed += min(max(0, at.Sub(hour)), next.Sub(hour))
		}
		hour = next
	}
	if all == 0 {
		return monday, 0
	}
	return monday, float64(passed) / float64(all)
}
