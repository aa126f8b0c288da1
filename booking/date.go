package booking

import (
	"errors"
	"fmt"
	"time"
)

// Date is a calendar day without a time zone: a birth date is the same day everywhere.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate is returned for a text that is not a day of the calendar.
var ErrDate = errors.New("not a day of the calendar (YYYY-MM-DD)")

// ParseDate accepts exactly "YYYY-MM-DD" and only days that exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || len(s) != len(time.DateOnly) {
		return Date{}, ErrDate
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// NewDate makes a day and reports false when the calendar does not have it.
func NewDate(year int, month time.Month, day int) (Date, bool) {
	d := Date{year, month, day}
	return d, d.Add(0) == d
}

// DateOf is the day of an instant in a time zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// String writes the day as 1968-04-12. By hand: it is part of every identity, and fmt costs more than the keyed hash.
func (d Date) String() string {
	if d.Year < 0 || d.Year > 9999 || d.Month < 0 || d.Month > 99 || d.Day < 0 || d.Day > 99 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
	}
	two := func(n int) (byte, byte) { return byte('0' + n/10), byte('0' + n%10) }
	b := []byte("0000-00-00")
	b[0], b[1] = two(d.Year / 100)
	b[2], b[3] = two(d.Year % 100)
	b[5], b[6] = two(int(d.Month))
	b[8], b[9] = two(d.Day)
	return string(b)
}

// IsZero reports whether no day was given.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is negative when d is an earlier day than o.
func (d Date) Compare(o Date) int { return d.number() - o.number() }

// Before reports whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

func (d Date) number() int { return d.Year*10000 + int(d.Month)*100 + d.Day }

// In is the day's midnight in a zone.
func (d Date) In(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// UTC is the day's midnight in UTC: in it every day has 24 hours, so that days can be counted.
func (d Date) UTC() time.Time { return d.In(time.UTC) }

// Add is the day so many days later.
func (d Date) Add(days int) Date { return DateOf(d.UTC().AddDate(0, 0, days), time.UTC) }

// Since is how many days d is later than o.
func (d Date) Since(o Date) int { return int((d.UTC().Unix() - o.UTC().Unix()) / secondsADay) }
