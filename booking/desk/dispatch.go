package desk

import (
	"time"

	"jari/booking"
	"jari/booking/words"
)

// Turn names a message and which handing-over to the workers this is. An earlier turn of the message finds that its number no longer fits, and
// does nothing.
type Turn struct {
	Message int64
	N       int
}

// Released is a message on its way to the workers.
type Released struct {
	Turn
	Kind   words.Kind
	Urgent bool
	Route  string // by which it goes; "" while that is not decided
}

// Letter is a claimed message with everything that its text speaks of.
type Letter struct {
	Route  Route
	Urgent bool
	Kind   words.Kind
	Lang   booking.Lang
	Data   words.Data
	Text   OutgoingText // without its body, which is made of the rest
	Before time.Time    // when the provider must have been called at the latest; afterwards somebody else may take the message for lost
}
