package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Check is one promise of the contract, and how it is tried.
type Check struct {
	Name     string // what --only names
	Area     string
	Proves   string
	Sentence string // of the contract, word for word

	needs need
	run   func(*trial)
}

// need says what a check cannot do without.
type need uint8

const (
	needNothing need = 0
	needSandbox need = 1 << iota // texts must be read
	needClock                    // the clock is moved for everybody: tried alone, after all others
)

// Checks lists all checks in the order of the table. The last four judge the answers that the others were given.
func Checks() []Check {
	return slices.Concat(documentChecks(), formChecks(), applyChecks(), strangerChecks(), stampChecks(), syncChecks(), syncPartChecks(), clientChecks(),
		proofChecks(), holderChecks(), deviceChecks(), nightChecks(), everyAnswerChecks())
}

// chosen are the checks that only names; all of them when it names none.
func chosen(only []string) ([]Check, error) {
	all := Checks()
	if len(only) == 0 {
		return all, nil
	}
	for _, name := range only {
		if !slices.ContainsFunc(all, func(c Check) bool { return c.Name == name }) {
			return nil, fmt.Errorf("there is no check %q; there are %s", name, names(all))
		}
	}
	return slices.DeleteFunc(all, func(c Check) bool { return !c.everyAnswer() && !slices.Contains(only, c.Name) }), nil
}

// everyAnswer reports whether the check judges what the others were answered; such a check is part of every run.
func (c Check) everyAnswer() bool { return c.run == nil }

func names(checks []Check) string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = c.Name
	}
	return strings.Join(out, ", ")
}
