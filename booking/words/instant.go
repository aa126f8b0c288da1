package words

import (
	"fmt"
	"time"

	"jari/booking"
)

// Instant writes an instant in full, as people say it: 2021년 7월 19일 오후 8시. Noon and midnight can be nothing else.
func Instant(lang booking.Lang, t time.Time) string {
	if lang != booking.Korean {
		return t.Format("15:04 on Monday, 2 January 2006")
	}
	day := fmt.Sprintf("%d년 %d월 %d일 ", t.Year(), t.Month(), t.Day())
	half, hour := koHour(t)
	switch {
	case t.Minute() > 0:
		return day + fmt.Sprintf("%s %d시 %d분", half, hour, t.Minute())
	case t.Hour() == 0:
		return day + "0시(자정)"
	}
	return day + fmt.Sprintf("%s %d시", half, hour)
}
