package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// dateValues are the gaps of days and hours. Those with 00 in their name have two digits always.
var dateValues = map[string]value{
	"year":         {of: func(f *filling) string { return strconv.Itoa(f.moment.Year()) }},
	"month":        {of: func(f *filling) string { return strconv.Itoa(int(f.moment.Month())) }},
	"month_name":   {of: func(f *filling) string { return f.language.months[f.moment.Month()-1] }},
	"month_full":   {of: func(f *filling) string { return f.language.monthsFull[f.moment.Month()-1] }},
	"day":          {of: func(f *filling) string { return strconv.Itoa(f.moment.Day()) }},
	"weekday":      {of: func(f *filling) string { return f.language.weekdays[f.moment.Weekday()] }},
	"weekday_full": {of: func(f *filling) string { return f.language.weekdaysFull[f.moment.Weekday()] }},
	"hour":         {of: func(f *filling) string { return strconv.Itoa(hourOfHalf(f.moment)) }},
	"hour24":       {of: func(f *filling) string { return strconv.Itoa(f.moment.Hour()) }},
	"hour00":       {of: func(f *filling) string { return twoDigits(f.moment.Hour()) }},
	"minute":       {of: func(f *filling) string { return strconv.Itoa(f.moment.Minute()) }},
	"minute00":     {of: func(f *filling) string { return twoDigits(f.moment.Minute()) }},
	"second":       {of: func(f *filling) string { return strconv.Itoa(f.moment.Second()) }},
	"second00":     {of: func(f *filling) string { return twoDigits(f.moment.Second()) }},
}

func hourOfHalf(t time.Time) int {
	if h := t.Hour(); h > 12 {
		return h - 12
	}
	return t.Hour()
}

func twoDigits(n int) string { return fmt.Sprintf("%02d", n) }

// when writes a day and time for a text: 7월27일(화) 오후2:30; "" for no time.
func (l *language) when(t time.Time) string { return l.dateOr("when.appointment", t) }

func (l *language) dateOr(id string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.date(id, t)
}

// dayOr writes a day without a time; "" for none.
func (l *language) dayOr(id string, d booking.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.date(id, d.UTC())
}

func (l *language) date(id string, t time.Time) string {
	return (&filling{language: l, moment: t}).say(id)
}

// instant writes an instant in full, as people say it: 2021년 7월 19일 오후 8시.
func (l *language) instant(t time.Time) string {
	switch {
	case t.Minute() > 0:
		return l.date("when.full_minutes", t)
	case t.Hour() == 0:
		return l.date("when.full_midnight", t)
	}
	return l.date("when.full_hour", t)
}

// grouped writes a number in groups of three digits, as the language parts them.
func (l *language) grouped(n int64) string {
	if l.groupedBy == "," {
		return Grouped(n)
	}
	return strings.ReplaceAll(Grouped(n), ",", l.groupedBy)
}

// nth writes one of a row: its own word where the catalogue has one, otherwise by the rule for all.
func (l *language) nth(n int64) string {
	if word := l.ordinals[n]; word != "" {
		return word
	}
	return strings.ReplaceAll(l.ordinals[0], "{n}", l.grouped(n))
}

// missing names what an application lacks, and puts an example of just that together; "" where it would leave something out, which would mislead.
func (l *language) missing(d *Data) (names, example string) {
	var asked []string
	for _, m := range d.Missing {
		if known(m) {
			asked = append(asked, m)
		}
	}
	var parts []string
	for i, m := range asked {
		switch {
		case i == len(asked)-1 && i > 0:
			names += l.betweenLast + l.missingLast[m]
		case i == len(asked)-1:
			names += l.missingLast[m]
		case i > 0:
			names += l.between + l.missingWords[m]
		default:
			names += l.missingWords[m]
		}
		sample := l.samples[m]
		switch {
		case m == MissingRegion:
			sample = d.Sample
		case m == MissingCentury && len(d.Years) == 2: // another person's year would not help
			sample = yearOf(d, 0) + "/" + yearOf(d, 1)
		}
		if sample != "" {
			parts = append(parts, sample)
		}
	}
	if len(parts) < len(asked) {
		return names, ""
	}
	return names, strings.Join(parts, " ")
}
