package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"jari/booking"
)

// Route is one of our numbers at a provider, by which texts go to the phones of some countries. Its name stands with every attempt, so it must
// keep its meaning from one start of the program to the next.
type Route struct {
	Name     string
	Sender   Sender
	Prefixes []string // of the phones that may be texted by it, such as "+82"; none: every phone
	// PerSecond is how many texts the provider takes from this number in a second; 0: as many as we hand over. A short code takes about 100, a
	// long number 1 (Twilio).
	PerSecond int
	// QueueMost is how many texts that the provider has not passed on yet may wait with it; 0: any number. What waits there can no longer be
	// overtaken by a more urgent text, and dies after some hours (four at Twilio).
	QueueMost int
}

// Routes are all the ways by which texts leave, the one to be tried first at the head.
type Routes []Route

// For finds the first route to a phone that has not been tried; ok is false when there is none.
func (r Routes) For(to booking.Phone, tried []string) (Route, bool) {
	i := slices.IndexFunc(r, func(one Route) bool { return one.Reaches(to) && !slices.Contains(tried, one.Name) })
	if i < 0 {
		return Route{}, false
	}
	return r[i], true
}

// Named finds a route by its name; ok is false when it is no longer there.
func (r Routes) Named(name string) (Route, bool) {
	i := slices.IndexFunc(r, func(one Route) bool { return one.Name == name })
	if i < 0 {
		return Route{}, false
	}
	return r[i], true
}

// Reaches reports whether texts to a phone may go this way.
func (r Route) Reaches(to booking.Phone) bool {
	return len(r.Prefixes) == 0 || slices.ContainsFunc(r.Prefixes, func(p string) bool { return strings.HasPrefix(to.E164(), p) })
}

// Cover reports whether every phone whose number begins with a prefix is reached by one of the routes.
func (r Routes) Cover(prefix string) bool {
	return slices.ContainsFunc(r, func(one Route) bool {
		return len(one.Prefixes) == 0 || slices.ContainsFunc(one.Prefixes, func(p string) bool { return strings.HasPrefix(prefix, p) })
	})
}

// ReceivedText is a text from a person as a provider's log has it.
type ReceivedText struct {
	IncomingText
	To string // our number, as the provider writes it
	// At is when the provider had it, by its clock and to the second at best.
	At time.Time
}

// Log is a provider's own list of the texts that people sent to us: after an outage it has those that could not be handed to us. Implementations
// are safe for concurrent use and never log a number or a body.
type Log interface {
	// Received returns the texts to our number that the provider had at or after since and before until, by its clock and in whole seconds (of a
	// second that has begun, all), the oldest first; those of one second in the order in which the provider has them. What nobody could be answered
	// to (a short code, a name) is left out. The answer is whole, or it is an error. Providers list with a delay of seconds: what arrived just now
	// may be missing.
	Received(ctx context.Context, since, until time.Time) ([]ReceivedText, error)
}
