package booking

import (
	"slices"
	"strings"
	"time"
)

// Eligible finds the cohort that takes a birth date at an instant of our clock.
//
// When several cohorts would take it, the one that is open wins, then the one that opens first, then the one listed
// first. The errors are CodeNotEligible (no cohort at all), CodeNotOpenYet with the opening, and CodeClosed with the
// closing. They depend on the campaign, the birth date and the clock alone, never on who has applied, so they tell
// nobody anything about a person. With CodeNotOpenYet and CodeClosed the cohort is the one that is meant, with CodeNotEligible an
// empty one. It is the campaign's own: only to be read.
func Eligible(c *Campaign, born Date, at time.Time) (*Cohort, error) {
	var next, last *Cohort
	for i := range c.Cohorts {
		k := &c.Cohorts[i]
		if !k.Takes(born) {
			continue
		}
		switch {
		case at.Before(k.Opens):
			if next == nil || k.Opens.Before(next.Opens) {
				next = k
			}
		case at.Before(k.Closes):
			return k, nil
		default:
			if last == nil || k.Closes.After(last.Closes) {
				last = k
			}
		}
	}
	switch {
	case next != nil:
		return next, &Error{Code: CodeNotOpenYet, At: next.Opens.Format(time.RFC3339), Cohort: next.Code}
	case last != nil:
		return last, &Error{Code: CodeClosed, At: last.Closes.Format(time.RFC3339), Cohort: last.Code}
	}
	return &Cohort{}, &Error{Code: CodeNotEligible}
}

// Takes reports whether the birth date belongs to the cohort.
func (k *Cohort) Takes(born Date) bool {
	return !born.Before(k.BornFrom) && !k.BornTo.Before(born) && bornOn(k.BirthDigits, born)
}

// bornOn reports whether the last digit of the day of birth is among the digits; none means all.
func bornOn(digits []int, born Date) bool {
	return len(digits) == 0 || slices.Contains(digits, born.Day%10)
}

// MayReach reports whether the campaign may send anything to the number: in a rehearsal only listed phones, and always
// only the country prefixes that the campaign allows (a code sent abroad can be a way to steal money).
func MayReach(c *Campaign, p Phone) bool {
	if c.Mode != Live && !slices.Contains(c.RehearsalPhones, p) {
		return false
	}
	return PrefixAllowed(c, p)
}

// PrefixAllowed reports whether the number's country prefix is one that the campaign serves.
func PrefixAllowed(c *Campaign, p Phone) bool {
	return slices.ContainsFunc(c.Limits.AllowedPrefixes, func(prefix string) bool {
		return strings.HasPrefix(p.E164(), prefix)
	})
}
