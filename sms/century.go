package sms

import (
	"fmt"
	"regexp"
	"strconv"

	"jari/booking"
)

var (
	decade   = regexp.MustCompile(`(\d{2})00(?: ?년대|s)`)
	fullYear = regexp.MustCompile(`(\d{4}) ?(?:년도|년생|년|생)?`)
	age      = regexp.MustCompile(`(?i)(\d{1,3}) ?(?:세|살|years? old|years?)`)
	saidSpan = regexp.MustCompile(`^[ .!]*(` + saidNumber + `) ?(년대|년도|년생|년|생|세|살|)(?:이요|요|이에요|예요|입니다)?[ .!]*$`)
)

// years are those that the two digits can mean whose century is open; nil where none is.
func (s State) years(today booking.Date) []int {
	if s.Born != "" || len(s.Short) != len("YYMMDD") {
		return nil
	}
	var out []int
	for _, d := range possibleBirths(today, number(s.Short[:2]), number(s.Short[2:4]), number(s.Short[4:])) {
		out = append(out, d.Year)
	}
	return out
}

// century completes YYMMDD with a year in full ("1912"), a century ("1900년대", "1900s"), or the person's age, also in words. Whatever does not
// lead to one day is no answer; whoever writes both years back asks, and does not answer.
func (p *paper) century(short string, today booking.Date) (only booking.Date) {
	if len(short) != 6 {
		return booking.Date{}
	}
	if m := saidSpan.FindStringSubmatch(p.text); m != nil {
		if n, ok := numberSaid(m[1]); ok {
			p.text = strconv.Itoa(n) + m[2]
		}
	}
	yy, err := strconv.Atoi(short[:2])
	if err != nil {
		return booking.Date{}
	}
	var born booking.Date
	complete := func(year int) bool {
		d, err := booking.ParseDate(fmt.Sprintf("%04d-%s-%s", year, short[2:4], short[4:6]))
		if err != nil || !plausible(d, today) {
			return false
		}
		born = d
		return true
	}
	for _, way := range []struct {
		re   *regexp.Regexp
		year func(n int) int
	}{
		{decade, func(n int) int { return n*100 + yy }},
		{age, func(n int) int { return yearAtAge(yy, n, today) }},
		{fullYear, func(n int) int { return n }},
	} {
		said := func(m []string) bool {
			n, err := strconv.Atoi(m[1])
			year := way.year(n)
			return err == nil && year%100 == yy && complete(year)
		}
		for p.take(way.re, said) {
			if !only.IsZero() && born != only {
				return booking.Date{}
			}
			only = born
		}
	}
	return only
}

// yearAtAge is the year ending in yy in which somebody of this age was born, as people count: up to two years more than the calendar says (Korean
// age). 0 when there is none.
func yearAtAge(yy, years int, today booking.Date) int {
	for year := today.Year - today.Year%100 + yy - 200; year <= today.Year; year += 100 {
		if d := today.Year - year; years >= d-1 && years <= d+2 {
			return year
		}
	}
	return 0
}
