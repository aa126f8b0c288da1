package booking

import "slices"

// Brake names a part of the work that an operator can stop and let go on, each by itself and for one campaign.
type Brake string

// The brakes. What stands still is done later, and done once.
const (
	BrakeIntake  Brake = "intake"  // new applications are refused as under overload: each keeps its arrival
	BrakeRounds  Brake = "rounds"  // nobody is given an appointment by a round
	BrakeSending Brake = "sending" // no text leaves, of whatever kind
	BrakeCalls   Brake = "calls"   // no call is made
)

// Brakes lists all of them, in the order in which they are shown.
func Brakes() []Brake { return []Brake{BrakeIntake, BrakeRounds, BrakeSending, BrakeCalls} }

// ParseBrake reads a brake's name. It returns CodeInvalid for another word.
func ParseBrake(s string) (Brake, error) {
	if b := Brake(s); slices.Contains(Brakes(), b) {
		return b, nil
	}
	return "", Fail(CodeInvalid, nil)
}
