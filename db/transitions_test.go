package db_test

import (
	"os"
	"regexp"
	"testing"

	"jari/booking"
	"jari/db/dbtest"
)

// The database's table of transitions, the rules' and the page in the documentation must say the same.
func TestTheDatabaseHoldsTheSameTransitionsAsTheRules(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	drawn := drawnSteps(t)
	states := append([]booking.AppointmentState{""}, booking.States()...)
	for _, from := range states {
		for _, to := range states {
			var there bool
			d.Scan(t, `SELECT EXISTS (SELECT FROM appointment_transition WHERE from_state = $1 AND to_state = $2)`, []any{from, to}, &there)
			rule := from.CanBecome(to) || from == "" && to == booking.Offered
			if there != rule || drawn[[2]string{string(from), string(to)}] != rule {
				t.Errorf("%q → %q: database %t, docs/states.md %t, rules %t", from, to, there, drawn[[2]string{string(from), string(to)}], rule)
			}
		}
	}
	var others int
	d.Scan(t, `SELECT count(*) FROM appointment_transition`, nil, &others)
	if others != len(booking.Steps()) || len(drawn) != others {
		t.Errorf("%d transitions in the database, %d on the page, %d in the rules", others, len(drawn), len(booking.Steps()))
	}
}

// drawnSteps reads the table of docs/states.md.
func drawnSteps(t *testing.T) map[[2]string]bool {
	t.Helper()
	page, err := os.ReadFile("../docs/states.md")
	if err != nil {
		t.Fatal(err)
	}
	out := map[[2]string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\(new\)|[a-z]+) \| ([a-z]+) \| `).FindAllStringSubmatch(string(page), -1) {
		from := m[1]
		if from == "(new)" {
			from = ""
		}
		if m[1] != "from" {
			out[[2]string{from, m[2]}] = true
		}
	}
	return out
}
