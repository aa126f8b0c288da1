package booking_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jari/booking"
)

func TestFailureOf(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]booking.TextFailure{
		0: booking.FailureRoute, 400: booking.FailureRoute, 401: booking.FailureProvider, 404: booking.FailureProvider,
		20003: booking.FailureProvider, 21211: booking.FailureNumber, 21408: booking.FailureRoute, 21606: booking.FailureRoute, 21610: booking.FailureNumber,
		21611: booking.FailureProvider, 21614: booking.FailureNumber, 21635: booking.FailureNumber, 30001: booking.FailureProvider, 30002: booking.FailureRoute,
		30003: booking.FailureAway, 30004: booking.FailureRoute, 30005: booking.FailureNumber, 30006: booking.FailureNumber, 30007: booking.FailureRoute,
		30008: booking.FailureRoute, 30036: booking.FailureExpired, 30410: booking.FailureProvider, 30450: booking.FailureAway, 99999: booking.FailureRoute,
	} {
		if got := booking.FailureOf(code); got != want {
			t.Errorf("code %d is %s, want %s", code, got, want)
		}
	}
}

func TestAfterFailure(t *testing.T) {
	t.Parallel()
	const provider, route, away, number, expired = booking.FailureProvider, booking.FailureRoute, booking.FailureAway, booking.FailureNumber, booking.FailureExpired
	for name, test := range map[string]struct {
		failures []booking.TextFailure
		another  bool
		useful   time.Duration
		next     booking.NextTry
		wait     time.Duration
	}{
		"filtered, another number":       {failures: []booking.TextFailure{route}, another: true, next: booking.TryRoute},
		"filtered, no other number":      {failures: []booking.TextFailure{route}, next: booking.TryCall},
		"switched off":                   {failures: []booking.TextFailure{away}, another: true, next: booking.TryLater, wait: time.Hour},
		"switched off twice":             {failures: []booking.TextFailure{away, away}, another: true, next: booking.TryCall},
		"switched off, soon of no use":   {failures: []booking.TextFailure{away}, another: true, useful: time.Hour, next: booking.TryCall},
		"a fixed line":                   {failures: []booking.TextFailure{number}, another: true, next: booking.TryCall},
		"trouble":                        {failures: []booking.TextFailure{provider}, another: true, next: booking.TryLater, wait: 5 * time.Minute},
		"trouble, soon of no use":        {failures: []booking.TextFailure{provider}, another: true, useful: time.Minute, next: booking.TryRoute},
		"trouble twice":                  {failures: []booking.TextFailure{provider, provider}, another: true, next: booking.TryRoute},
		"trouble twice, no other number": {failures: []booking.TextFailure{provider, provider}, next: booking.TryLater, wait: 30 * time.Minute},
		"trouble three times":            {failures: []booking.TextFailure{provider, provider, provider}, next: booking.TryCall},
		"expired":                        {failures: []booking.TextFailure{expired}, next: booking.TryLater},
		"expired twice":                  {failures: []booking.TextFailure{expired, expired}, next: booking.TryCall},
		"filtered, then switched off":    {failures: []booking.TextFailure{route, away}, next: booking.TryLater, wait: time.Hour},
		"often enough":                   {failures: []booking.TextFailure{route, route, away, route}, another: true, next: booking.TryCall},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if next, wait := booking.AfterFailure(test.failures, test.another, test.useful); next != test.next || wait != test.wait {
				t.Errorf("got %d after %s, want %d after %s", next, wait, test.next, test.wait)
			}
		})
	}
}

// Whatever happens, a message ends with a call after a few copies, and no copy is sent when it would be of no use.
func TestEveryLadderEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		left := rapid.IntRange(0, 3).Draw(t, "other numbers")
		useful := time.Duration(rapid.IntRange(0, 7200).Draw(t, "useful")) * time.Second
		var failures []booking.TextFailure
		for copies := 1; ; copies++ {
			if copies > 4 {
				t.Fatal("sent more than four times")
			}
			failures = append(failures, booking.TextFailure(rapid.IntRange(1, 5).Draw(t, "failure")))
			next, wait := booking.AfterFailure(failures, left > 0, useful)
			if next == booking.TryCall {
				return
			}
			if next == booking.TryRoute {
				if left--; left < 0 {
					t.Fatal("another number was tried, and there is none")
				}
			}
			if useful != 0 && wait >= useful {
				t.Fatal("waits until it is of no use")
			}
			if failures[len(failures)-1] == booking.FailureNumber {
				t.Fatal("tries a number that no text reaches")
			}
		}
	})
}
