package sms

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// paper is a text on which everything that was understood gets blanked.
type paper struct{ text string }

const blank = " | "

// blanked is as long as what it replaces, so that positions in the text stay what they are.
func blanked(n int) string {
	if n <= len(blank) {
		return blank
	}
	return blank + strings.Repeat(" ", n-len(blank))
}

// take finds the first place where the expression matches a number of its own, and use accepts it.
func (p *paper) take(re *regexp.Regexp, use func(m []string) bool) bool {
	seen := 0
	for most := firstFew; ; most *= firstFew { // nearly always one of the first
		found := re.FindAllStringSubmatchIndex(p.text, most)
		for _, at := range found[seen:] {
			if alone(p.text, at[0], at[1]) && use(groups(p.text, at)) {
				p.text = p.text[:at[0]] + blanked(at[1]-at[0]) + p.text[at[1]:]
				return true
			}
		}
		if seen = len(found); seen < most {
			return false
		}
	}
}

const firstFew = 4

func groups(text string, at []int) []string {
	m := make([]string, len(at)/2)
	for i := range m {
		if at[2*i] >= 0 {
			m[i] = text[at[2*i]:at[2*i+1]]
		}
	}
	return m
}

// alone reports whether text[from:to] is not part of a longer number.
func alone(text string, from, to int) bool {
	if from > 0 && (isDigit(text[from-1]) || text[from-1] == '+') {
		return false
	}
	if from > 1 && text[from-1] == '-' && isDigit(text[from-2]) {
		return false
	}
	if to < len(text) && isDigit(text[to]) {
		return false
	}
	return to+1 >= len(text) || text[to] != '-' || !isDigit(text[to+1])
}

// How a birth date may be written, surest first. y, m and d say which group is what; m 0 means an English month name.
var datePatterns = []struct {
	re      *regexp.Regexp
	y, m, d int
}{
	{regexp.MustCompile(`(\d{4}|\d{2}) ?년생? ?(\d{1,2}) ?월 ?(\d{1,2}) ?일?`), 1, 2, 3},
	{regexp.MustCompile(`(\d{4}) ?[-./] ?(\d{1,2}) ?[-./] ?(\d{1,2})\.?`), 1, 2, 3},
	{regexp.MustCompile(`(?i)(\d{1,2})(?:st|nd|rd|th)? ?-?(?:of )?([a-z]{3,9})\.?,? ?-?(\d{4})`), 3, -2, 1},
	{regexp.MustCompile(`(?i)([a-z]{3,9})\.? ?(\d{1,2})(?:st|nd|rd|th)?,? ?(\d{4})`), 3, -1, 2},
	{regexp.MustCompile(`(?i)(\d{4}),? ?-?([a-z]{3,9})\.?,? ?-?(\d{1,2})(?:st|nd|rd|th)?`), 1, -2, 3},
	{regexp.MustCompile(`(\d{1,2}) ?[-./] ?(\d{1,2}) ?[-./] ?(\d{4})`), 3, 0, 0},
	{regexp.MustCompile(`(\d{4}) (\d{1,2}) (\d{1,2})`), 1, 2, 3},
	{regexp.MustCompile(`(\d{2}) ?[-./] ?(\d{1,2}) ?[-./] ?(\d{1,2})\.?`), 1, 2, 3},
	{regexp.MustCompile(`((?:18|19|20)\d{2})(\d{2})(\d{2})`), 1, 2, 3},
	{regexp.MustCompile(`(\d{2})(\d{2})(\d{2})`), 1, 2, 3},
	{regexp.MustCompile(`(\d{2}) (\d{1,2}) (\d{1,2})`), 1, 2, 3},
}

// birth finds the birth date. With a year of two digits whose century is open it returns YYMMDD instead. A date that
// cannot be (30 February, tomorrow) is blanked and counts as none, so that it is asked for.
func (p *paper) birth(c *booking.Campaign, today booking.Date) (born booking.Date, short string) {
	for _, pattern := range datePatterns {
		found := p.take(pattern.re, func(m []string) bool {
			year, month, day, ok := dateParts(m, pattern.y, pattern.m, pattern.d)
			if !ok {
				return false
			}
			if len(m[pattern.y]) == 2 {
				born, short = centuries(c, today, year, month, day)
				return true
			}
			if d, ok := booking.NewDate(year, time.Month(month), day); ok && plausible(d, today) {
				born = d
			}
			return true
		})
		if found {
			return born, short
		}
	}
	return booking.Date{}, ""
}

// leastDate is how many digits a date has at least: 68 4 1.
const leastDate = 4

// birthOnly is birth where the text has one birth date. Of two different ones neither is taken: which is meant must be asked.
func (p *paper) birthOnly(c *booking.Campaign, today booking.Date) (born booking.Date, short string) {
	born, short = p.birth(c, today)
	for range mostPeople {
		if digits(p.text) < leastDate {
			break
		}
		again, other := p.birth(c, today)
		switch {
		case again.IsZero() && other == "":
			return born, short
		case again != born || other != short:
			return booking.Date{}, ""
		}
	}
	return born, short
}

// number reads digits; 0 when it cannot.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func dateParts(m []string, y, month, d int) (year, mon, day int, ok bool) {
	year = number(m[y])
	switch {
	case month > 0:
		return year, number(m[month]), number(m[d]), true
	case month < 0:
		mon = monthNamed(m[-month])
		return year, mon, number(m[d]), mon > 0
	}
	// Day and month in an order that depends on the country: only where one of them can be nothing else.
	a, b := number(m[1]), number(m[2])
	switch {
	case a > 12 || a == b:
		return year, b, a, true
	case b > 12:
		return year, a, b, true
	}
	return year, 0, 0, true // not a date: ask
}

// monthNamed reads an English month name or at least its first three letters; 0 when it is none.
func monthNamed(s string) int {
	s = strings.ToLower(s)
	for m := time.January; m <= time.December; m++ {
		full := strings.ToLower(m.String())
		if strings.HasPrefix(full, s) || s == "sept" && m == time.September {
			return int(m)
		}
	}
	return 0
}

// possibleBirths are the days on which somebody who lives today can be born, by a year of two digits: one or two, the earlier first.
func possibleBirths(today booking.Date, yy, month, day int) []booking.Date {
	var out []booking.Date
	for _, century := range []int{1800, 1900, 2000, 2100} {
		if d, ok := booking.NewDate(century+yy, time.Month(month), day); ok && plausible(d, today) {
			out = append(out, d)
		}
	}
	return out
}

// centuries finds the year of birth from two digits: the century that some cohort of the campaign takes. When two
// centuries are possible and both or neither belong to a cohort, the person is asked; when only one is possible at all,
// there is nothing to ask.
func centuries(c *booking.Campaign, today booking.Date, yy, month, day int) (booking.Date, string) {
	possible := possibleBirths(today, yy, month, day)
	var taken []booking.Date
	for _, d := range possible {
		for i := range c.Cohorts {
			if c.Cohorts[i].Takes(d) {
				taken = append(taken, d)
				break
			}
		}
	}
	switch {
	case len(taken) == 1:
		return taken[0], ""
	case len(possible) == 1:
		return possible[0], ""
	case len(possible) == 0:
		return booking.Date{}, ""
	}
	return booking.Date{}, fmt.Sprintf("%02d%02d%02d", yy, month, day)
}
