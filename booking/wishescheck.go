package booking

import (
	"fmt"
	"slices"
	"time"
)

// Limits of wishes beside MaxWishedSites and MaxHousehold.
const (
	MaxWishedKm     = 500 // kilometres
	MaxWishedTimes  = 4   // parts of the day
	MaxWishedNeeds  = 8
	MaxWishedNotice = 720 // hours: a month
	minuteEnd       = 24 * 60
	leastCode       = 6 // of a household's code, in characters
	mostCode        = 64
)

// CheckWishes says whether a campaign can be asked for this: every site and need is one that it has, every number is within
// its limits, and no two wishes contradict each other in such a way that nothing could ever fulfil both. region is the person's
// region, "" when none was given; whether the campaign has it is not looked at. It depends on nothing but its arguments, so
// that a refusal tells nothing about anybody.
//
// It returns CodeInvalid with the JSON pointer of the wish that does not fit: "/wishes/…", or "/region" when a distance is
// wished for and nobody knows from where.
func CheckWishes(c *Campaign, region string, w Wishes) error {
	if w.None() {
		return nil
	}
	for _, check := range []func(*Campaign, Wishes) *Error{checkSites, checkDays, checkTimes, checkNeeds, checkHousehold} {
		if err := check(c, w); err != nil {
			return err
		}
	}
	switch {
	case w.Notice < 0 || w.Notice > MaxWishedNotice:
		return Invalid("/wishes/notice_hours")
	case w.MaxKm < 0 || w.MaxKm > MaxWishedKm || w.MaxKm > 0 && len(w.Sites) > 0:
		return Invalid("/wishes/max_km") // whoever names the sites has said how far
	case w.MaxKm > 0 && region == "":
		return Invalid("/region")
	}
	return nil
}

// item is the pointer of one element of a list of wishes.
func item(list string, i int) *Error { return Invalid(fmt.Sprintf("/wishes/%s/%d", list, i)) }

func checkSites(c *Campaign, w Wishes) *Error {
	if len(w.Sites) > MaxWishedSites {
		return Invalid("/wishes/sites")
	}
	for i, code := range w.Sites {
		if _, ok := c.Site(code); !ok || slices.Contains(w.Sites[:i], code) {
			return item("sites", i)
		}
	}
	return nil
}

// checkDays refuses days that never come: an end before the beginning, and a range without any of the days of the week.
func checkDays(_ *Campaign, w Wishes) *Error {
	for i, d := range w.Weekdays {
		if d < time.Sunday || d > time.Saturday || slices.Contains(w.Weekdays[:i], d) {
			return item("weekdays", i)
		}
	}
	if w.NotBefore.IsZero() || w.NotAfter.IsZero() {
		return nil
	}
	if w.NotAfter.Before(w.NotBefore) {
		return Invalid("/wishes/not_after")
	}
	if len(w.Weekdays) == 0 {
		return nil
	}
	for n := range min(7, w.NotAfter.Since(w.NotBefore)+1) {
		if slices.Contains(w.Weekdays, w.NotBefore.Add(n).UTC().Weekday()) {
			return nil
		}
	}
	return Invalid("/wishes/weekdays")
}

func checkTimes(_ *Campaign, w Wishes) *Error {
	if len(w.Times) > MaxWishedTimes {
		return Invalid("/wishes/times")
	}
	for i, t := range w.Times {
		if t.From < 0 || t.From >= t.To || t.To > minuteEnd || slices.Contains(w.Times[:i], t) {
			return item("times", i)
		}
	}
	return nil
}

// checkNeeds refuses what no site has, and what no site of those wished for has all of.
func checkNeeds(c *Campaign, w Wishes) *Error {
	if len(w.Needs) > MaxWishedNeeds {
		return Invalid("/wishes/needs")
	}
	for i, tag := range w.Needs {
		known := slices.ContainsFunc(c.Sites, func(s Site) bool { return slices.Contains(s.Tags, tag) })
		if !known || slices.Contains(w.Needs[:i], tag) {
			return item("needs", i)
		}
	}
	fits := func(s Site) bool {
		return (len(w.Sites) == 0 || slices.Contains(w.Sites, s.Code)) &&
			!slices.ContainsFunc(w.Needs, func(tag string) bool { return !slices.Contains(s.Tags, tag) })
	}
	if len(w.Needs) > 0 && !slices.ContainsFunc(c.Sites, fits) {
		return Invalid("/wishes/needs")
	}
	return nil
}

func checkHousehold(_ *Campaign, w Wishes) *Error {
	h := w.Household
	switch {
	case h == nil:
		return nil
	case h.Size < 2 || h.Size > MaxHousehold:
		return Invalid("/wishes/household/size")
	case len(h.Code) < leastCode || len(h.Code) > mostCode || !codeSigns(h.Code):
		return Invalid("/wishes/household/code")
	}
	return nil
}

func codeSigns(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
