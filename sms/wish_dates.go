package sms

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"jari/booking"
)

// A day or a span of days as people speak of it, and what stands behind or before it.
const (
	koFrom = `부터|이후로|이후에|이후|지나서|넘어서|후에|후로|후|~`
	koTo   = `까지|이전에|이전|전에|전까지|전|안으로|안에|이내에|이내`
	koEdge = `(?: ?(` + koFrom + `|` + koTo + `))?`
	enEdge = `(?:\b(from|starting|since|after|not before|until|till|before|by|up to) (?:the )?)?`
	months = `jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?`
)

var (
	upTo     = regexp.MustCompile(`^(?:` + koTo + `|until|till|by|up to)$`)
	weekDay  = regexp.MustCompile(`(이번|다음|다다음|담) ?주 ?([월화수목금토일])요일` + koEdge)
	week     = regexp.MustCompile(`(이번|다음|다다음|담) ?주(?:중|내)?` + koEdge)
	month    = regexp.MustCompile(`(이번|다음|다다음|담) ?달` + koEdge)
	nearDay  = regexp.MustCompile(`(오늘|내일|모레|내일모레|글피)` + koEdge)
	fullDay  = regexp.MustCompile(`(\d{1,2}) ?월 ?(\d{1,2}) ?일?` + koEdge)
	slashDay = regexp.MustCompile(`(\d{1,2})/(\d{1,2})` + koEdge)
	monthNo  = regexp.MustCompile(`(\d{1,2}) ?월(?: ?(초|중순|말))?` + koEdge)
	dayNo    = regexp.MustCompile(`()(\d{1,2}) ?일` + koEdge)
	dayFrom  = regexp.MustCompile(`([월화수목금토일])요일 ?(부터|이후|~)(?:$|[^월화수목금토일])`)

	weekE    = regexp.MustCompile(enEdge + `(?:\b(?:in|the) )?\b(this week|next week|week after next)\b`)
	weekDayE = regexp.MustCompile(enEdge + `(?:\b(?:on) )?\b(this|next) (mon|tue|wed|thu|fri|sat|sun)[a-z]*\b`)
	monthE   = regexp.MustCompile(enEdge + `(?:\b(?:in|the) )?\b(this month|next month)\b`)
	nearE    = regexp.MustCompile(enEdge + `\b(today|tomorrow|day after tomorrow)\b`)
	dayOfE   = regexp.MustCompile(enEdge + `\b(\d{1,2})(?:st|nd|rd|th)? (?:of )?(` + months + `)\b`)
	monthDay = regexp.MustCompile(enEdge + `\b(` + months + `) (\d{1,2})(?:st|nd|rd|th)?\b`)
	monthOfE = regexp.MustCompile(enEdge + `(?:\bin )?\b(` + months + `)\b`)
)

