package words

import (
	"time"

	"jari/booking"
)

// Instant writes an instant in full, as people say it: 2021년 7월 19일 오후 8시. Noon and midnight can be nothing else. A language without
// words is told in English.
func Instant(lang booking.Lang, t time.Time) string {
	l := embedded().languages[lang]
	if l == nil {
		l = embedded().languages[booking.English]
	}
	return l.instant(t)
}
