package booking

import "slices"

// AppointmentState is where an appointment stands.
type AppointmentState string

const (
	Offered   AppointmentState = "offered"
	Confirmed AppointmentState = "confirmed"
	Attended  AppointmentState = "attended"
	Missed    AppointmentState = "missed"
	Declined  AppointmentState = "declined"
	Lapsed    AppointmentState = "lapsed"
	Cancelled AppointmentState = "cancelled"
)

// transitions is the whole life of an appointment. The database holds the same table (migration 00001), and a test
// compares the two.
var transitions = map[AppointmentState][]AppointmentState{
	Offered:   {Confirmed, Declined, Lapsed, Cancelled, Attended, Missed},
	Confirmed: {Declined, Cancelled, Attended, Missed},
}

// States lists every state in the order of a life.
func States() []AppointmentState {
	return []AppointmentState{Offered, Confirmed, Attended, Missed, Declined, Lapsed, Cancelled}
}

// CanBecome reports whether an appointment may go from one state to the next. A silent offer stays valid, so somebody
// who comes without having confirmed has attended.
func (s AppointmentState) CanBecome(next AppointmentState) bool {
	return slices.Contains(transitions[s], next)
}

// Holds reports whether the appointment occupies its slot.
func (s AppointmentState) Holds() bool {
	return s == Offered || s == Confirmed || s == Attended || s == Missed
}

// Open reports whether the person still has this appointment ahead.
func (s AppointmentState) Open() bool { return s == Offered || s == Confirmed }
