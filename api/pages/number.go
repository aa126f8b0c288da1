package pages

import (
	"strconv"
	"strings"
	"time"

	"jari/booking/words"
	"jari/mobile-contract/contract"
)

// mostDigits bounds what is read as a number: no queue of a nation has more.
const mostDigits = 12

// readNumber reads a number as people write it: "34,120", "34120번", "No. 34 120", in half or full width. It is 0 for anything else.
func readNumber(s string) int64 {
	var digits strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r >= '０' && r <= '９':
			digits.WriteRune(r - '０' + '0')
		case r == '-' || r == '/': // a date, or no number of ours
			return 0
		}
	}
	if digits.Len() > mostDigits {
		return 0
	}
	n, err := strconv.ParseInt(digits.String(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// beforeView answers "how many before me".
type beforeView struct {
	Typed   string // as it was typed
	Wrong   string // why nothing can be said to that
	Heading string
	Lines   []string
}

// beforeOf says how many stand before a number, from the queue's count.
func beforeOf(t *texts, d contract.QueueDocument, typed, phone string) *beforeView {
	v := &beforeView{Typed: typed}
	n := readNumber(typed)
	switch {
	case n <= 0:
		v.Wrong = t.NumberUnreadable
	case n > d.SealedTo:
		v.Wrong = sprintf(t.NumberNotOut, words.Grouped(n), words.Grouped(d.SealedTo))
		if d.SealedTo == 0 {
			v.Wrong = t.NoNumberOut
		}
	case n <= d.ServedTo:
		v.Heading = sprintf(t.NumberHeading, words.Grouped(n))
		v.Lines = []string{t.NumberServed, sprintf(t.AskBy, phone)}
	default:
		v.Heading = sprintf(t.BeforeHeading, words.Grouped(n))
		v.Lines = waitingLines(t, d, n)
	}
	return v
}

func waitingLines(t *texts, d contract.QueueDocument, n int64) []string {
	low, high := contract.Before(d, n, false)
	var lines []string
	switch {
	case high == 0:
		lines = append(lines, t.BeforeNobody)
	case low == high:
		lines = append(lines, sprintf(t.BeforeExactly[unitForm(low)], words.Grouped(low)))
	default:
		lines = append(lines, sprintf(t.BeforeBetween, words.Grouped(low), words.Grouped(high)))
	}
	lines = append(lines, waitLine(t, contract.Wait(d, n, false)))
	switch {
	case d.AssuredTo == nil:
	case n <= *d.AssuredTo:
		lines = append(lines, t.NumberAssured)
	default:
		lines = append(lines, t.NumberNotAssured)
	}
	if d.Late > 0 && low > 0 {
		lines = append(lines, t.NumberMayBeLate)
	}
	return append(lines, t.BeforeCaution)
}

func waitLine(t *texts, s contract.Span) string {
	switch {
	case !s.Known:
		return t.WaitUnknown
	case s.Open:
		return sprintf(t.WaitOpen, t.span(s.Low))
	case s.High <= time.Minute:
		return t.WaitSoon
	}
	return sprintf(t.WaitBetween, t.span(s.Low), t.span(s.High))
}

// span writes a length of time in the largest two of days, hours and minutes.
func (t *texts) span(d time.Duration) string {
	minutes := int64(d / time.Minute)
	days, hours, rest := minutes/(24*60), minutes/60%24, minutes%60
	switch {
	case days > 0:
		return t.units(part{days, t.Days}, part{hours, t.Hours})
	case hours > 0:
		return t.units(part{hours, t.Hours}, part{rest, t.Minutes})
	}
	return sprintf(t.Minutes[unitForm(rest)], words.Grouped(rest))
}

// part is so many of a unit, which has a form for one and another for more.
type part struct {
	n    int64
	unit [2]string
}

func unitForm(n int64) int {
	if n == 1 {
		return 0
	}
	return 1
}

func (*texts) units(parts ...part) string {
	var said []string
	for _, p := range parts {
		if p.n > 0 {
			said = append(said, sprintf(p.unit[unitForm(p.n)], words.Grouped(p.n)))
		}
	}
	return strings.Join(said, " ")
}
