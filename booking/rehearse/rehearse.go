// Package rehearse looks at a campaign before it opens: who may apply when, and whether that is what was announced;
// whether seats and doses are enough; whether second doses fit; whether everybody can be told in time; what the identity rule
// cannot tell apart. It is pure: the campaign and the day go in, a Report comes out.
//
// Start with Check. What the campaign answers is asked of booking.Eligible, which is what production uses; what it ought
// to answer is what the campaign says was announced.
package rehearse

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"jari/booking"
	"jari/booking/campaignfile"
)

// Severity says how much a finding matters.
type Severity int

const (
	// Note is worth knowing.
	Note Severity = iota
	// Warning is for somebody to look at: it may be meant.
	Warning
	// Error is wrong: people would be turned away, or told too late.
	Error
)

// String is the word that stands before a finding.
func (s Severity) String() string { return [...]string{"note", "look", "WRONG"}[s] }

// Finding is one thing that somebody should know before the opening.
type Finding struct {
	Severity Severity
	Line     int // of the campaign file; 0: none
	Text     string
}

// Report is what a rehearsal found.
type Report struct {
	Campaign *booking.Campaign
	Groups   []Group  // who may apply when
	Supply   Supply   // seats against people
	Messages Messages // texts and calls against time
	Identity []string // what the identity rule cannot tell apart, in words
	Findings []Finding
	lines    campaignfile.Lines
	cal      calendar
}

// Errors counts the findings that are wrong.
func (r *Report) Errors() int { return r.count(Error) }

func (r *Report) count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

func (r *Report) find(s Severity, line int, format string, args ...any) {
	r.Findings = append(r.Findings, Finding{s, line, fmt.Sprintf(format, args...)})
}

// worstFirst puts errors before warnings before notes, each in the order in which they were found.
func (r *Report) worstFirst() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
}

// Check rehearses everything. Any of the lines may be missing; then findings name none. today is the last birth date that is
// tried.
func Check(c *booking.Campaign, lines campaignfile.Lines, today booking.Date) *Report {
	r := Eligibility(c, lines, today)
	r.supply()
	r.messages()
	r.spoken()
	r.Identity = identity(c)
	r.worstFirst()
	return r
}

// Eligibility rehearses only who may apply when, and compares it with what was announced. It is what applying a campaign
// checks first.
func Eligibility(c *booking.Campaign, lines campaignfile.Lines, today booking.Date) *Report {
	r := &Report{Campaign: c, lines: lines}
	t := newTimetable(c, today)
	r.Groups = t.groups()
	r.promises(t)
	r.gaps()
	r.overlaps(t)
	r.worstFirst()
	return r
}

func lineOf(lines []int, i int) int {
	if i < 0 || i >= len(lines) {
		return 0
	}
	return lines[i]
}

// on names a line in brackets, or nothing.
func on(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
}

const minute = "2006-01-02 15:04"

// clock writes an instant as people of the campaign's zone read it, with seconds only where there are some.
func clock(c *booking.Campaign, t time.Time) string {
	t = t.In(c.Zone)
	if t.Second() != 0 {
		return t.Format(time.DateTime)
	}
	return t.Format(minute)
}

// long writes a length of time in days, hours and minutes: "6 h", "1 d 3 h", "10 min".
func long(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.d; n > 0 {
			parts, d = append(parts, fmt.Sprintf("%d %s", n, u.name)), d%u.d
		}
	}
	if len(parts) == 0 {
		return "no time"
	}
	return strings.Join(parts[:min(2, len(parts))], " ")
}

// many writes a number with the thing counted: "1 slot", "2,000 slots".
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + more
}

// count writes a number with commas between the thousands.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
