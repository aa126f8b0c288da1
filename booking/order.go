package booking

import (
	"bytes"
	"cmp"
	"time"
)

// ID is a registration's id: the keyed hash of the person's identity, cut to 16 bytes. Two applications of one person
// in one campaign have the same id, which is how the database holds "one person, one place" with a single index.
// 128 bits are enough: among 50 million people the chance of any collision is below 1 in 10^23.
type ID [16]byte

// OrderKey is a total order over the registrations of a pool. It alone decides who is served first.
type OrderKey struct {
	Arrival time.Time // our clock, microseconds
	Tie     int64     // keyed hash of the registration, so that equal arrivals favour nobody who could plan for it
	ID      ID
}

// Compare is negative when a stands before b.
func (a OrderKey) Compare(b OrderKey) int {
	if c := a.Arrival.Compare(b.Arrival); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Tie, b.Tie); c != 0 {
		return c
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}
