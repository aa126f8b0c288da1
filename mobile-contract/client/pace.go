package client

import "time"

// Pauses after which the same is sent again.
const (
	firstPause = 2 * time.Second
	mostPause  = 5 * time.Minute
	mostAsked  = 24 * time.Hour // however long the server asks for
	fullPause  = time.Minute    // while nothing can be stored
	longAway   = 24 * time.Hour // when there is nothing to do
)

// grown is the pause after so many failures in a row: it doubles up to mostPause, and is drawn from its upper half, so that those who failed
// together do not come back together.
func grown(tries int, dice float64) time.Duration {
	d := mostPause
	if tries < 8 { // 2 s * 2^7 is within it
		d = firstPause << max(0, tries-1)
	}
	return d/2 + time.Duration(dice*float64(d/2))
}

// asked is the pause that the server asked for, in seconds, and up to a quarter more.
func asked(seconds int, dice float64) time.Duration {
	d := min(mostAsked, time.Duration(max(1, min(seconds, int(mostAsked/time.Second))))*time.Second)
	return d + time.Duration(dice*float64(d/4))
}

// longest bounds every pause, whatever an answer or a file says: an opening is at most a year away.
const longest = 400 * 24 * time.Hour
