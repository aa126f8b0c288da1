package client

import "jari/mobile-contract/contract"

// An answer may hold words that this client does not know yet. Each is kept as it came, and shown as the contract says.

func known[T interface{ Valid() bool }](v, otherwise T) T {
	if v.Valid() {
		return v
	}
	return otherwise
}

// ShownState is where the entry stands, in words that are known here.
func ShownState(v contract.State) contract.State { return known(v, contract.StateWaiting) }

// ShownNext is what the person can do now.
func ShownNext(v contract.Next) contract.Next { return known(v, contract.NextNothing) }

// ShownAppointment is what became of an appointment. Where it is not known, the number to call is shown as well.
func ShownAppointment(v contract.AppointmentState) contract.AppointmentState {
	return known(v, contract.AppointmentStateCancelled)
}

// ShownOrder is how a cohort is served.
func ShownOrder(v contract.CohortOrder) contract.CohortOrder {
	return known(v, contract.CohortOrderArrival)
}

// ShownMode tells a rehearsal from the real thing.
func ShownMode(v contract.Mode) contract.Mode { return known(v, contract.ModeRehearsal) }

// ShownRate says what is known of a queue's pace.
func ShownRate(v contract.QueueRateState) contract.QueueRateState {
	return known(v, contract.QueueRateStateTooFewRounds)
}

// ShownStamp is what became of a stamp.
func ShownStamp(v contract.StampOutcome) contract.StampOutcome {
	return known(v, contract.StampOutcomeInvalid)
}

// ShownReason is what is wrong with a field.
func ShownReason(v contract.FieldReason) contract.FieldReason {
	return known(v, contract.FieldReasonValue)
}
