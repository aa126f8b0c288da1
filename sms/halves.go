package sms

import (
	"fmt"
	"regexp"
	"strings"

	"jari/booking"
)

// Old people say their birth date as they are used to: the year in one text, month and day in the next.
var (
	yearAlone     = regexp.MustCompile(`(\d{4}|\d{2}) ?(?:년생|년)|((?:19|20)\d{2})`)
	monthDaySaid  = regexp.MustCompile(`(` + saidNumber + `)월 ?(` + saidNumber + `)일`)
	monthDayAlone = regexp.MustCompile(`(\d{1,2}) ?월 ?(\d{1,2}) ?일?(?:생)?`)
)

// half is one half of a birth date in a text that has no whole one, and the whole one where the other half was said before.
func (p *paper) half(c *booking.Campaign, before string, today booking.Date) (half string, born booking.Date, short string) {
	if m := monthDaySaid.FindStringSubmatch(p.text); m != nil {
		if month, ok := numberSaid(m[1]); ok {
			if date, ok := numberSaid(m[2]); ok {
				p.text = strings.Replace(p.text, m[0], fmt.Sprintf("%d월 %d일", month, date), 1)
			}
		}
	}
	year, day := "", ""
	switch {
	case p.take(yearAlone, func(m []string) bool { year = m[1] + m[2] + "년"; return true }):
		half, day = year, before
	case p.take(monthDayAlone, func(m []string) bool { day = m[1] + "월" + m[2] + "일"; return true }):
		half, year = day, before
	default:
		return "", booking.Date{}, ""
	}
	if born, short = (&paper{text: year + day}).birth(c, today); born.IsZero() && short == "" {
		return half, booking.Date{}, ""
	}
	return "", born, short
}
