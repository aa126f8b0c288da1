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

// Step is one thing that may happen to an appointment.
type Step struct {
	From AppointmentState // "" for a new one
	To   AppointmentState
	Who  string // who may do it, in words
	Told string // the message's kind that the person gets; "" for none, because the person was there
}

// Steps is the whole life of an appointment, in the order of a life. The database holds the same table (migration 00001) and
// docs/states.md shows it; tests compare the three.
func Steps() []Step {
	const person, site = "the person", "the site, through an agent"
	return []Step{
		{"", Offered, "a round; a move to another slot", "offer"},
		{Offered, Confirmed, person, "confirmed"},
		{Offered, Declined, person, "declined"},
		{Offered, Lapsed, "the clock, where the cohort lets silence end an offer", "lapsed"},
		{Offered, Cancelled, "the person (withdraws, or gets the other time that was wished for); an operator (a site closes or shrinks, a series is shifted)", "cancelled"},
		{Offered, Attended, site, ""},
		{Offered, Missed, site, "missed"},
		{Confirmed, Declined, person, "declined"},
		{Confirmed, Cancelled, "as from offered", "cancelled"},
		{Confirmed, Attended, site, ""},
		{Confirmed, Missed, site, "missed"},
	}
}

// States lists every state in the order of a life.
func States() []AppointmentState {
	return []AppointmentState{Offered, Confirmed, Attended, Missed, Declined, Lapsed, Cancelled}
}

// CanBecome reports whether an appointment may go from one state to the next. A silent offer stays valid, so somebody
// who comes without having confirmed has attended.
func (s AppointmentState) CanBecome(next AppointmentState) bool {
	return s != "" && slices.ContainsFunc(Steps(), func(t Step) bool { return t.From == s && t.To == next })
}

// Holds reports whether the appointment occupies its slot.
func (s AppointmentState) Holds() bool {
	return s == Offered || s == Confirmed || s == Attended || s == Missed
}

// Open reports whether the person still has this appointment ahead.
func (s AppointmentState) Open() bool { return s == Offered || s == Confirmed }
