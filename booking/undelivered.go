package booking

import "time"

// TextFailure says why a text did not arrive, as far as it decides what is tried next.
type TextFailure int

const (
	// FailureProvider is the provider's own trouble: its queue is full, its account does not work, a network is down.
	FailureProvider TextFailure = iota + 1
	// FailureRoute means that this number of ours does not get through: filtered, blocked, not known to one carrier.
	FailureRoute
	// FailureAway means that the phone cannot be reached or is full for now.
	FailureAway
	// FailureNumber means that no text will ever reach the number: a fixed line, nobody's, or its owner opted out.
	FailureNumber
	// FailureExpired means that the text waited with the provider for longer than it may.
	FailureExpired
)

// String is one word for agents and for the trail.
func (f TextFailure) String() string {
	if f < FailureProvider || f > FailureExpired {
		return "unknown"
	}
	return [...]string{"", "provider", "route", "away", "number", "expired"}[f]
}

// FailureOf classifies a code: one of Twilio's (https://www.twilio.com/docs/api/errors), into which other providers' adapters turn their own
// words, or an HTTP status of a refusal. Twilio adds codes at any time and asks not to rely on them. So a code that is not known is taken for this number's failure: another number
// of ours may get through, and where there is none a person calls. Nothing is ever dropped by it.
func FailureOf(code int) TextFailure {
	switch code {
	case 401, 403, 404, 408, 429, // of a refusal without a code: the account, not the text
		20003, 20005, 20404, 20429, // not authenticated, account not active, not found, too many requests
		14107, 21611, 30001, // our texts wait in a queue that is full
		30017, 30410: // the carrier's network is congested, or does not answer
		return FailureProvider
	case 30003, // unreachable: switched off, no signal, full
		30450, 30453: // held back for some minutes, because somebody may be making money with our texts
		return FailureAway
	case 21211, 21214, 21217, 21401, 21421, // no number
		21614, 21635, 30006, // a fixed line
		21610, // opted out
		30005: // unknown, or out of service
		return FailureNumber
	case 30036: // validity period over
		return FailureExpired
	}
	// Among the known ones: 21408 region off, 21606 and 21612 not with this number of ours, 30002 account suspended, 30004 blocked, 30007
	// filtered, 30008 unknown, 30024 and 30032 to 30042 not registered with the carrier.
	return FailureRoute
}

// NextTry is what follows a text that did not arrive.
type NextTry int

const (
	// TryCall ends the tries by text.
	TryCall NextTry = iota
	// TryRoute sends it by another number of ours, at once.
	TryRoute
	// TryLater sends it once more after a wait.
	TryLater
)

const (
	// mostCopies bounds how often one message is sent although each copy is known to have failed: copies cost money, and a call is surer.
	mostCopies = 4
	// afterTrouble and afterAway are the waits before another copy.
	afterTrouble = 5 * time.Minute
	longTrouble  = 30 * time.Minute
	afterAway    = time.Hour
)

// AfterFailure decides what follows the last of a message's failures, of which there is at least one; the earliest stands first. another says that a number of
// ours is left which reaches the phone, useful how long the text is still of use (0: without end).
func AfterFailure(failures []TextFailure, another bool, useful time.Duration) (NextTry, time.Duration) {
	last, same := failures[len(failures)-1], 0
	for _, f := range failures {
		if f == last {
			same++
		}
	}
	otherwise := TryCall
	if another {
		otherwise = TryRoute
	}
	next, wait := otherwise, time.Duration(0)
	switch {
	case len(failures) >= mostCopies || last == FailureNumber:
		next = TryCall
	case last == FailureProvider && same == 1:
		next, wait = TryLater, afterTrouble
	case last == FailureProvider && same == 2 && !another:
		next, wait = TryLater, longTrouble
	case last == FailureAway && same == 1:
		next, wait = TryLater, afterAway
	case last == FailureAway:
		next = TryCall // the phone is away for all numbers of ours
	case last == FailureExpired && same == 1 && !another:
		next = TryLater
	}
	if next == TryLater && useful != 0 && wait >= useful {
		if last == FailureAway {
			otherwise = TryCall
		}
		next, wait = otherwise, 0
	}
	return next, wait
}
