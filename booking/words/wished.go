package words

import (
	"fmt"
	"strings"
	"time"

	"jari/booking"
)

// Wished writes wishes down in few words: which days, when, and where. "" when nothing is wished for.
func Wished(c *booking.Campaign, lang booking.Lang, w booking.Wishes) string {
	korean := lang == booking.Korean
	var parts []string
	if days := wishedDays(w.Weekdays, korean); days != "" {
		parts = append(parts, days)
	}
	if times := wishedTimes(w.Times, korean); times != "" {
		parts = append(parts, times)
	}
	if dates := wishedDates(w.NotBefore, w.NotAfter, korean); dates != "" {
		parts = append(parts, dates)
	}
	if place := wishedPlace(c, lang, w); place != "" {
		parts = append(parts, place)
	}
	return strings.Join(parts, ", ")
}

var (
	koDays = [...]string{"일", "월", "화", "수", "목", "금", "토"}
	enDays = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

func wishedDays(days []time.Weekday, korean bool) string {
	var names []string
	for _, d := range days {
		if korean {
			names = append(names, koDays[d])
		} else {
			names = append(names, enDays[d])
		}
	}
	if korean && len(names) > 0 {
		return strings.Join(names, "·") + "요일"
	}
	return strings.Join(names, ", ")
}

const noon, midnight = 12 * 60, 24 * 60

func wishedTimes(times []booking.DayTime, korean bool) string {
	names := make([]string, len(times))
	for i, t := range times {
		switch {
		case t == booking.DayTime{From: 0, To: noon}:
			names[i] = in(korean, "오전", "mornings")
		case t == booking.DayTime{From: noon, To: midnight}:
			names[i] = in(korean, "오후", "afternoons")
		case t.From == 0:
			names[i] = in(korean, wishedClock(t.To, korean)+" 전", "before "+wishedClock(t.To, korean))
		case t.To == midnight:
			names[i] = in(korean, wishedClock(t.From, korean)+" 이후", "from "+wishedClock(t.From, korean))
		default:
			names[i] = wishedClock(t.From, korean) + "-" + wishedClock(t.To, korean)
		}
	}
	return strings.Join(names, in(korean, " 또는 ", " or "))
}

// wishedClock writes a time of day so that it cannot be mistaken for one twelve hours away.
func wishedClock(minute int, korean bool) string {
	t := time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC)
	if korean {
		half, hour := koHour(t)
		if t.Minute() == 0 {
			return fmt.Sprintf("%s%d시", half, hour)
		}
		return fmt.Sprintf("%s%d:%02d", half, hour, t.Minute())
	}
	switch {
	case minute == noon:
		return "noon"
	case t.Minute() == 0:
		return t.Format("3pm")
	}
	return t.Format("3:04pm")
}

func wishedDates(from, to booking.Date, korean bool) string {
	day := func(d booking.Date) string {
		if korean {
			return fmt.Sprintf("%d월%d일", d.Month, d.Day)
		}
		return fmt.Sprintf("%d %s", d.Day, d.Month.String()[:3])
	}
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case from == to:
		return day(from)
	case to.IsZero():
		return in(korean, day(from)+"부터", "from "+day(from))
	case from.IsZero():
		return in(korean, day(to)+"까지", "until "+day(to))
	}
	return day(from) + "-" + day(to)
}

func wishedPlace(c *booking.Campaign, lang booking.Lang, w booking.Wishes) string {
	korean := lang == booking.Korean
	switch {
	case w.MaxKm > 0:
		return in(korean, fmt.Sprintf("%dkm 안", w.MaxKm), fmt.Sprintf("within %d km", w.MaxKm))
	case len(w.Sites) == 0:
		return ""
	}
	name := w.Sites[0]
	if site, ok := c.Site(w.Sites[0]); ok {
		name = site.Names.In(lang)
	}
	if more := len(w.Sites) - 1; more > 0 {
		name += in(korean, fmt.Sprintf(" 외 %d곳", more), fmt.Sprintf(" and %d more", more))
	}
	return name
}

func in(korean bool, ko, en string) string {
	if korean {
		return ko
	}
	return en
}
