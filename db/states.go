package db

// holds are the states in which an appointment occupies its slot, in SQL; booking.AppointmentState.Holds is the rule.
const holds = `('offered', 'confirmed', 'attended', 'missed')`

// served are the states in which a person needs no other appointment of the same dose; over are all others, with a missed
// one that still uses its seat. A query that wants a person's appointments in any state names both lists with OR: each has its
// own index.
const (
	served = `('offered', 'confirmed', 'attended')`
	over   = `('missed', 'declined', 'lapsed', 'cancelled')`
)