func (p *wishing) dates() {
	weekStart := func(which string) booking.Date {
		ahead := map[string]int{"이번": 0, "다음": 7, "담": 7, "다다음": 14, "this week": 0, "next week": 7, "week after next": 14}[which]
		return p.today.Add(ahead - (int(weekdayOf(p.today))+6)%7)
	}
	monthSpan := func(which string) (from, to booking.Date) {
		ahead := map[string]int{"이번": 0, "다음": 1, "담": 1, "다다음": 2, "this month": 0, "next month": 1}[which]
		first := time.Date(p.today.Year, p.today.Month+time.Month(ahead), 1, 0, 0, 0, 0, time.UTC)
		return dateOf(first), dateOf(first.AddDate(0, 1, -1))
	}
	near := func(which string) booking.Date {
		ahead := map[string]int{"오늘": 0, "내일": 1, "모레": 2, "내일모레": 2, "글피": 3, "today": 0, "tomorrow": 1, "day after tomorrow": 2}[which]
		return p.today.Add(ahead)
	}
	p.every(weekDay, func(m []string) bool {
		d := weekStart(m[1]).Add((int(koWeekday(m[2])) + 6) % 7)
		return p.span(d, d, m[3])
	})
	p.every(week, func(m []string) bool { d := weekStart(m[1]); return p.span(d, d.Add(6), m[2]) })
	p.every(month, func(m []string) bool { from, to := monthSpan(m[1]); return p.span(from, to, m[2]) })
	p.every(nearDay, func(m []string) bool { d := near(m[1]); return p.span(d, d, m[2]) })
	p.every(fullDay, func(m []string) bool { return p.numbered(m[1], m[2], m[3]) })
	p.every(slashDay, func(m []string) bool { return p.numbered(m[1], m[2], m[3]) })
	p.every(monthNo, func(m []string) bool { return p.inMonth(number(m[1]), m[2], m[3]) })
	p.every(dayNo, func(m []string) bool { return p.numbered(m[1], m[2], m[3]) })
	p.every(dayFrom, func(m []string) bool {
		d := p.today.Add((int(koWeekday(m[1])) - int(weekdayOf(p.today)) + 7) % 7)
		return p.span(d, d, m[2])
	})
	p.every(weekDayE, func(m []string) bool { // which is meant, people do not agree on: it is read back with its date
		d := weekStart(m[2] + " week").Add((int(enWeekday(m[3])) + 6) % 7)
		return p.span(d, d, m[1])
	})
	p.every(weekE, func(m []string) bool { d := weekStart(m[2]); return p.span(d, d.Add(6), m[1]) })
	p.every(monthE, func(m []string) bool { from, to := monthSpan(m[2]); return p.span(from, to, m[1]) })
	p.every(nearE, func(m []string) bool { d := near(m[2]); return p.span(d, d, m[1]) })
	p.every(dayOfE, func(m []string) bool { return p.numbered(strconv.Itoa(monthNamed(m[3])), m[2], m[1]) })
	p.every(monthDay, func(m []string) bool { return p.numbered(strconv.Itoa(monthNamed(m[2])), m[3], m[1]) })
	p.every(monthOfE, func(m []string) bool {
		if m[1] == "" && !strings.Contains(m[0], "in ") {
			return false // May is a name, and march a word
		}
		return p.inMonth(monthNamed(m[2]), "", m[1])
	})
}

func weekdayOf(d booking.Date) time.Weekday { return d.UTC().Weekday() }

func dateOf(t time.Time) booking.Date { return booking.DateOf(t, time.UTC) }

// numbered is a day of a month, the next one that comes. Without a month it is one of this month or the next.
func (p *wishing) numbered(month, day, edge string) bool {
	year, m, known := p.today.Year, time.Month(number(month)), month != ""
	if !known {
		m = p.today.Month
	}
	d, ok := booking.NewDate(year, m, number(day))
	if ok && d.Before(p.today) {
		if known {
			d, ok = booking.NewDate(year+1, m, number(day))
		} else {
			next := time.Date(year, m+1, 1, 0, 0, 0, 0, time.UTC)
			d, ok = booking.NewDate(next.Year(), next.Month(), number(day))
		}
	}
	if !ok {
		p.conflict = true
		return true
	}
	return p.span(d, d, edge)
}

// inMonth is a month, or its beginning, middle or end.
func (p *wishing) inMonth(month int, part, edge string) bool {
	if month < 1 || month > 12 {
		p.conflict = true
		return true
	}
	year := p.today.Year
	if time.Month(month) < p.today.Month {
		year++
	}
	from := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	to := from.AddDate(0, 1, -1)
	switch part {
	case "초":
		to = from.AddDate(0, 0, 9)
	case "중순":
		from, to = from.AddDate(0, 0, 10), from.AddDate(0, 0, 19)
	case "말":
		from = from.AddDate(0, 0, 20)
	}
	return p.span(dateOf(from), dateOf(to), edge)
}

// span narrows the days to a span, or to what is from its beginning on or up to its end. What "after" and "before" name is left out.
func (p *wishing) span(from, to booking.Date, edge string) bool {
	switch {
	case edge == "after":
		p.said.NotBefore = to.Add(1)
	case edge == "before":
		p.said.NotAfter = from.Add(-1)
	case edge == "" && p.said.NotBefore.IsZero() && p.said.NotAfter.IsZero():
		p.said.NotBefore, p.said.NotAfter = from, to
	case edge == "": // the end of "3일 ~ 5일"
		p.said.NotAfter = to
	case strings.HasPrefix(edge, "지나") || strings.HasPrefix(edge, "넘어"):
		p.said.NotBefore = to.Add(1)
	case upTo.MatchString(edge):
		p.said.NotAfter = to
	default:
		p.said.NotBefore = from
	}
	return true
}
