package db_test

import (
	"testing"

	"jari/booking"
	"jari/db/dbtest"
)

// The database's table of transitions and the rules' must say the same.
func TestTheDatabaseHoldsTheSameTransitionsAsTheRules(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, from := range booking.States() {
		for _, to := range booking.States() {
			var there bool
			d.Scan(t, `SELECT EXISTS (SELECT FROM appointment_transition WHERE from_state = $1 AND to_state = $2)`, []any{from, to}, &there)
			if there != from.CanBecome(to) {
				t.Errorf("%s → %s: database %t, rules %t", from, to, there, from.CanBecome(to))
			}
		}
	}
	var others int
	d.Scan(t, `SELECT count(*) FROM appointment_transition WHERE from_state = '' AND to_state <> 'offered'`, nil, &others)
	if others != 0 {
		t.Errorf("%d ways for an appointment to begin other than as an offer", others)
	}
}
